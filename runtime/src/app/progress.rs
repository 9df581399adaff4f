//! What a live runtime says of itself while it runs and when it ends.

use std::{collections::BTreeMap, fmt::Write, time::Instant};

use ringtap_pipeline::ledger::{PluginCounts, TapCounts};
use ringtap_plugin::{PluginStatus, Supervisor};

use super::accounts::{Readings, SharedTaps, TapLabels};

/// A line a second, from the differences to the one before.
pub(crate) struct Progress {
    at: Instant,
    taps: BTreeMap<TapLabels, TapCounts>,
    plugins: BTreeMap<String, PluginCounts>,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self { at: Instant::now(), taps: BTreeMap::new(), plugins: BTreeMap::new() }
    }

    /// What happened since the last line.
    pub(crate) fn line(&mut self, taps: &SharedTaps, supervisor: &Supervisor) -> String {
        let seconds = self.at.elapsed().as_secs_f64().max(1e-3);
        self.at = Instant::now();
        let rate = |now: u64, before: u64| (now.saturating_sub(before)) as f64 / seconds;
        let mut line = String::new();
        // Counts of taps that are off may move on to other labels, and nothing comes to them.
        let on = taps.attached();
        let readings: Vec<_> =
            taps.readings().into_iter().filter(|(labels, _)| on.contains(labels)).collect();
        for (labels, counts) in &readings {
            let since = counts.since(&self.taps.get(labels).copied().unwrap_or_default());
            let (interface, hook, direction) = labels;
            let seen = rate(since.seen, 0);
            push(&mut line, format_args!("{interface} {hook} {direction} {seen:.0} packets/s"));
            note(&mut line, "lost", since.lost_total());
        }
        self.taps = readings.into_iter().collect();
        for plugin in supervisor.status() {
            let counts = plugin.counts;
            let before = self.plugins.insert(plugin.name.to_string(), counts).unwrap_or_default();
            let delivered = rate(counts.delivered, before.delivered);
            push(&mut line, format_args!("{} {delivered:.0} records/s", plugin.name));
            note(&mut line, "shed", counts.shed - before.shed);
            note(&mut line, "failed", counts.failed - before.failed);
        }
        line
    }
}

fn push(line: &mut String, part: std::fmt::Arguments<'_>) {
    let separator = if line.is_empty() { "" } else { ", " };
    // Writing to a string can't fail.
    write!(line, "{separator}{part}").ok();
}

fn note(line: &mut String, what: &str, count: u64) {
    if count > 0 {
        write!(line, " ({count} {what})").ok();
    }
}

/// Where every packet and every record went, a line each.
pub(crate) fn say_ledger(taps: &[(TapLabels, TapCounts)], supervisor: &Supervisor) {
    for ((interface, hook, direction), counts) in taps {
        let TapCounts { seen, uninterested, sampled_out, published, .. } = counts;
        tracing::info!(
            "{interface} {hook} {direction}: {seen} packets seen = {uninterested} uninterested + \
             {sampled_out} sampled out + {} lost + {published} published",
            counts.lost_total()
        );
    }
    let ran = |plugin: &PluginStatus| plugin.description.is_some();
    for plugin in supervisor.status().into_iter().filter(ran) {
        let PluginCounts { published, shed, failed, delivered, .. } = plugin.counts;
        tracing::info!(
            "{}: {published} records = {shed} shed + {failed} failed + {delivered} delivered",
            plugin.name
        );
    }
}
