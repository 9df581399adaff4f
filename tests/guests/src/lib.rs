//! What guests share. Each guest is a file in `examples/`.

pub mod continues;
pub mod counts;
mod nth;
pub mod ports;
mod samples;
mod trigger;

use std::time::Duration;

pub use continues::{Continues, Continuing};
pub use nth::Nth;
pub use samples::Samples;
pub use trigger::{Call, Trigger};

/// The shortest tick that the host gives.
pub const SOON: Duration = Duration::from_millis(10);
