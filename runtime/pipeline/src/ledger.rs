//! Where did every packet and every record go.
//!
//! Per tap: `seen = uninterested + sampled_out + lost + published`. Per plugin: `published = shed +
//! failed + delivered + queued`, and `queued` is 0 once traffic is quiet. The sums close exactly:
//! a packet or record is counted where its way ends and nowhere else.

use std::{
    ops::AddAssign,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// Why a tap could not publish a packet that was wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LossReason {
    /// The ring buffer of that CPU had no room: the reader fell behind.
    RingFull,
    /// That CPU has no ring buffer: it came online after start.
    NoRing,
}

impl LossReason {
    pub const ALL: [Self; 2] = [Self::RingFull, Self::NoRing];

    /// The value of the label `reason`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RingFull => "ring_full",
            Self::NoRing => "no_ring",
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

/// What became of the records that were meant for one plugin. Outlives its instances.
#[derive(Debug, Default)]
pub struct PluginLedger {
    published: AtomicU64,
    shed: AtomicU64,
    failed: AtomicU64,
    delivered: AtomicU64,
}

/// A reading of [`PluginLedger`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PluginCounts {
    /// Meant for the plugin.
    pub published: u64,
    /// Dropped because its queue was full or it was not there to take them.
    pub shed: u64,
    /// In a call that trapped or overran.
    pub failed: u64,
    /// In a call that returned.
    pub delivered: u64,
}

impl PluginCounts {
    /// Records in the queue or in a call.
    pub fn in_flight(&self) -> u64 {
        self.published.saturating_sub(self.shed + self.failed + self.delivered)
    }

    /// Whether every record is accounted for.
    pub fn closes(&self) -> bool {
        self.published == self.shed + self.failed + self.delivered
    }
}

impl PluginLedger {
    pub fn publish(&self, records: u64) {
        self.published.fetch_add(records, Relaxed);
    }

    pub fn shed(&self, records: u64) {
        self.shed.fetch_add(records, Relaxed);
    }

    pub fn fail(&self, records: u64) {
        self.failed.fetch_add(records, Relaxed);
    }

    pub fn deliver(&self, records: u64) {
        self.delivered.fetch_add(records, Relaxed);
    }

    /// Ends are read before the beginning, so that a reading never shows more ends than beginnings.
    pub fn read(&self) -> PluginCounts {
        let (shed, failed) = (self.shed.load(Relaxed), self.failed.load(Relaxed));
        let delivered = self.delivered.load(Relaxed);
        PluginCounts { published: self.published.load(Relaxed), shed, failed, delivered }
    }
}
