//! Where did every packet and every record go.
//!
//! Per tap: `seen = uninterested + sampled_out + lost + published`. Per plugin, and per edge of a
//! pipeline: `published = shed + failed + delivered + queued`, and `queued` is 0 once traffic is quiet.
//! The sums close exactly: a packet, record or event is counted where its way ends and nowhere else.

use std::{
    ops::AddAssign,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// Why a tap could not publish a packet that was wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LossReason {
    /// The ring of that CPU had no room: the reader fell behind.
    RingFull,
    /// That CPU has no ring: it came online after start.
    NoRing,
    /// Another tap was at work in that CPU's ring: the kernel let one interrupt the other, as those built
    /// for real time do.
    RingBusy,
}

impl LossReason {
    pub const ALL: [Self; 3] = [Self::RingFull, Self::NoRing, Self::RingBusy];

    /// The value of the label `reason`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RingFull => "ring_full",
            Self::NoRing => "no_ring",
            Self::RingBusy => "ring_busy",
        }
    }
}

/// What became of the packets that one tap saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TapCounts {
    pub seen: u64,
    pub uninterested: u64,
    pub sampled_out: u64,
    pub published: u64,
    /// By [`LossReason`], in the order of [`LossReason::ALL`].
    pub lost: [u64; LossReason::ALL.len()],
}

impl TapCounts {
    pub fn lost_total(&self) -> u64 {
        self.lost.iter().sum()
    }

    /// Whether every packet is accounted for.
    pub fn closes(&self) -> bool {
        self.seen == self.ended()
    }

    /// Packets whose way has ended, one way or another.
    pub fn ended(&self) -> u64 {
        self.uninterested + self.sampled_out + self.published + self.lost_total()
    }

    /// What was counted after `earlier`, which was read from the same counters.
    pub fn since(&self, earlier: &Self) -> Self {
        let mut lost = self.lost;
        for (lost, earlier) in lost.iter_mut().zip(earlier.lost) {
            *lost = lost.saturating_sub(earlier);
        }
        Self {
            seen: self.seen.saturating_sub(earlier.seen),
            uninterested: self.uninterested.saturating_sub(earlier.uninterested),
            sampled_out: self.sampled_out.saturating_sub(earlier.sampled_out),
            published: self.published.saturating_sub(earlier.published),
            lost,
        }
    }
}

impl AddAssign for TapCounts {
    fn add_assign(&mut self, other: Self) {
        self.seen += other.seen;
        self.uninterested += other.uninterested;
        self.sampled_out += other.sampled_out;
        self.published += other.published;
        for (sum, lost) in self.lost.iter_mut().zip(other.lost) {
            *sum += lost;
        }
    }
}

/// Why a record or event that was meant for a plugin did not reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ShedReason {
    /// Its queue was full.
    QueueFull,
    /// Its queue filled up, and was given a sample; those that stayed say how large a sample.
    Sampled,
    /// It had used up its CPU time.
    Budget,
    /// No instance was there to take it: dead, refused, removed, not there yet.
    NoInstance,
    /// It was queued for an instance that was replaced before it came to it.
    Handover,
    /// It was queued when the runtime ended, and did not come to an instance in time.
    Shutdown,
}

impl ShedReason {
    pub const ALL: [Self; 6] = [
        Self::QueueFull,
        Self::Sampled,
        Self::Budget,
        Self::NoInstance,
        Self::Handover,
        Self::Shutdown,
    ];

    /// The value of the label `reason`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::Sampled => "sampled",
            Self::Budget => "budget",
            Self::NoInstance => "no_instance",
            Self::Handover => "handover",
            Self::Shutdown => "shutdown",
        }
    }
}

/// By [`ShedReason`], in the order of [`ShedReason::ALL`].
pub type ShedBy = [u64; ShedReason::ALL.len()];

/// What became of the records, or events, that were meant for one plugin by one way. Outlives the
/// plugin's instances.
#[derive(Debug, Default)]
pub struct PluginLedger {
    published: AtomicU64,
    shed: [AtomicU64; ShedReason::ALL.len()],
    failed: AtomicU64,
    delivered: AtomicU64,
}

/// A reading of [`PluginLedger`], or the sum of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PluginCounts {
    /// Meant for the plugin.
    pub published: u64,
    /// Dropped before the plugin, for whatever reason: the sum of `shed_by`.
    pub shed: u64,
    pub shed_by: ShedBy,
    /// In a call that trapped or overran.
    pub failed: u64,
    /// In a call that returned.
    pub delivered: u64,
}

impl PluginCounts {
    /// In the queue or in a call.
    pub fn in_flight(&self) -> u64 {
        self.published.saturating_sub(self.shed + self.failed + self.delivered)
    }

    /// Whether everything is accounted for.
    pub fn closes(&self) -> bool {
        self.published == self.shed + self.failed + self.delivered
    }

    /// What was shed, by reason.
    pub fn sheds(&self) -> impl Iterator<Item = (ShedReason, u64)> {
        ShedReason::ALL.into_iter().zip(self.shed_by)
    }
}

impl AddAssign for PluginCounts {
    fn add_assign(&mut self, other: Self) {
        self.published += other.published;
        self.shed += other.shed;
        for (sum, shed) in self.shed_by.iter_mut().zip(other.shed_by) {
            *sum += shed;
        }
        self.failed += other.failed;
        self.delivered += other.delivered;
    }
}

impl PluginLedger {
    pub fn publish(&self, items: u64) {
        self.published.fetch_add(items, Relaxed);
    }

    pub fn shed(&self, reason: ShedReason, items: u64) {
        let [queue_full, sampled, budget, no_instance, handover, shutdown] = &self.shed;
        let count = match reason {
            ShedReason::QueueFull => queue_full,
            ShedReason::Sampled => sampled,
            ShedReason::Budget => budget,
            ShedReason::NoInstance => no_instance,
            ShedReason::Handover => handover,
            ShedReason::Shutdown => shutdown,
        };
        count.fetch_add(items, Relaxed);
    }

    pub fn fail(&self, items: u64) {
        self.failed.fetch_add(items, Relaxed);
    }

    pub fn deliver(&self, items: u64) {
        self.delivered.fetch_add(items, Relaxed);
    }

    /// Ends are read before the beginning, so that a reading never shows more ends than beginnings.
    pub fn read(&self) -> PluginCounts {
        let shed_by = self.shed.each_ref().map(|count| count.load(Relaxed));
        let (shed, failed) = (shed_by.iter().sum(), self.failed.load(Relaxed));
        let delivered = self.delivered.load(Relaxed);
        PluginCounts { published: self.published.load(Relaxed), shed, shed_by, failed, delivered }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shed_is_told_by_reason_and_in_total() {
        let ledger = PluginLedger::default();
        ledger.publish(100);
        for (reason, items) in ShedReason::ALL.into_iter().zip(1..) {
            ledger.shed(reason, items);
        }
        let counts = ledger.read();
        assert_eq!((counts.shed, counts.shed_by), (21, [1, 2, 3, 4, 5, 6]));
        assert_eq!((counts.in_flight(), counts.closes()), (79, false));
        let names: Vec<_> = counts.sheds().map(|(reason, items)| (reason.name(), items)).collect();
        assert_eq!(names[0], ("queue_full", 1));
        assert_eq!(names[5], ("shutdown", 6));
        let mut sum = counts;
        ledger.deliver(70);
        ledger.fail(9);
        sum += ledger.read();
        assert_eq!((sum.published, sum.shed, sum.shed_by[5]), (200, 42, 12));
        assert_eq!((sum.failed, sum.delivered, ledger.read().closes()), (9, 70, true));
    }
}
