//! The taps. Each looks at a packet once, puts its record into the ring of the CPU it runs on, and
//! lets the packet go on untouched.
//!
//! The loader is `runtime/tap`. What both agree on stands in `ringtap_record::abi`.
#![no_std]
#![no_main]

mod frame;
mod maps;
mod publish;
mod tc;
mod xdp;

/// The verifier proves that nothing here panics.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

#[unsafe(link_section = "license")]
#[unsafe(no_mangle)]
static LICENSE: [u8; 13] = *b"Dual MIT/GPL\0";
