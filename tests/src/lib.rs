//! Shared by the end-to-end tests: the binary and the guests they run, private labs to run it in,
//! and what it says and counts there.
//!
//! Everything here panics with what went wrong: it is for tests.

mod artifacts;
mod bad_plugin;
mod built;
mod continues;
mod ended;
mod frame;
mod http;
mod importing;
mod lab;
mod metrics;
mod plugins;
mod program;
mod running;
mod sender;
mod skip;
mod wait;
mod wanting;

pub use artifacts::{binary, bundled, capture, code_cache, guest};
pub use bad_plugin::BadPlugin;
pub use built::{built, compiled};
pub use continues::digest;
pub use ended::{Ended, finish, output};
pub use frame::Flow;
pub use http::get;
pub use importing::{importing_kv, printing};
pub use lab::{lab, tool};
pub use metrics::Metrics;
pub use plugins::{PluginDirectory, config_file};
pub use program::{ForeignProgram, tcx_programs};
pub use running::{METRICS_PORT, Running, ringtap};
pub use sender::Sender;
pub use skip::skip;
pub use wait::{PATIENCE, until, until_some};
pub use wanting::{Wish, wanting};
