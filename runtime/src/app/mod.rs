//! Wiring: which parts there are, who feeds whom, and in which order they start and end.
//!
//! ```text
//!  taps or captures ─► fan-out ─► plugins ─► registry ─► /metrics
//!                                        └─► events ─► JSON lines
//! ```
//! Everything ends in the order of the flow, so that what has been read is still delivered.

pub(crate) mod accounts;
pub(crate) mod attach;
pub(crate) mod clock;
pub(crate) mod code;
pub(crate) mod endpoint;
pub(crate) mod events;
pub(crate) mod feed;
pub(crate) mod follow;
pub(crate) mod interfaces;
pub(crate) mod judging;
pub(crate) mod live;
pub(crate) mod names;
pub(crate) mod plugins;
pub(crate) mod progress;
pub(crate) mod reading;
pub(crate) mod recent;
pub(crate) mod replaying;
pub(crate) mod sights;
pub(crate) mod status;
pub(crate) mod stopping;
pub(crate) mod tapped;
