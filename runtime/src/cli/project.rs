//! Commands for who writes plugins.

use std::{ffi::OsString, path::PathBuf};

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

/// Build plugin projects at each save, and show what comes of it
///
/// Components go into the directory of plugins, with the project's config.toml, if any, as NAME.toml.
/// On that directory runs `ringtap run`, which takes what is new there in place of what was. With
/// --capture, no privileges are needed: the capture is replayed through each build, and what is
/// different in events and metrics is shown. A build that fails changes nothing. Ends on SIGINT or
/// SIGTERM, with all that it started.
#[derive(Args, Debug)]
pub(crate) struct Dev {
    /// The projects [default: the current folder]
    #[arg(value_name = "PROJECT")]
    pub projects: Vec<PathBuf>,
    /// Where builds go [default: build/plugins in the first project]
    #[arg(long, value_name = "DIR")]
    pub plugins: Option<PathBuf>,
    /// Replay this capture through each build, instead of tapping interfaces
    #[arg(long, value_name = "FILE")]
    pub capture: Option<PathBuf>,
    /// Tap this interface, by name or glob; can be repeated
    #[arg(short, long = "interface", value_name = "PATTERN", default_value = "lo")]
    #[arg(conflicts_with = "capture")]
    pub interfaces: Vec<OsString>,
    /// Configuration file of `run` or `replay`, with what plugins are granted [default: none]
    #[arg(long, value_name = "FILE")]
    pub config: Option<OsString>,
    /// What else `ringtap run`, or with --capture `ringtap replay`, is to be told
    #[arg(last = true, value_name = "ARGUMENTS")]
    pub arguments: Vec<OsString>,
}

impl Dev {
    pub(crate) fn folders(&self) -> Vec<PathBuf> {
        if self.projects.is_empty() { vec![".".into()] } else { self.projects.clone() }
    }

    pub(crate) fn place(&self) -> PathBuf {
        let first = self.projects.first().cloned().unwrap_or_default();
        self.plugins.clone().unwrap_or_else(|| first.join("build/plugins"))
    }
}

fn name(text: &str) -> Result<ProjectName, InvalidName> {
    text.parse()
}

fn language(text: &str) -> Result<Language, Expected> {
    text.parse()
}
