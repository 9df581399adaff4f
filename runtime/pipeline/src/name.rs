use std::{fmt, sync::Arc};

/// The name of a plugin: the stem of its file. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PluginName(Arc<str>);

/// Why a text is no plugin name.
#[derive(Debug, thiserror::Error)]
#[error(
    "{text:?} is no plugin name: use 1 to {} characters of a-z, A-Z, 0-9, '-', '_' and '.', the first a letter or digit",
    PluginName::MAX_LEN
)]
pub struct InvalidName {
    text: String,
}

impl PluginName {
    /// Bytes in a name, at most.
    pub const MAX_LEN: usize = 64;

    /// Names stand in labels, file names and log lines, so they are kept plain.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let valid = (1..=Self::MAX_LEN).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(plain);
        if valid { Ok(Self(text.into())) } else { Err(InvalidName { text: text.to_owned() }) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PluginName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::PluginName;

    #[test]
    fn plain_names_only() {
        for name in ["top-talkers", "a", "0.1_x"] {
            assert_eq!(PluginName::new(name).unwrap().as_str(), name);
        }
        for name in ["", "-a", ".hidden", "a b", "a/b", "ä", &"x".repeat(65)] {
            assert!(PluginName::new(name).is_err(), "{name:?}");
        }
    }
}
