use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use ringtap_pipeline::{
    ledger::{LossReason, TapCounts},
    metrics::{Collect, Families},
};
use ringtap_tap::{TapInfo, TapReading, Taps};

/// What labels a tap's counts: interface, hook, direction.
pub(crate) type TapLabels = (String, &'static str, &'static str);

/// Where taps' counts are read.
pub(crate) trait Readings: Send + Sync {
    /// The counts, each label once. What can't be read is left out, and said.
    fn readings(&self) -> Vec<(TapLabels, TapCounts)>;
}

/// The promised metrics about taps.
pub(crate) struct TapAccounts<R>(pub(crate) Arc<R>);

impl<R: Readings> Collect for TapAccounts<R> {
    fn collect(&self, families: &mut Families) {
        for ((interface, hook, direction), counts) in &self.0.readings() {
            let labels =
                [("interface", interface.as_str()), ("hook", hook), ("direction", direction)];
            collect_one(families, &labels, counts);
        }
    }
}

fn collect_one(families: &mut Families, labels: &[(&str, &str); 3], counts: &TapCounts) {
    let mut count = |name, help, value| families.counter(name, help, labels, value);
    count("ringtap_packets_seen_total", "Packets that reached a tap.", counts.seen);
    count(
        "ringtap_packets_uninterested_total",
        "Packets that no plugin wanted.",
        counts.uninterested,
    );
    count(
        "ringtap_packets_sampled_out_total",
        "Packets that a sample rate left out.",
        counts.sampled_out,
    );
    count(
        "ringtap_packets_published_total",
        "Packets whose record was published.",
        counts.published,
    );
    let [interface, hook, direction] = *labels;
    for (reason, lost) in LossReason::ALL.into_iter().zip(counts.lost) {
        families.counter(
            "ringtap_packets_lost_total",
            "Packets that were wanted and whose record could not be published.",
            &[interface, hook, direction, ("reason", reason.name())],
            lost,
        );
    }
}

/// Live taps, shared with scrapes.
pub(crate) struct SharedTaps(pub(crate) Mutex<Taps>);

impl SharedTaps {
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Taps) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The labels of the taps that are on.
    pub(crate) fn attached(&self) -> BTreeSet<TapLabels> {
        self.with(|taps| taps.attached().map(labels).collect())
    }
}

fn labels(tap: &TapInfo) -> TapLabels {
    (tap.interface.clone(), tap.hook.name(), tap.direction.name())
}

impl Readings for SharedTaps {
    fn readings(&self) -> Vec<(TapLabels, TapCounts)> {
        let readings = self.with(|taps| taps.readings()).unwrap_or_else(|error| {
            tracing::error!("what the taps counted is missing from /metrics: {error}");
            Vec::new()
        });
        // Taps that come and go on interfaces of one name are one series.
        let mut sums = BTreeMap::<TapLabels, TapCounts>::new();
        for TapReading { tap, counts } in &readings {
            *sums.entry(labels(tap)).or_default() += *counts;
        }
        sums.into_iter().collect()
    }
}

/// What became of a packet that was read from a capture. None is lost: a capture waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Uninterested,
    SampledOut,
    Published,
}

/// Packets read from captures.
#[derive(Debug, Default)]
pub(crate) struct CaptureCounts(Mutex<BTreeMap<TapLabels, TapCounts>>);

impl CaptureCounts {
    pub(crate) fn count(&self, labels: TapLabels, fate: Fate) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = counts.entry(labels).or_default();
        counts.seen += 1;
        match fate {
            Fate::Uninterested => counts.uninterested += 1,
            Fate::SampledOut => counts.sampled_out += 1,
            Fate::Published => counts.published += 1,
        }
    }
}

impl Readings for CaptureCounts {
    fn readings(&self) -> Vec<(TapLabels, TapCounts)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().map(|(labels, counts)| (labels.clone(), *counts)).collect()
    }
}
