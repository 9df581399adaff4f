use std::{
    ops::Range,
    sync::{Arc, atomic::Ordering},
};

use ringtap_interest::Entry;
use ringtap_pipeline::batch::{Collected, MAX_BATCH_RECORDS};
use ringtap_record::abi::SLOT_BYTES;

use crate::rings::Shared;

/// One CPU's ring, as its only reader has it. See [`RingCursor`](ringtap_record::abi::RingCursor).
pub(crate) struct Ring {
    shared: Arc<Shared>,
    cpu: u32,
    /// Its slots among those of all rings.
    slots: Range<u32>,
    /// Slots that were read since the start.
    tail: u64,
    /// The slot that is read next.
    next: u32,
    /// Every record of tables before these has been handed on.
    pub(crate) caught_up_with: u32,
}

impl Ring {
    pub(crate) fn new(shared: Arc<Shared>, cpu: u32, slots: Range<u32>) -> Self {
        Self { shared, cpu, next: slots.start, slots, tail: 0, caught_up_with: 0 }
    }

    pub(crate) fn cpu(&self) -> u32 {
        self.cpu
    }

    /// Say whether the reader sleeps until it is woken.
    pub(crate) fn set_asleep(&self, asleep: bool) {
        if let Some(sleeps) = self.shared.sleeps(self.cpu) {
            sleeps.store(asleep.into(), Ordering::Release);
        }
    }

    /// The records that are ready, in order, up to a batch and all judged by the same tables.
    /// `asked` is the generation that records are waited for.
    pub(crate) fn read(&mut self, asked: u32) -> Option<Collected> {
        let head = self.head();
        let Some(&Entry { generation, .. }) = self.entry(head) else {
            self.caught_up_with = asked;
            return None;
        };
        self.caught_up_with = self.caught_up_with.max(generation);
        let most = (head - self.tail).min(MAX_BATCH_RECORDS as u64) as usize;
        let mut batch = Collected::with_capacity(generation, most);
        while batch.records.len() < MAX_BATCH_RECORDS {
            let Some(entry) = self.entry(head).filter(|entry| entry.generation == generation)
            else {
                break;
            };
            let payload_len = entry.record.payload_len;
            if payload_len == 0 {
                batch.push_whole(&entry.record, entry.kept);
                self.step();
            } else {
                batch.push(&entry.record, entry.kept, &[]);
                self.step();
                self.read_payload(payload_len.into(), head, &mut batch);
            }
        }
        self.free();
        Some(batch)
    }

    /// Copy what follows an entry behind the record that was made of it.
    fn read_payload(&mut self, len: usize, head: u64, batch: &mut Collected) {
        let mut left = len;
        while left > 0 && self.tail < head {
            let part = left.min(SLOT_BYTES);
            if let Some(slot) = self.shared.slots.at(self.next) {
                // SAFETY: mapped, and the tap's no more before `free`.
                let bytes = unsafe { slot.cast::<[u8; SLOT_BYTES]>().read() };
                batch.extend_payload(&bytes[..part]);
            }
            left -= part;
            self.step();
        }
    }

    /// The entry that is read next, if it is before `head`.
    #[inline]
    fn entry(&self, head: u64) -> Option<&Entry> {
        if self.tail >= head {
            return None;
        }
        let slot = self.shared.slots.at(self.next)?;
        // SAFETY: mapped, and not the tap's again before `free`, for which nobody may have borrowed us.
        // An entry is a slot of integers.
        Some(unsafe { slot.cast::<Entry>().as_ref() })
    }

    #[inline]
    fn step(&mut self) {
        self.tail += 1;
        self.next += 1;
        if self.next == self.slots.end {
            self.next = self.slots.start;
        }
    }

    /// What the tap has published so far. What is in its slots is seen by whoever sees this.
    fn head(&self) -> u64 {
        self.shared.head(self.cpu).map_or(self.tail, |head| head.load(Ordering::Acquire))
    }

    /// Give all slots that were read back to the tap.
    fn free(&mut self) {
        if let Some(tail) = self.shared.tail(self.cpu) {
            tail.store(self.tail, Ordering::Release);
        }
    }
}
