//! How the process ends.

use std::{fmt, process::ExitCode};

/// An exit code and what it means; `--help` and docs/configuration.md list them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done, or ended by a signal as asked.
    Success = 0,
    /// Something failed while running.
    Failure = 1,
    /// The command line or the configuration makes no sense.
    Usage = 2,
    /// A privilege or a kernel feature is missing, or a hook is held by another program.
    Host = 3,
    /// A capture or a plugin can't be read, or the plugin is refused.
    Input = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        (exit as u8).into()
    }
}

/// Why a command ends, and with which code.
#[derive(Debug)]
pub(crate) struct Failure {
    pub exit: Exit,
    pub error: anyhow::Error,
}

/// The error and its causes on one line.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.error)
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { exit: Exit::Failure, error: error.into() }
    }
}

/// Gives an error the code to exit with.
pub(crate) trait OrExit<T> {
    fn or_exit(self, exit: Exit) -> Result<T, Failure>;
}

impl<T, E: Into<anyhow::Error>> OrExit<T> for Result<T, E> {
    fn or_exit(self, exit: Exit) -> Result<T, Failure> {
        self.map_err(|error| Failure { exit, error: error.into() })
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_failure_tells_the_whole_chain_and_keeps_its_code() {
        let lost = || std::io::Error::other("it is gone");
        let failure = Err::<(), _>(lost()).context("read x").or_exit(Exit::Input).unwrap_err();
        assert_eq!(
            (failure.to_string().as_str(), failure.exit),
            ("read x: it is gone", Exit::Input)
        );
        assert_eq!(Failure::from(lost()).exit, Exit::Failure);
    }
}
