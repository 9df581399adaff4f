//! The taps. Each looks at a packet, puts a record of it into the ring of the CPU it runs on if
//! somebody wants that, and lets the packet go on untouched.
//!
//! ```text
//! packet ─► keys, at a glance ─► judge ─► record, parsed in place in the ring ─► payload behind it
//!             └ else parsed in place in the ring, and judged ──┘
//! ```
//!
//! The loader is `runtime/tap`. What both agree on stands in `ringtap_record::abi`.
#![no_std]
#![no_main]
#![feature(core_intrinsics)]
#![allow(internal_features, reason = "see `ring`")]

mod frame;
mod maps;
mod packet;
mod publish;
mod ring;
mod tap;
mod tc;
mod verdict;
mod xdp;

/// The verifier proves that nothing here panics.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

#[unsafe(link_section = "license")]
#[unsafe(no_mangle)]
static LICENSE: [u8; 13] = *b"Dual MIT/GPL\0";
