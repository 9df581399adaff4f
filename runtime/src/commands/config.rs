use crate::{config::EXAMPLE, exit::Failure, stdout};

/// Print the example configuration.
pub(crate) fn print() -> Result<(), Failure> {
    stdout::write(EXAMPLE)
}
