use std::{collections::BTreeMap, fmt};

use ringtap_pipeline::name::PluginName;

use crate::digest::Digest;

/// What a plugin's files are at one moment; equal as long as nothing has to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Content {
        wasm: Digest,
        config: Digest,
    },
    /// The files can't or must not be used, for this reason.
    Unusable(String),
}

/// What has to be done to get from one snapshot to the next. Sorted by name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct PluginDiff {
    pub(crate) added: Vec<PluginName>,
    pub(crate) changed: Vec<PluginName>,
    pub(crate) removed: Vec<PluginName>,
}

impl PluginDiff {
    pub(crate) fn between(
        old: &BTreeMap<PluginName, Version>,
        new: &BTreeMap<PluginName, Version>,
    ) -> Self {
        let mut diff = Self::default();
        for (name, version) in new {
            match old.get(name) {
                None => diff.added.push(name.clone()),
                Some(known) if known != version => diff.changed.push(name.clone()),
                Some(_) => {}
            }
        }
        diff.removed = old.keys().filter(|name| !new.contains_key(*name)).cloned().collect();
        diff
    }
}

/// What came of a change of a plugin's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReloadOutcome {
    /// It runs, and did not before.
    Loaded,
    /// The new version runs in place of the old one.
    Replaced,
    /// It was stopped, since its file went.
    Removed,
    /// The new version was not accepted; the old one runs on.
    KeptOld { reason: String },
    /// The new version failed on trial; the old one runs on, as if there had been no other.
    RolledBack { reason: String },
    /// It was not accepted, and no older version runs.
    Refused { reason: String },
}

impl ReloadOutcome {
    /// Why it was not accepted, if it was not.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::KeptOld { reason } | Self::RolledBack { reason } | Self::Refused { reason } => {
                Some(reason)
            }
            Self::Loaded | Self::Replaced | Self::Removed => None,
        }
    }

    /// The value of the label `outcome`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Loaded => "loaded",
            Self::Replaced => "replaced",
            Self::Removed => "removed",
            Self::KeptOld { .. } => "kept_old",
            Self::RolledBack { .. } => "rolled_back",
            Self::Refused { .. } => "refused",
        }
    }
}

impl fmt::Display for ReloadOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loaded => f.write_str("loaded"),
            Self::Replaced => f.write_str("replaced"),
            Self::Removed => f.write_str("removed"),
            Self::KeptOld { reason } => write!(f, "not accepted, the old one runs on: {reason}"),
            Self::RolledBack { reason } => {
                write!(
                    f,
                    "rolled back to the old version, which has had the same records: {reason}"
                )
            }
            Self::Refused { reason } => write!(f, "refused: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(plugins: &[(&str, &str)]) -> BTreeMap<PluginName, Version> {
        let version = |content: &str| {
            let digest = Digest::of(content.as_bytes());
            Version::Content { wasm: digest, config: Digest::of(b"") }
        };
        let plugins = plugins.iter();
        plugins.map(|(name, content)| (PluginName::new(name).unwrap(), version(content))).collect()
    }

    fn names(names: &[&str]) -> Vec<PluginName> {
        names.iter().map(|name| PluginName::new(name).unwrap()).collect()
    }

    #[test]
    fn a_diff_says_what_to_do_and_nothing_else() {
        let old = snapshot(&[("gone", "1"), ("same", "1"), ("other", "1")]);
        let new = snapshot(&[("same", "1"), ("other", "2"), ("new", "1")]);
        let diff = PluginDiff::between(&old, &new);
        let expected = PluginDiff {
            added: names(&["new"]),
            changed: names(&["other"]),
            removed: names(&["gone"]),
        };
        assert_eq!(diff, expected);
        assert_eq!(PluginDiff::between(&new, &new), PluginDiff::default());
    }

    #[test]
    fn a_changed_config_is_a_change_and_the_same_complaint_is_none() {
        let version = |config: &[u8]| {
            let digest = Digest::of(b"wasm");
            let version = Version::Content { wasm: digest, config: Digest::of(config) };
            BTreeMap::from([(PluginName::new("a").unwrap(), version)])
        };
        let diff = PluginDiff::between(&version(b"1"), &version(b"2"));
        assert_eq!(diff.changed, names(&["a"]));
        let bad = |reason: &str| {
            let version = Version::Unusable(reason.to_owned());
            BTreeMap::from([(PluginName::new("a").unwrap(), version)])
        };
        assert_eq!(PluginDiff::between(&bad("x"), &bad("x")), PluginDiff::default());
        assert_eq!(PluginDiff::between(&bad("x"), &version(b"1")).changed, names(&["a"]));
    }
}
