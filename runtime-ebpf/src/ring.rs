use core::{
    intrinsics::{AtomicOrdering, atomic_xchg},
    ptr,
    sync::atomic::{Ordering, compiler_fence},
};

use ringtap_interest::Entry;
use ringtap_record::abi::{RingCursor, SLOT_BYTES, TapTally};

use crate::{frame::Veil, maps};

/// An entry, or some of its payload.
#[repr(C, align(8))]
pub(crate) struct Slot([u8; SLOT_BYTES]);

/// Whether the processor keeps stores in order by itself, as x86 does. The loader knows, and the
/// verifier drops what is not taken.
#[unsafe(no_mangle)]
static ORDERED_STORES: u8 = 0;

/// This CPU's ring while one tap is at work in it. See [`RingCursor`].
#[derive(Clone, Copy)]
pub(crate) struct Ring(*mut RingCursor);

impl Ring {
    /// `None`, counted, where there is none to be had. [`close`](Self::close) has to follow.
    #[inline(always)]
    pub(crate) fn open(tally: &mut TapTally) -> Option<Self> {
        let Some(cursor) = maps::cursor() else {
            tally.lost_no_ring += 1;
            return None;
        };
        let ring = Self(cursor);
        if ring.slots() == 0 {
            tally.lost_no_ring += 1;
            return None;
        }
        // SAFETY: this CPU's own. Volatile, for whoever interrupts us on it.
        unsafe {
            if ptr::read_volatile(&raw const (*cursor).busy) != 0 {
                tally.lost_ring_busy += 1;
                return None;
            }
            ptr::write_volatile(&raw mut (*cursor).busy, 1);
        }
        Some(ring)
    }

    /// Let others in again.
    #[inline(always)]
    pub(crate) fn close(self) {
        // SAFETY: as in `open`.
        unsafe { ptr::write_volatile(&raw mut (*self.0).busy, 0) };
    }

    /// Where this CPU's next entry is made, for who has not the ring at hand.
    #[inline(always)]
    pub(crate) fn entry() -> Option<*mut Entry> {
        Some(Self(maps::cursor()?).next_slot()?.cast())
    }

    /// The slot where the next entry is made. It may be written without asking for room, and is dropped
    /// unless it is published.
    #[inline(always)]
    pub(crate) fn next_slot(self) -> Option<*mut Slot> {
        // SAFETY: this CPU's own.
        let (first, next) = unsafe { ((*self.0).first, (*self.0).next) };
        maps::slot(first + next)
    }

    /// The slot that many after the one where the next entry is made.
    #[inline(always)]
    pub(crate) fn slot(self, ahead: u32) -> Option<*mut Slot> {
        // SAFETY: this CPU's own.
        let (first, next) = unsafe { ((*self.0).first, (*self.0).next) };
        let slots = self.slots();
        let at = next + ahead;
        maps::slot(first + if at >= slots { at - slots } else { at })
    }

    /// Whether so many slots can be published. One always stays free, to be written in.
    #[inline(always)]
    pub(crate) fn has_room(self, slots: u32) -> bool {
        // SAFETY: this CPU's own; the reader writes the tail whole.
        let used = unsafe { (*self.0).head - ptr::read_volatile(&raw const (*self.0).tail.tail) };
        used + u64::from(slots) < u64::from(self.slots())
    }

    /// Give so many slots to the reader.
    #[inline(always)]
    pub(crate) fn publish(self, slots: u32) {
        // SAFETY: this CPU's own; the reader only reads the head.
        unsafe {
            let cursor = self.0;
            let next = (*cursor).next + slots;
            (*cursor).next = if next >= self.slots() { next - self.slots() } else { next };
            let head = (*cursor).head + u64::from(slots);
            if ptr::read_volatile(&raw const ORDERED_STORES) != 0 {
                compiler_fence(Ordering::Release);
                ptr::write_volatile(&raw mut (*cursor).head, head);
            } else {
                // BPF has no release store before its fourth version; this is one and more. `core` has it
                // for this target by its intrinsic only.
                atomic_xchg::<u64, { AtomicOrdering::AcqRel }>(&raw mut (*cursor).head, head);
            }
        }
    }

    /// Wake the reader if it sleeps. What was published before it went to sleep, or while it did, it sees
    /// by itself.
    #[inline(always)]
    pub(crate) fn wake_reader(self) {
        // SAFETY: this CPU's own; the reader writes it whole.
        if unsafe { ptr::read_volatile(&raw const (*self.0).tail.sleeps) } != 0 {
            ringtap_wake_reader();
        }
    }

    /// For the verifier to forget values by.
    #[inline(always)]
    pub(crate) fn veil() -> Option<Veil> {
        // SAFETY: this CPU's own.
        Some(Veil::new(unsafe { &raw mut (*maps::cursor()?).veil }))
    }

    #[inline(always)]
    fn slots(self) -> u32 {
        // SAFETY: set by the loader before there are taps.
        unsafe { (*self.0).slots }
    }
}

/// A function of its own that the verifier proves once: it is seldom called, and from the end of every way.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn ringtap_wake_reader() -> u32 {
    let Some(cursor) = maps::cursor() else { return 0 };
    if maps::ring_bell() {
        // SAFETY: as in `Ring::wake_reader`.
        unsafe { ptr::write_volatile(&raw mut (*cursor).tail.sleeps, 0) };
    }
    0
}
