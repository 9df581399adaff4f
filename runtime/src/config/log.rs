use std::str::FromStr;

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

use super::values::{Expected, expected};

/// What the runtime says of itself on stderr.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Log {
    pub filter: LogFilter,
    pub format: LogFormat,
}

/// Which log lines are written, as tracing-subscriber's `EnvFilter` takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogFilter(String);

impl LogFilter {
    pub(crate) fn filter(&self) -> EnvFilter {
        EnvFilter::new(&self.0)
    }
}

impl Default for LogFilter {
    fn default() -> Self {
        Self("info".to_owned())
    }
}

impl FromStr for LogFilter {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
        // EnvFilter takes a misspelled level for a target and would silence everything else.
        let known =
            |directive: &str| LEVELS.contains(&directive.trim()) || directive.contains(['=', '[']);
        if text.split(',').all(known) && EnvFilter::builder().parse(text).is_ok() {
            return Ok(Self(text.to_owned()));
        }
        expected("off, error, warn, info, debug or trace, or such as \"info,ringtap_tap=debug\"")
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people; coloured on a terminal.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}
