//! Metrics: what plugins record and what the runtime says of itself, in one registry.

mod exposition;
mod held;
mod plugin;
mod registry;
mod series;
mod value;

pub use exposition::{Collect, Families, Family, Sample, SampleValue};
pub use plugin::{MAX_NAMES, PluginMetrics, Series, SeriesLimits, Update};
pub use registry::Registry;
pub use series::{
    Definition, Kind, MAX_BOUNDS, MAX_HELP_LEN, MAX_LABEL_VALUE_LEN, MAX_LABELS, MAX_NAME_LEN,
    MetricError, OVERFLOW,
};
