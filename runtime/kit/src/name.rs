use std::{fmt, str::FromStr};

/// The name of a plugin that is built: `NAME.wasm`, and where a template wants its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectName(String);

/// Why a text is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no name for a plugin: use 1 to {max} characters of a-z, 0-9 and '-', the first a \
     letter and the last none of '-'",
    max = ProjectName::MAX_LEN
)]
pub struct InvalidName(String);

impl ProjectName {
    /// Bytes in a name, at most. As many as a host takes.
    pub const MAX_LEN: usize = 64;

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same with `_` for `-`, as in the names of metrics and of functions.
    pub fn identifier(&self) -> String {
        self.0.replace('-', "_")
    }
}

impl FromStr for ProjectName {
    type Err = InvalidName;

    /// Narrower than what a host takes: it also has to be a name of a package in every language.
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let valid = text.len() <= Self::MAX_LEN
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && !text.ends_with('-')
            && text.chars().all(plain);
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidName(text.to_owned())) }
    }
}

impl fmt::Display for ProjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_in_every_language() {
        for text in ["a", "dns-log", "x2", &"x".repeat(64)] {
            assert_eq!(text.parse::<ProjectName>().unwrap().as_str(), text);
        }
        let bad = ["", "-a", "a-", "2x", "Dns", "dns_log", "a/b", "a.b", "ä", &"x".repeat(65)];
        for text in bad {
            assert_eq!(text.parse::<ProjectName>(), Err(InvalidName(text.to_owned())));
        }
        let name: ProjectName = "dns-log-2".parse().unwrap();
        assert_eq!(name.identifier(), "dns_log_2");
        assert_eq!(
            "My plugin".parse::<ProjectName>().unwrap_err().to_string(),
            "\"My plugin\" is no name for a plugin: use 1 to 64 characters of a-z, 0-9 and '-', the \
             first a letter and the last none of '-'"
        );
    }
}
