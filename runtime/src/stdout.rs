//! Writing to standard output, where data goes.

use std::io::{self, ErrorKind, Write};

use anyhow::Context;

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

/// `text` without what would break out of its line or steer a terminal: paths, names and messages
/// may be anybody's.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => line.push(' '),
            c if c.is_control() => line.extend(c.escape_default()),
            c => line.push(c),
        }
    }
    line
}
