use core::{ptr, slice};

use aya_ebpf::{
    bindings::BPF_RB_NO_WAKEUP,
    helpers::{bpf_ktime_get_ns, bpf_ringbuf_submit},
};
use ringtap_interest::{Entry, Keys, RuleSet};
use ringtap_record::{
    PacketRecord,
    abi::{MAX_PAYLOAD, SCRATCH_BYTES, TapTally},
    parse,
};

use crate::{
    frame::{Copied, Veil},
    maps,
    packet::Packet,
    tap::Look,
    verdict::{Verdict, judge},
};

/// Waking the reader costs microseconds; it comes by itself.
const FLAGS: u64 = BPF_RB_NO_WAKEUP as u64;

/// An entry that is made outside of the ring.
#[repr(C)]
pub(crate) struct Staged {
    entry: Entry,
    payload: [u8; MAX_PAYLOAD as usize + 4],
    veil: u64,
}

/// Where an entry is made.
#[derive(Clone, Copy)]
struct Place {
    entry: *mut Entry,
    /// In the ring already, where it must not be left alone.
    in_ring: bool,
}

/// Publish a packet that was kept for these rules. Without any, it is judged once it is parsed.
#[inline(always)]
pub(crate) fn publish<P: Packet>(look: &Look<'_, P>, kept: Option<RuleSet>, tally: &mut TapTally) {
    let Some(place) = place(look, kept, tally) else { return };
    // SAFETY: a whole entry, in the ring or on this CPU's stage, and nobody else's.
    let entry = unsafe { &mut *place.entry };
    entry.kept = kept.unwrap_or(RuleSet::EMPTY);
    entry.generation = look.tables.plan.generation;
    entry.reserved = 0;
    fill(look, &mut entry.record);
    if place.in_ring {
        // SAFETY: reserved by `place`, and not submitted before.
        unsafe { bpf_ringbuf_submit(place.entry.cast(), FLAGS) };
        tally.published += 1;
        return;
    }
    output(look, kept.is_none(), tally);
}

/// In the ring where all is known that the packet takes there, else on the stage.
#[inline(always)]
fn place<P: Packet>(
    look: &Look<'_, P>,
    kept: Option<RuleSet>,
    tally: &mut TapTally,
) -> Option<Place> {
    if let Some(kept) = kept
        && look.tables.plan.payload(kept) == 0
    {
        let Some(ring) = maps::ring() else {
            tally.lost_no_ring += 1;
            return None;
        };
        let Some(mut entry) = ring.reserve_untyped::<Entry>(0) else {
            tally.lost_ring_full += 1;
            return None;
        };
        return Some(Place { entry: entry.as_mut_ptr(), in_ring: true });
    }
    let Some(stage) = maps::stage() else {
        tally.lost_no_ring += 1;
        return None;
    };
    Some(Place { entry: stage.cast(), in_ring: false })
}

/// Copy what is on the stage into the ring, with the payload that is asked for.
///
/// The stage is looked up anew, so that compiler and verifier forget how its record came about.
#[inline(always)]
fn output<P: Packet>(look: &Look<'_, P>, unjudged: bool, tally: &mut TapTally) {
    let Some(stage) = maps::stage() else {
        tally.lost_no_ring += 1;
        return;
    };
    // SAFETY: this CPU's own stage.
    let staged = unsafe { &mut *stage };
    if unjudged {
        let verdict = ringtap_judge_stage(look.tables.slot);
        if !Verdict::keeps(verdict, tally) {
            return;
        }
    }
    let Some(ring) = maps::ring() else {
        tally.lost_no_ring += 1;
        return;
    };
    let len = payload(look, staged);
    staged.entry.record.payload_len = len as u16;
    let size = size_of::<Entry>() + len as usize;
    // SAFETY: the stage has so many bytes.
    let bytes = unsafe { slice::from_raw_parts(stage.cast::<u8>(), size) };
    match ring.output_untyped::<[u8]>(bytes, FLAGS) {
        Ok(()) => tally.published += 1,
        Err(_) => tally.lost_ring_full += 1,
    }
}

/// Copy the payload that is asked for to the stage. How many bytes that is.
#[inline(always)]
fn payload<P: Packet>(look: &Look<'_, P>, staged: &mut Staged) -> u32 {
    let wanted = look.tables.plan.payload(staged.entry.kept);
    if wanted == 0 {
        return 0;
    }
    let (start, end) = staged.entry.record.payload_bounds(look.packet.frame_len());
    // Compared anew after the veil, so that the verifier sees the bounds on this very value.
    let len = look.veil.conceal((end - start).min(wanted));
    if len == 0 || len > MAX_PAYLOAD {
        return 0;
    }
    if look.packet.copy(start, staged.payload.as_mut_ptr(), len) { len } else { 0 }
}

#[inline(always)]
fn fill<P: Packet>(look: &Look<'_, P>, record: &mut PacketRecord) {
    zero(record);
    // SAFETY: the helper has no preconditions.
    let timestamp_ns = unsafe { bpf_ktime_get_ns() };
    let frame_len = look.packet.frame_len();
    describe(look, timestamp_ns, frame_len, record);
    let linear = look.packet.linear(look.veil);
    parse(&linear, look.start, 0, record);
    if linear.missed_bytes_of(frame_len) {
        parse_copy(look, timestamp_ns, frame_len, record);
    }
}

#[inline(always)]
fn describe<P: Packet>(
    look: &Look<'_, P>,
    timestamp_ns: u64,
    frame_len: u32,
    record: &mut PacketRecord,
) {
    record.timestamp_ns = timestamp_ns;
    record.matched = 1;
    record.sample_one_in = 1;
    record.wire_len = frame_len;
    record.ifindex = look.packet.ifindex();
    record.tap = look.tap;
    record.hook = P::HOOK as u8;
    record.direction = P::DIRECTION as u8;
    look.packet.describe(record);
    record.cap_len = record.wire_len;
}

/// Start over on a copy: the headers reach into pieces that can't be read in place.
#[inline(always)]
fn parse_copy<P: Packet>(
    look: &Look<'_, P>,
    timestamp_ns: u64,
    frame_len: u32,
    record: &mut PacketRecord,
) {
    let Some(scratch) = maps::scratch() else { return };
    // SAFETY: this CPU's own scratch buffer.
    let scratch = unsafe { &mut *scratch };
    // Compared anew after the veil, so that the verifier sees the bounds on this very value.
    let len = look.veil.conceal(frame_len.min(SCRATCH_BYTES as u32));
    if len == 0 || len > SCRATCH_BYTES as u32 || !look.packet.copy(0, scratch.as_mut_ptr(), len) {
        return;
    }
    zero(record);
    describe(look, timestamp_ns, frame_len, record);
    parse(&Copied { bytes: scratch, len, veil: look.veil }, look.start, 0, record);
}

#[inline(always)]
fn zero(record: &mut PacketRecord) {
    const WORDS: usize = size_of::<PacketRecord>() / size_of::<u64>();
    let words = ptr::from_mut(record).cast::<u64>();
    for word in 0..WORDS {
        // SAFETY: within the record. Volatile, since BPF has no memset to make of this loop.
        unsafe { ptr::write_volatile(words.add(word), 0) };
    }
}

/// Judge the record on the stage, by tables that are in this slot, for a [`Verdict`] as a number.
///
/// A function of its own that the verifier proves once, and not again for each way on which a
/// packet's headers can lead here.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn ringtap_judge_stage(slot: u32) -> u32 {
    let (Some(stage), Some(tables)) = (maps::stage(), maps::tables_in(slot)) else { return 0 };
    // SAFETY: this CPU's own stage.
    let staged = unsafe { &mut *stage };
    let veil = Veil::new(&raw mut staged.veil);
    let mut keys = Keys::of(&staged.entry.record);
    // Kinds of packets differ in what they have, and there are hundreds of kinds.
    keys.present = veil.conceal(keys.present);
    keys.kind = veil.conceal(keys.kind.into()) as u8;
    keys.direction = veil.conceal(keys.direction.into()) as u8;
    keys.fragment = veil.conceal(keys.fragment.into()) as u8;
    let judged = judge(&tables, &keys);
    staged.entry.kept = judged.kept;
    Verdict::of(&judged) as u32
}
