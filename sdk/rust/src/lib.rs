//! Write ringtap plugins in Rust.
//!
//! A plugin is a type with the trait [`Plugin`] and a trait for each role it plays; [`export!`]
//! makes a component of it. It has no ambient authority: what it may do is call the capabilities
//! below, and only those that its code reaches end up in the component's import list, which is what
//! the operator reads.
//!
//! | capability | here | import |
//! |---|---|---|
//! | metrics | [`Counter`], [`Gauge`], [`Histogram`], [`Family`] | `ringtap:plugin/metrics` |
//! | events | [`Event`] | `ringtap:plugin/events` |
//! | log | [`info!`], [`log`] | `ringtap:plugin/log` |
//! | clock | [`now_ns`] | `ringtap:plugin/clock` |
//! | interfaces | [`interface_name`] | `ringtap:plugin/interfaces` |
//! | random | [`random_u64`] | `ringtap:plugin/random` |
//! | kv, if granted | [`kv`] | `ringtap:plugin/kv` |
//!
//! | role | here | export |
//! |---|---|---|
//! | takes packets | [`Aggregate`] | `ringtap:plugin/aggregate` |
//! | or says which packets others get | [`Filter`] | `ringtap:plugin/filter` |
//! | or takes the events of others | [`Exporter`] | `ringtap:plugin/exporter` |
//! | hands on what it knows when it is replaced | [`State`] | `ringtap:plugin/state` |
//!
//! ```
//! use ringtap_plugin::{Aggregate, Batch, Counter, Plugin, Refusal};
//!
//! struct Fragments(Counter);
//!
//! impl Plugin for Fragments {
//!     fn new(_config: &str) -> Result<Self, Refusal> {
//!         Ok(Self(Counter::new("fragments_total", "IP fragments seen.", &[])?))
//!     }
//! }
//!
//! impl Aggregate for Fragments {
//!     fn on_packets(&mut self, batch: &Batch<'_>) {
//!         let fragments = batch.packets().filter(|packet| packet.is_fragment());
//!         self.0.add(fragments.count() as u64);
//!     }
//! }
//!
//! ringtap_plugin::export!(Fragments: Aggregate);
//! # fn main() {}
//! ```
//!
//! Build it as a `cdylib` for `wasm32-unknown-unknown` and make a component of the module, for
//! instance with `wasm-tools component new`. On any other target the capabilities are a recorder
//! ([`testing`]), so that a plugin's tests run under plain `cargo test`.
//!
//! A panic ends the instance. Its message is lost unless [`log::report_panics`] was called.

mod batch;
mod bindings;
mod call;
mod capability;
#[cfg(feature = "config")]
mod config;
mod error;
mod event;
mod export;
mod host;
mod interest;
pub mod kv;
pub mod log;
mod metrics;
mod packet;
mod plugin;
mod role;
mod table;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

pub use batch::Batch;
pub use capability::{interface_name, now_ns, random_u64};
#[cfg(feature = "config")]
pub use config::Config;
pub use error::{Error, Refusal};
pub use event::{Event, Value};
pub use interest::Interest;
pub use metrics::{Counter, Family, Gauge, Histogram, Metric};
pub use packet::{
    Arp, Direction, Fields, Gso, Hook, MacAddress, Packet, RECORD_SIZE, TcpFlags, VlanTag, mark,
};
pub use plugin::Plugin;
pub use role::{Aggregate, Exporter, Filter, Kept, Received, State};
pub use table::{Table, TableEntry};

#[doc(hidden)]
pub use export::private as __private;

/// What the guide and the README show compiles, and asserts what they say.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/plugins-rust.md")]
#[doc = include_str!("../../../README.md")]
mod guides {}
