//! Plugins that say what they want get that and nothing else, while packets flow: filters, samples
//! and payload, what the configuration leaves of them, and what becomes of them in a reload.

mod bench;
mod filters;
mod interfaces;
mod narrowing;
mod payload;
mod refusals;
mod reload;
