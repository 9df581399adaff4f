//! What guests share. Each guest is a file in `examples/`.

pub mod counts;
mod trigger;

use std::time::Duration;

pub use trigger::{Call, Trigger};

/// The shortest tick that the host gives.
pub const SOON: Duration = Duration::from_millis(10);
