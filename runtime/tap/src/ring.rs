use aya::maps::{MapData, RingBuf};
use ringtap_interest::Entry;
use ringtap_pipeline::batch::{Collected, MAX_BATCH_RECORDS};

/// One CPU's ring, and how far it was read.
pub(crate) struct Ring {
    ring: RingBuf<MapData>,
    /// Of the last record; the next one may be of newer tables.
    ahead: Option<Collected>,
    /// Every record of tables before these has been handed on.
    pub(crate) caught_up_with: u32,
}

impl Ring {
    pub(crate) fn new(ring: RingBuf<MapData>) -> Self {
        Self { ring, ahead: None, caught_up_with: 0 }
    }

    /// The records that are ready, in order, up to a batch and all judged by the same tables.
    /// `asked` is the generation that records are waited for.
    pub(crate) fn read(&mut self, asked: u32) -> Option<Collected> {
        let mut batch = self.ahead.take();
        loop {
            if batch.as_ref().is_some_and(|batch| batch.records.len() == MAX_BATCH_RECORDS) {
                return batch;
            }
            let Some(item) = self.ring.next() else {
                self.caught_up_with = asked;
                return batch;
            };
            // The taps write entries and nothing else.
            let Some((entry, payload)) = Entry::read(&item) else { continue };
            match &mut batch {
                Some(batch) if batch.generation == entry.generation => {
                    batch.push(entry.record, entry.kept, payload)
                }
                _ => {
                    let mut next = started(entry.generation);
                    next.push(entry.record, entry.kept, payload);
                    self.caught_up_with = self.caught_up_with.max(entry.generation);
                    if batch.is_some() {
                        self.ahead = Some(next);
                        return batch;
                    }
                    batch = Some(next);
                }
            }
        }
    }
}

fn started(generation: u32) -> Collected {
    Collected { generation, ..Collected::default() }
}
