use std::{
    cmp::Ordering,
    collections::HashMap,
    net::IpAddr,
    ops::{AddAssign, Sub},
};

use foldhash::quality::FixedState;
use ringtap_plugin::Counter;

/// Who sends to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Pair {
    pub(crate) src: IpAddr,
    pub(crate) dst: IpAddr,
}

/// How much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
}

/// What is known of a pair.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    /// Since the pair came into the table.
    pub(crate) total: Traffic,
    /// The part of `total` that the counters have.
    pub(crate) reported: Traffic,
    /// Bytes, old ones counting less: what pairs are ranked by.
    pub(crate) weight: f64,
    /// Of a pair that is shown.
    pub(crate) counters: Option<Counters>,
}

#[derive(Debug)]
pub(crate) struct Counters {
    pub(crate) packets: Counter,
    pub(crate) bytes: Counter,
}

/// Pairs, at most `capacity`. The memory for them is taken at the start.
pub(crate) struct Table {
    capacity: usize,
    pairs: HashMap<Pair, Entry, FixedState>,
}

impl Table {
    pub(crate) fn new(capacity: usize, seed: u64) -> Self {
        let pairs = HashMap::with_capacity_and_hasher(capacity, FixedState::with_seed(seed));
        Self { capacity, pairs }
    }

    /// Count traffic. The answer is what was dropped from the table to make room, most often none.
    pub(crate) fn add(&mut self, pair: Pair, traffic: Traffic) -> Traffic {
        let full = self.pairs.len() >= self.capacity && !self.pairs.contains_key(&pair);
        let dropped = if full { self.drop_light() } else { Traffic::default() };
        let entry = self.pairs.entry(pair).or_default();
        entry.total += traffic;
        entry.weight += traffic.bytes as f64;
        dropped
    }

    /// Drop the lighter half of the pairs, except those that are shown. Half, since looking at all
    /// of them costs: this way it is paid for by as many new pairs.
    fn drop_light(&mut self) -> Traffic {
        let mut weights: Vec<_> = self.pairs.values().map(|entry| entry.weight).collect();
        let middle = weights.len() / 2;
        let (_, median, _) = weights.select_nth_unstable_by(middle, f64::total_cmp);
        let mut dropped = Traffic::default();
        self.pairs.retain(|_, entry| {
            let keep = entry.weight > *median || entry.counters.is_some();
            if !keep {
                dropped += entry.total;
            }
            keep
        });
        dropped
    }

    /// Let bytes so far count `factor` times as much in the ranking.
    pub(crate) fn decay(&mut self, factor: f64) {
        for entry in self.pairs.values_mut() {
            entry.weight *= factor;
        }
    }

    /// The heaviest pairs, at most `count` and the heaviest first, and the others.
    pub(crate) fn split(&mut self, count: usize) -> (Vec<Ranked<'_>>, Vec<Ranked<'_>>) {
        let mut ranked: Vec<_> = self.pairs.iter_mut().collect();
        let mut others = Vec::new();
        if ranked.len() > count {
            ranked.select_nth_unstable_by(count, by_weight);
            others = ranked.split_off(count);
        }
        // Where there is room for some, it is for those that come first.
        ranked.sort_unstable_by(by_weight);
        (ranked, others)
    }

    /// Take a pair of the instance before. False if it is there already.
    pub(crate) fn resume(&mut self, pair: Pair, entry: Entry) -> bool {
        self.pairs.insert(pair, entry).is_none()
    }

    /// Drop light pairs until the others have room. The answer is what those had. Of the pairs, at
    /// most a quarter of the capacity may be shown.
    pub(crate) fn shrink(&mut self) -> Traffic {
        let mut dropped = Traffic::default();
        while self.pairs.len() > self.capacity {
            dropped += self.drop_light();
        }
        dropped
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&Pair, &Entry)> {
        self.pairs.iter()
    }

    /// Pairs that are shown.
    pub(crate) fn shown(&self) -> usize {
        self.pairs.values().filter(|entry| entry.counters.is_some()).count()
    }

    pub(crate) fn len(&self) -> usize {
        self.pairs.len()
    }
}

pub(crate) type Ranked<'a> = (&'a Pair, &'a mut Entry);

/// Among equals the pair decides, so that the choice doesn't flicker.
fn by_weight((a, left): &Ranked<'_>, (b, right): &Ranked<'_>) -> Ordering {
    right.weight.total_cmp(&left.weight).then(a.cmp(b))
}

impl AddAssign for Traffic {
    fn add_assign(&mut self, more: Self) {
        self.packets += more.packets;
        self.bytes += more.bytes;
    }
}

impl Sub for Traffic {
    type Output = Self;

    fn sub(self, less: Self) -> Self {
        Self { packets: self.packets - less.packets, bytes: self.bytes - less.bytes }
    }
}
