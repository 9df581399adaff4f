use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ringtap_pipeline::{batch::Batch, queue::Side};

use crate::{instance::Instance, item::Item, policy::TrialTerms, schedule::Schedule};

/// What waits while a new version is on trial: the old one, frozen, and what it gets to work on if the
/// new one fails.
pub(crate) struct Trial {
    pub(crate) old: Frozen,
    /// Whether the new version goes on from what the old one has saved. Then what that one holds must
    /// not come out of both.
    pub(crate) handed_on: bool,
    /// Everything that came since, in order.
    pub(crate) kept: Vec<Item>,
    /// What the new version, a filter, lets through, once it has passed.
    pub(crate) held: Vec<Arc<Batch>>,
    bounds: Bounds,
}

/// An instance that is not called, with its own beat.
pub(crate) struct Frozen {
    pub(crate) instance: Instance,
    pub(crate) schedule: Schedule,
}

/// How much longer a trial goes on.
#[derive(Debug)]
struct Bounds {
    batches: u32,
    until: Instant,
    /// Records that can still be kept: memory, not time.
    records: usize,
}

impl Trial {
    /// `records` can be kept.
    pub(crate) fn new(old: Frozen, handed_on: bool, terms: &TrialTerms, records: usize) -> Self {
        let until = Instant::now() + terms.time;
        let batches = if terms.time == Duration::ZERO { 0 } else { terms.batches };
        Self {
            old,
            handed_on,
            kept: Vec::new(),
            held: Vec::new(),
            bounds: Bounds { batches, until, records },
        }
    }

    /// The new version took this, or had nothing to take of it.
    pub(crate) fn keep(&mut self, item: Item) {
        self.bounds.took(item.len(Side::New), item.len(Side::Old));
        self.kept.push(item);
    }

    /// When it is over whatever comes.
    pub(crate) fn until(&self) -> Instant {
        self.bounds.until
    }

    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.bounds.are_reached(now)
    }
}

impl Bounds {
    fn took(&mut self, new: usize, old: usize) {
        self.batches = self.batches.saturating_sub(u32::from(new > 0));
        self.records = self.records.saturating_sub(new.max(old));
    }

    fn are_reached(&self, now: Instant) -> bool {
        self.batches == 0 || self.records == 0 || now >= self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_ends_with_what_comes_first() {
        let now = Instant::now();
        let bounds =
            |batches, records| Bounds { batches, until: now + Duration::from_secs(1), records };
        let mut by_batches = bounds(2, 100);
        by_batches.took(1, 0);
        by_batches.took(0, 1);
        assert!(!by_batches.are_reached(now), "what only the old version wants tries nothing");
        by_batches.took(1, 1);
        assert!(by_batches.are_reached(now));
        let mut by_records = bounds(9, 100);
        by_records.took(10, 99);
        assert!(!by_records.are_reached(now));
        by_records.took(10, 0);
        assert!(by_records.are_reached(now));
        assert!(bounds(9, 100).are_reached(now + Duration::from_secs(1)));
        assert!(bounds(0, 100).are_reached(now));
    }
}
