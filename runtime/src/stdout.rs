//! Writing to standard output, where data goes.

use std::{
    fmt::Display,
    io::{self, ErrorKind, IsTerminal, Write},
};

use anyhow::Context;
use ringtap_pipeline::text::escaped;

use crate::exit::Failure;

/// Write `text` at once. A reader that has seen enough is no failure.
pub(crate) fn write(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("write to standard output").map_err(Failure::from)
        }
        _ => Ok(()),
    }
}

/// A text that stays in place on a terminal, and texts one below the other elsewhere.
pub(crate) struct Screen {
    terminal: bool,
}

impl Screen {
    pub(crate) fn new() -> Self {
        Self { terminal: io::stdout().is_terminal() }
    }

    /// Show `text` in place of what was there. Whether anybody reads on.
    pub(crate) fn show(&self, text: &impl Display) -> bool {
        const CLEAR: &str = "\x1b[H\x1b[2J";
        let clear = if self.terminal { CLEAR } else { "" };
        self.append(&format_args!("{clear}{text}\n"))
    }

    /// Show `text` below what was there. Whether anybody reads on.
    pub(crate) fn append(&self, text: &impl Display) -> bool {
        let mut stdout = io::stdout().lock();
        write!(stdout, "{text}").and_then(|()| stdout.flush()).is_ok()
    }
}

/// `text` without what would break out of its line, steer a terminal or pass for something else:
/// paths, names and messages may be anybody's.
pub(crate) fn one_line(text: &str) -> String {
    escaped(&text.replace('\n', " "))
}
