//! Commands for who writes plugins.

use std::path::PathBuf;

use clap::Args;
use ringtap_kit::{InvalidName, Language, ProjectName};

use crate::config::Expected;

/// Make a plugin project: a small plugin that works, its SDK, and a test
///
/// It is a folder of that name in the current one, and holds all that its build needs but for the
/// language's own tools. docs/plugins.md tells more.
#[derive(Args, Debug)]
pub(crate) struct New {
    /// The plugin's name, and the folder's: a-z, 0-9 and -, the first a letter
    #[arg(value_parser = name)]
    pub name: ProjectName,
    /// What to write it in: rust, c, cpp, go, js, ts, python or zig
    #[arg(long = "lang", value_name = "LANGUAGE", value_parser = language)]
    pub language: Language,
}

/// Build a plugin project's component, NAME.wasm
///
/// plugin.toml in the project's folder says how. Each command is told on stderr before it runs. A
/// component that is there is replaced at once, and only by one that was built whole.
#[derive(Args, Debug)]
pub(crate) struct Build {
    /// The project
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
}

fn name(text: &str) -> Result<ProjectName, InvalidName> {
    text.parse()
}

fn language(text: &str) -> Result<Language, Expected> {
    text.parse()
}
