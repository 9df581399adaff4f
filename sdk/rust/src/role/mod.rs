//! What a plugin can be given to work on, and what it hands to its successor.

mod aggregate;
mod exporter;
mod filter;
mod state;

pub use aggregate::Aggregate;
pub use exporter::{Exporter, Received};
pub use filter::{Filter, Kept};
pub use state::State;
