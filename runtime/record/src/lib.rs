//! The packet record, and the parser that fills it.
//!
//! One source for two homes: the taps instantiate [`parse`] over a packet in the kernel, `ringtap
//! replay` over a slice of a capture. So this crate is `no_std`, never panics on input, and uses
//! nothing that the BPF verifier can't follow.
//!
//! The layout is defined by `wit/layout.wit`; a test holds [`PacketRecord`] against it.
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

pub mod abi;
mod frame;
#[cfg(feature = "std")]
mod json;
pub mod mark;
mod parse;
mod record;
#[doc(hidden)]
pub mod wire;

pub use frame::{Frame, MAX_HEADER_BYTES};
#[cfg(feature = "std")]
pub use json::PacketJson;
pub use parse::{Start, check_length, parse, parse_headers, parse_plain};
pub use record::{Direction, Hook, MacAddress, PacketRecord, VLAN_SLOTS};
