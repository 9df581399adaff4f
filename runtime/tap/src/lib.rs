//! The taps: eBPF programs on interfaces, their rings, and what they counted.
//!
//! The only crate that knows aya. [`Taps`] loads the programs that are embedded in the binary and
//! attaches them; a [`Reader`] drains the rings into batches. The kernel side is `runtime-ebpf`.
//!
//! Minimum kernel: 5.18 (XDP programs that take frames in fragments). TCX links need 6.6; before
//! that, TC taps are clsact filters.

mod attach;
mod bell;
mod bpf;
mod error;
mod filter;
mod grace;
mod link;
mod mapped;
mod object;
mod owner;
mod past;
mod reader;
mod rest;
mod ring;
mod rings;
mod sight;
mod survey;
mod table;
mod tables;
mod tally;
mod taps;
pub mod test_run;

pub use attach::{Attachment, TcMode, XdpMode};
pub use error::TapError;
pub use filter::{Reaped, reap};
pub use owner::{Owner, program_name};
pub use reader::{Reader, ReaderHandle};
pub use sight::{Sight, TapVisibility};
pub use survey::{
    Held, Holder, ahead_of, has_tcx, holders, may_load, online_cpus, probe, tcx_holders,
};
pub use tally::TapReading;
pub use taps::{Config, Readers, TapInfo, Taps};
