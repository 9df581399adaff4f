use core::ptr;

use aya_ebpf::helpers::{bpf_ktime_get_coarse_ns, bpf_ktime_get_ns};
use ringtap_interest::{Entry, Keys, RuleSet};
use ringtap_record::{
    PacketRecord,
    abi::{MAX_PAYLOAD, SCRATCH_BYTES, SLOT_BYTES, TapTally},
    check_length, parse, parse_headers, parse_plain,
};

use crate::{
    frame::{Copied, Linear},
    maps,
    packet::Packet,
    ring::Ring,
    tap::Look,
    verdict::{Verdict, judge},
};

/// Slots of the longest payload.
const PAYLOAD_SLOTS: u32 = Entry::slots(MAX_PAYLOAD) - 1;

/// Publish a packet that was kept for these rules. Without them it is not judged yet, but as soon as it is
/// parsed.
#[inline(always)]
pub(crate) fn publish<P: Packet>(
    look: &Look<'_, P>,
    kept: Option<*const RuleSet>,
    tally: &mut TapTally,
) {
    let Some(ring) = Ring::open(tally) else { return };
    put(look, kept, ring, tally);
    ring.close();
}

#[inline(always)]
fn put<P: Packet>(
    look: &Look<'_, P>,
    kept: Option<*const RuleSet>,
    ring: Ring,
    tally: &mut TapTally,
) {
    // Parsing is for nothing where there is no room; but what is not judged yet may not be wanted.
    if kept.is_some() && !ring.has_room(1) {
        tally.lost_ring_full += 1;
        return;
    }
    let Some(entry) = ring.next_slot() else {
        tally.lost_no_ring += 1;
        return;
    };
    // SAFETY: a whole slot of this CPU's ring, which nobody else reads or writes.
    let entry = unsafe { &mut *entry.cast::<Entry>() };
    if let Some(kept) = kept {
        copy(kept, &mut entry.kept);
    }
    entry.generation = look.tables.plan.generation;
    entry.reserved = 0;
    // From here on the verifier sees one case and not two.
    let judged = look.veil.conceal(kept.is_some().into());
    fill(look, &mut entry.record);
    if judged == 0 {
        let verdict = ringtap_judge_entry(look.tables.slot);
        if !Verdict::keeps(verdict, tally) {
            return;
        }
    }
    let (start, wanted) = payload(look);
    // Without payload, a judged packet's room was seen to above.
    if (wanted != 0 || judged == 0) && !ring.has_room(Entry::slots(wanted)) {
        tally.lost_ring_full += 1;
        return;
    }
    let slots = match wanted {
        0 => 1,
        _ => Entry::slots(copy_payload(look, ring, start, wanted)),
    };
    ring.publish(slots);
    tally.published += 1;
    ring.wake_reader();
}

/// Where the payload that is asked for begins, and how many bytes it has.
///
/// The entry is looked up anew, so that compiler and verifier forget how its record came about.
#[inline(always)]
fn payload<P: Packet>(look: &Look<'_, P>) -> (u32, u32) {
    if look.tables.plan.with_payload == 0 {
        return (0, 0);
    }
    let Some(entry) = Ring::entry() else { return (0, 0) };
    // SAFETY: as in `put`.
    let entry = unsafe { &*entry };
    let wanted = look.tables.plan.payload(entry.kept).min(MAX_PAYLOAD);
    let (start, end) = entry.record.payload_bounds(entry.record.frame_len());
    (start, look.veil.conceal((end - start).min(wanted)))
}

/// Copy payload to the slots after the entry, for which there is room. How many bytes that is: all, or
/// none where the kernel does not give them.
#[inline(always)]
fn copy_payload<P: Packet>(look: &Look<'_, P>, ring: Ring, start: u32, len: u32) -> u32 {
    for index in 0..PAYLOAD_SLOTS {
        let done = index * SLOT_BYTES as u32;
        if done >= len {
            break;
        }
        // Compared anew after the veil, so that the verifier sees the bounds on this very value.
        let part = look.veil.conceal((len - done).min(SLOT_BYTES as u32));
        let Some(slot) = ring.slot(1 + index) else { return 0 };
        if part == 0 || part > SLOT_BYTES as u32 {
            return 0;
        }
        if !look.packet.copy(start + done, slot.cast(), part) {
            return 0;
        }
    }
    let Some(entry) = Ring::entry() else { return 0 };
    // SAFETY: as in `put`.
    unsafe { (*entry).record.payload_len = len as u16 };
    len
}

#[inline(always)]
fn fill<P: Packet>(look: &Look<'_, P>, record: &mut PacketRecord) {
    // SAFETY: neither helper has preconditions.
    let timestamp_ns = unsafe {
        if look.tables.plan.coarse_time == 0 {
            bpf_ktime_get_ns()
        } else {
            bpf_ktime_get_coarse_ns()
        }
    };
    let linear = Linear::new(look.packet, look.veil);
    if parse_plain(&linear, look.start, look.packet.vlan().is_some(), record) {
        describe(look, timestamp_ns, record);
        set_length(look, record);
    } else {
        zero(record);
        describe(look, timestamp_ns, record);
        parse_any(look, timestamp_ns, record);
    }
}

/// Parse a packet of whatever kind, in pieces or not.
#[inline(always)]
fn parse_any<P: Packet>(look: &Look<'_, P>, timestamp_ns: u64, record: &mut PacketRecord) {
    let linear = Linear::new(look.packet, look.veil);
    parse_headers(&linear, look.start, 0, record);
    let frame_len = set_length(look, record);
    if linear.missed_bytes_of(frame_len) {
        parse_copy(look, timestamp_ns, frame_len, record);
    }
}

/// Set the lengths of a record whose headers are known, and return the frame's.
#[inline(always)]
fn set_length<P: Packet>(look: &Look<'_, P>, record: &mut PacketRecord) -> u32 {
    let frame_len = look.packet.frame_len_with(record.ip_end());
    record.set_frame_len(frame_len);
    check_length(record);
    frame_len
}

#[inline(always)]
fn describe<P: Packet>(look: &Look<'_, P>, timestamp_ns: u64, record: &mut PacketRecord) {
    record.timestamp_ns = timestamp_ns;
    record.matched = 1;
    (record.gso_size, record.gso_segments) = (0, 0);
    record.sample_one_in = 1;
    record.ifindex = look.packet.ifindex();
    record.tap = look.tap;
    record.hook = P::HOOK as u8;
    record.direction = P::DIRECTION as u8;
    look.packet.describe(record);
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
    describe(look, timestamp_ns, record);
    record.set_frame_len(frame_len);
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

/// Word by word and volatile, or it becomes a call of a function that copies byte by byte.
#[inline(always)]
fn copy(from: *const RuleSet, to: &mut RuleSet) {
    let from = from.cast::<u64>();
    for (word, to) in to.0.iter_mut().enumerate() {
        // SAFETY: within the set, which is in the value of a map that nobody writes meanwhile.
        *to = unsafe { ptr::read_volatile(from.add(word)) };
    }
}

/// Judge the record that the ring's next entry has, by tables that are in this slot, for a [`Verdict`]
/// as a number.
///
/// A function of its own that the verifier proves once, and not again for each way on which a
/// packet's headers can lead here.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn ringtap_judge_entry(slot: u32) -> u32 {
    let (Some(entry), Some(veil)) = (Ring::entry(), Ring::veil()) else { return 0 };
    let Some(tables) = maps::tables_in(slot) else { return 0 };
    // SAFETY: as in `put`.
    let entry = unsafe { &mut *entry };
    let mut keys = Keys::of(&entry.record);
    // Kinds of packets differ in what they have, and there are hundreds of kinds.
    keys.present = veil.conceal(keys.present);
    keys.kind = veil.conceal(keys.kind.into()) as u8;
    keys.direction = veil.conceal(keys.direction.into()) as u8;
    keys.fragment = veil.conceal(keys.fragment.into()) as u8;
    let judged = judge(&tables, &keys);
    entry.kept = judged.kept;
    Verdict::of(&judged) as u32
}
