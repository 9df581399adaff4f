use std::sync::{Arc, atomic::AtomicU64};

use ringtap_record::abi::{MAX_CPUS, RingCursor, SLOT_BYTES};
use rustix::mm::ProtFlags;

use crate::{
    bell::Bell, error::TapError, mapped::Mapped, object::Object, ring::Ring, survey::online_cpus,
};

/// How many rings there are to be, and how large.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The CPUs that have a ring.
    cpus: Vec<u32>,
    /// Slots of each.
    slots: u32,
}

impl Layout {
    /// A ring of so many bytes for every CPU that is online.
    pub(crate) fn of_this_machine(ring_bytes: u32) -> Result<Self, TapError> {
        let cpus = online_cpus()?;
        match cpus.iter().max() {
            Some(&cpu) if cpu >= MAX_CPUS => {
                Err(TapError::TooManyCpus { cpus: cpu + 1, max: MAX_CPUS })
            }
            _ => Ok(Self { cpus, slots: (ring_bytes / SLOT_BYTES as u32).max(2) }),
        }
    }

    /// Slots of all rings.
    pub(crate) fn slots_in_all(&self) -> u32 {
        (self.cpus.len() as u32).saturating_mul(self.slots)
    }
}

/// Bytes of an entry, or of the payload behind one.
pub(crate) type Slot = [u64; SLOT_BYTES / size_of::<u64>()];

/// What the taps and the reader share.
pub(crate) struct Shared {
    pub(crate) cursors: Mapped<RingCursor>,
    pub(crate) slots: Mapped<Slot>,
    pub(crate) bell: Bell,
}

impl Shared {
    /// How far the tap has written a CPU's ring.
    pub(crate) fn head(&self, cpu: u32) -> Option<&AtomicU64> {
        let cursor = self.cursors.at(cpu)?.as_ptr();
        // SAFETY: aligned, and mapped while `self` is there. The tap writes it whole.
        Some(unsafe { AtomicU64::from_ptr(&raw mut (*cursor).head) })
    }

    /// How far the reader has read it.
    pub(crate) fn tail(&self, cpu: u32) -> Option<&AtomicU64> {
        let cursor = self.cursors.at(cpu)?.as_ptr();
        // SAFETY: aligned, and mapped while `self` is there. The tap reads it whole.
        Some(unsafe { AtomicU64::from_ptr(&raw mut (*cursor).tail.tail) })
    }

    /// 1 where the reader sleeps until the tap wakes it.
    pub(crate) fn sleeps(&self, cpu: u32) -> Option<&AtomicU64> {
        let cursor = self.cursors.at(cpu)?.as_ptr();
        // SAFETY: aligned, and mapped while `self` is there. The tap reads and writes it whole.
        Some(unsafe { AtomicU64::from_ptr(&raw mut (*cursor).tail.sleeps) })
    }
}

/// The rings of all CPUs.
pub(crate) struct Rings {
    /// Until the last program is loaded, and longer.
    pub(crate) shared: Arc<Shared>,
    /// For the reader, until it has them.
    pub(crate) unread: Vec<Ring>,
}

/// Map the slots that `object` was made with, and give each CPU its part of them.
pub(crate) fn share_out(object: &mut Object, layout: &Layout) -> Result<Rings, TapError> {
    let shared = Arc::new(Shared {
        cursors: object.mapped("CURSORS", ProtFlags::READ | ProtFlags::WRITE)?,
        slots: object.mapped("SLOTS", ProtFlags::READ)?,
        bell: object.bell()?,
    });
    let mut unread = Vec::new();
    for (&cpu, first) in layout.cpus.iter().zip((0..).step_by(layout.slots as usize)) {
        let Some(cursor) = shared.cursors.at(cpu) else { continue };
        // SAFETY: mapped, and no program runs yet.
        unsafe {
            (*cursor.as_ptr()).first = first;
            (*cursor.as_ptr()).slots = layout.slots;
        }
        unread.push(Ring::new(Arc::clone(&shared), cpu, first..first + layout.slots));
    }
    Ok(Rings { shared, unread })
}
