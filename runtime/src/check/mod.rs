//! What would keep `run` from working: one module for each place where that can be, each of which
//! gives [`Finding`]s and changes nothing.

mod finding;
mod hooks;
mod host;
mod interfaces;
mod kernel;
mod plugins;
mod privileges;
mod setup;

pub(crate) use finding::{Finding, Tally};

use crate::config::Loaded;

/// The places to look at, in the order in which they are told.
pub(crate) const PLACES: [fn(&Loaded) -> Vec<Finding>; 6] = [
    setup::check,
    plugins::check,
    kernel::check,
    host::check,
    privileges::check,
    interfaces::check,
];
