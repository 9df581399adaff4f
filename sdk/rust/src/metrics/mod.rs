//! Metrics in the host's registry. They outlive the instance: a plugin that is replaced and defines
//! the same series again goes on counting where the old one stopped.
//!
//! Values are collected here and cross to the host once, when the call ends.

mod family;
mod pending;
mod series;
#[cfg(test)]
mod tests;

pub use family::Family;
pub use series::{Counter, Gauge, Histogram, Metric};
