use core::{mem::MaybeUninit, ptr};

use aya_ebpf::{bindings::BPF_RB_NO_WAKEUP, helpers::bpf_ktime_get_ns};
use ringtap_record::{
    Direction, Hook, PacketRecord, Start,
    abi::{InterfaceSlot, LINK_IP, SCRATCH_BYTES, TapKind, TapTally},
    parse,
};

use crate::{
    frame::{Copied, Linear, Veil},
    maps,
};

/// A packet at a hook, as the context tells it.
pub(crate) trait Packet {
    const KIND: TapKind;
    const HOOK: Hook;
    const DIRECTION: Direction;

    fn ifindex(&self) -> u32;
    /// Bytes of the frame, in whatever pieces.
    fn frame_len(&self) -> u32;
    fn linear(&self, veil: Veil) -> Linear;
    /// Copy the first `len` bytes. Whether it worked.
    fn copy(&self, to: *mut u8, len: u32) -> bool;
    /// Write what the context knows and the bytes don't.
    fn describe(&self, record: &mut PacketRecord);
}

/// Count the packet, and publish its record. Every packet ends in exactly one counter besides `seen`.
#[inline(always)]
pub(crate) fn tap<P: Packet>(packet: &P) {
    let interface = maps::interface(packet.ifindex());
    let tap = interface.taps[P::KIND as usize];
    let Some(tally) = maps::tally(tap) else { return };
    // SAFETY: this CPU's own slot, and hooks on one CPU don't interrupt each other in a tally.
    let tally: &mut TapTally = unsafe { &mut *tally };
    tally.seen += 1;
    let Some(ring) = maps::ring() else {
        tally.lost_no_ring += 1;
        return;
    };
    let Some(mut entry) = ring.reserve_untyped::<PacketRecord>(0) else {
        tally.lost_ring_full += 1;
        return;
    };
    let veil = Veil::new(&raw mut tally.veil);
    fill(packet, &interface, tap, veil, zeroed(&mut entry));
    // Waking the reader costs microseconds; it comes by itself.
    entry.submit(u64::from(BPF_RB_NO_WAKEUP));
    tally.published += 1;
}

#[inline(always)]
fn zeroed(entry: &mut MaybeUninit<PacketRecord>) -> &mut PacketRecord {
    const WORDS: usize = size_of::<PacketRecord>() / size_of::<u64>();
    let words = entry.as_mut_ptr().cast::<u64>();
    for word in 0..WORDS {
        // SAFETY: within the entry. Volatile, since BPF has no memset to make of this loop.
        unsafe { ptr::write_volatile(words.add(word), 0) };
    }
    // SAFETY: every bit pattern is a record.
    unsafe { entry.assume_init_mut() }
}

#[inline(always)]
fn fill<P: Packet>(
    packet: &P,
    interface: &InterfaceSlot,
    tap: u16,
    veil: Veil,
    record: &mut PacketRecord,
) {
    let frame_len = packet.frame_len();
    let start = if interface.link == LINK_IP { Start::Ip } else { Start::Ethernet };
    describe(packet, frame_len, tap, record);
    let linear = packet.linear(veil);
    parse(&linear, start, 0, record);
    if linear.missed_bytes_of(frame_len) {
        parse_copy(packet, frame_len, start, tap, veil, record);
    }
}

#[inline(always)]
fn describe<P: Packet>(packet: &P, frame_len: u32, tap: u16, record: &mut PacketRecord) {
    // SAFETY: the helper has no preconditions.
    record.timestamp_ns = unsafe { bpf_ktime_get_ns() };
    record.matched = 1;
    record.sample_one_in = 1;
    record.wire_len = frame_len;
    record.ifindex = packet.ifindex();
    record.tap = tap;
    record.hook = P::HOOK as u8;
    record.direction = P::DIRECTION as u8;
    packet.describe(record);
    record.cap_len = record.wire_len;
}

/// Start over on a copy: the headers reach into pieces that can't be read in place.
#[inline(always)]
fn parse_copy<P: Packet>(
    packet: &P,
    frame_len: u32,
    start: Start,
    tap: u16,
    veil: Veil,
    record: &mut PacketRecord,
) {
    let Some(scratch) = maps::scratch() else { return };
    // SAFETY: this CPU's own scratch buffer.
    let scratch = unsafe { &mut *scratch };
    // Compared anew after the veil, so that the verifier sees the bounds on this very value.
    let len = veil.conceal(frame_len.min(SCRATCH_BYTES as u32));
    if len == 0 || len > SCRATCH_BYTES as u32 || !packet.copy(scratch.as_mut_ptr(), len) {
        return;
    }
    let timestamp_ns = record.timestamp_ns;
    clear(record);
    describe(packet, frame_len, tap, record);
    record.timestamp_ns = timestamp_ns;
    parse(&Copied { bytes: scratch, len, veil }, start, 0, record);
}

#[inline(always)]
fn clear(record: &mut PacketRecord) {
    // SAFETY: as in `zeroed`; a record is as good as an uninitialised one.
    zeroed(unsafe { &mut *ptr::from_mut(record).cast::<MaybeUninit<PacketRecord>>() });
}
