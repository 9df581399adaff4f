use std::{collections::BTreeSet, fmt};

use super::Capability;

/// The capabilities that a plugin is granted. Others are not linked, and a plugin that imports one
/// of them is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grants(BTreeSet<Capability>);

impl Grants {
    pub fn has(&self, capability: Capability) -> bool {
        self.0.contains(&capability)
    }

    pub fn iter(&self) -> impl Iterator<Item = Capability> + '_ {
        self.0.iter().copied()
    }

    /// These and `more`.
    pub fn with(&self, more: impl IntoIterator<Item = Capability>) -> Self {
        self.iter().chain(more).collect()
    }
}

impl Default for Grants {
    /// The harmless ones: all but those by which something stays behind on the host.
    fn default() -> Self {
        Capability::ALL.into_iter().filter(|capability| capability.is_harmless()).collect()
    }
}

impl FromIterator<Capability> for Grants {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        Self(capabilities.into_iter().collect())
    }
}

impl fmt::Display for Grants {
    /// As the line of the configuration.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Capability::name).collect();
        write!(f, "grants = {names:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_harmless_and_reads_as_a_line_of_the_configuration() {
        let line = r#"grants = ["log", "clock", "interfaces", "metrics", "events", "random"]"#;
        assert_eq!(Grants::default().to_string(), line);
        let more = Grants::default().with([Capability::Kv]);
        assert!(more.has(Capability::Kv) && !Grants::default().has(Capability::Kv));
    }
}
