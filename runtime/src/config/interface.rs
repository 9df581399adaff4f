use std::str::FromStr;

use globset::{Glob, GlobMatcher};

use super::values::{Expected, expected};

/// An interface's name, or a glob such as `veth*`.
#[derive(Clone, Debug)]
pub(crate) struct InterfacePattern(GlobMatcher);

impl InterfacePattern {
    /// IFNAMSIZ of <linux/if.h>, without the NUL.
    const MAX_NAME_LEN: usize = 15;

    /// Whether the interface called `name` is meant.
    pub(crate) fn matches(&self, name: &str) -> bool {
        self.0.is_match(name)
    }

    /// The name, where the pattern can match only that one.
    pub(crate) fn literal(&self) -> Option<&str> {
        let text = self.as_str();
        (!text.contains(['*', '?', '[', ']', '{', '}', '\\'])).then_some(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.glob().glob()
    }
}

impl FromStr for InterfacePattern {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        const WHAT: &str = "an interface's name or a glob such as \"veth*\"";
        if text.is_empty() || text.contains(|c: char| c == '/' || c.is_whitespace()) {
            return expected(WHAT);
        }
        let glob =
            Glob::new(text).map_err(|error| Expected(format!("{WHAT}: {}", error.kind())))?;
        let pattern = Self(glob.compile_matcher());
        match pattern.literal() {
            Some(name) if name.len() > Self::MAX_NAME_LEN => {
                expected(format!("{WHAT}: names have at most {} bytes", Self::MAX_NAME_LEN))
            }
            _ => Ok(pattern),
        }
    }
}

impl PartialEq for InterfacePattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}
