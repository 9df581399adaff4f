use std::io::{ErrorKind, Write};

use anyhow::Context;

use crate::{config::EXAMPLE, exit::Failure};

/// Print the example configuration. A reader that has seen enough is no failure.
pub(crate) fn print() -> Result<(), Failure> {
    match std::io::stdout().write_all(EXAMPLE.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("write to standard output").map_err(Failure::from)
        }
        _ => Ok(()),
    }
}
