use std::{fmt, str::FromStr};

use ringtap_document::{Expected, nearest};

/// What a plugin is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    Rust,
    C,
    Cpp,
    Go,
    Js,
    Ts,
    Python,
    Zig,
}

/// Where an SDK is among ours, and the template of a language in it.
pub(crate) struct Place {
    /// Below `sdk/`.
    pub(crate) sdk: &'static str,
    /// Below that.
    pub(crate) template: &'static str,
}

impl Language {
    pub const ALL: [Self; 8] =
        [Self::Rust, Self::C, Self::Cpp, Self::Go, Self::Js, Self::Ts, Self::Python, Self::Zig];

    /// As in `--lang` and in `plugin.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::C => "c",
            Self::Cpp => "cpp",
            Self::Go => "go",
            Self::Js => "js",
            Self::Ts => "ts",
            Self::Python => "python",
            Self::Zig => "zig",
        }
    }

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::C => "C",
            Self::Cpp => "C++",
            Self::Go => "Go",
            Self::Js => "JavaScript",
            Self::Ts => "TypeScript",
            Self::Python => "Python",
            Self::Zig => "Zig",
        }
    }

    /// Whether its world has to be told before it is built, since nothing that is linked tells it.
    pub(crate) fn is_script(self) -> bool {
        matches!(self, Self::Js | Self::Ts | Self::Python)
    }

    pub(crate) fn place(self) -> Place {
        let (sdk, template) = match self {
            Self::Rust => ("rust", "template"),
            Self::C => ("c", "template"),
            Self::Cpp => ("c", "template-cpp"),
            Self::Zig => ("c", "template-zig"),
            Self::Go => ("go", "template"),
            Self::Js => ("js", "template"),
            Self::Ts => ("js", "template-ts"),
            Self::Python => ("python", "template"),
        };
        Place { sdk, template }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Language {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        let names = Self::ALL.map(Self::name);
        let found = Self::ALL.into_iter().find(|language| language.name() == text);
        found.ok_or_else(|| {
            let hint = nearest(text, &names).filter(|_| text.len() > 1);
            let hint = hint.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
            Expected(format!("one of {}{hint}", names.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_known_by_their_names() {
        for language in Language::ALL {
            assert_eq!(language.name().parse(), Ok(language));
        }
        let refusal = |text: &str| text.parse::<Language>().unwrap_err().0;
        let all = "one of rust, c, cpp, go, js, ts, python, zig";
        assert_eq!(refusal("pyton"), format!("{all}; did you mean \"python\"?"));
        assert_eq!(refusal("cobol"), all);
        assert_eq!(refusal(""), all);
    }
}
