//! What lies between taps, plugins and sinks: who wants which records, batches and their queues,
//! metrics, events, and the ledger in which every packet and record ends in exactly one place.
//!
//! Knows neither aya nor wasmtime. Taps, plugins and sinks know this crate and never each other.
#![forbid(unsafe_code)]

pub mod batch;
pub mod event;
pub mod fanout;
pub mod judge;
pub mod kept;
pub mod ledger;
pub mod mask;
pub mod metrics;
pub mod name;
pub mod queue;
mod routes;
pub mod subscriptions;
pub mod text;
pub mod thin;
mod wants;
