//! Metrics: what plugins record and what the runtime says of itself, in one registry.

mod exposition;
mod plugin;
mod registry;
mod series;

pub use exposition::{Collect, Families, Family, Sample, SampleValue};
pub use plugin::{PluginMetrics, Series, Update};
pub use registry::Registry;
pub use series::{Definition, Kind, MAX_BOUNDS, MetricError};
