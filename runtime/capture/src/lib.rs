//! Reads pcap and pcapng captures, packet by packet, and makes records of them.
//!
//! Captures come from anywhere: nothing in one makes this crate panic, hang, or hold more memory
//! than one packet and the names of its interfaces.
#![forbid(unsafe_code)]

mod capture;
mod cooked;
mod error;
mod fields;
mod link;
mod link_names;
mod pcap;
mod pcapng;
mod record;
mod source;
mod time;

pub use capture::{Capture, Frame, Interface, MAX_FRAME_BYTES};
pub use error::CaptureError;
pub use link::{Link, LinkType};
pub use record::record;
