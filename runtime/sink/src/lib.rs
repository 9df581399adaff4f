//! Where metrics and events leave the runtime: the Prometheus endpoint, and JSON lines.
//!
//! Knows the pipeline's types and nothing of taps or plugins.
#![forbid(unsafe_code)]

pub mod http;
pub mod jsonl;
pub mod prometheus;
