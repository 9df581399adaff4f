use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use super::{
    Definition, Families, Kind, MetricError,
    held::Held,
    registry::{Names, lock},
};
use crate::name::PluginName;

/// Metric names that one plugin may use, at most: each may have a series for overflow beside those
/// that are limited.
pub const MAX_NAMES: usize = 1000;

/// A series of one plugin. Never reused for another series, so a stale one is harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Series {
    pub(super) id: u64,
    pub(super) overflow: bool,
}

impl Series {
    /// One that nobody holds any more: a value for it is counted as overflow.
    pub const GONE: Self = Self { id: u64::MAX, overflow: true };

    /// Whether it takes what is meant for others, which have no room.
    pub const fn is_overflow(self) -> bool {
        self.overflow
    }
}

/// What a plugin may hold, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeriesLimits {
    /// Series, apart from one for overflow for each metric name.
    pub max: usize,
    /// A series with labels is forgotten when it was neither defined nor updated for so long. With
    /// `None` it stays.
    pub expiry: Option<Duration>,
}

/// What one value does to one series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Update {
    pub series: Series,
    /// Added to a counter, set for a gauge, observed by a histogram.
    pub value: f64,
}

/// The metrics of one plugin. They outlive its instances, so that a reload resets nothing.
///
/// A series that is defined is not shown before [`commit`](Self::commit) says that the call which
/// defined it returned. Beyond [`SeriesLimits::max`] values go into one series for each metric name,
/// whose labels all say [`OVERFLOW`](super::OVERFLOW); those of gauges, which have no sum, go
/// nowhere. Both are counted.
#[derive(Debug)]
pub struct PluginMetrics {
    names: Arc<Names>,
    plugin: PluginName,
    limits: SeriesLimits,
    /// What the system's time is told from.
    started: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    held: Held,
    /// See [`PluginMetrics::tell_time`].
    told_ns: Option<u64>,
    overflowed: u64,
    expired: u64,
}

impl PluginMetrics {
    pub(super) fn new(names: Arc<Names>, plugin: PluginName, limits: SeriesLimits) -> Self {
        Self { names, plugin, limits, started: Instant::now(), state: Mutex::default() }
    }

    /// The series of that name and those labels, new or known; the one for overflow if there is no
    /// room.
    pub fn define(&self, definition: impl Into<Arc<Definition>>) -> Result<Series, MetricError> {
        let definition: Arc<Definition> = definition.into();
        let mut state = lock(&self.state);
        let now_ns = self.expire(&mut state);
        let known = state.held.find(&definition).or_else(|| {
            let overflows = definition.is_overflow() || state.held.own() >= self.limits.max;
            state.held.overflow_of(&definition.name).filter(|_| overflows)
        });
        if let Some(known) = known {
            self.names.claim(&self.plugin, &definition)?;
            state.held.touch(known, now_ns);
            return Ok(known);
        }
        if state.held.names() >= MAX_NAMES && !state.held.has_name(&definition.name) {
            let metric = definition.name.clone();
            return Err(MetricError::TooManyNames { metric, limit: MAX_NAMES });
        }
        self.names.claim(&self.plugin, &definition)?;
        let overflows = definition.is_overflow() || state.held.own() >= self.limits.max;
        let definition = if overflows { Arc::new(definition.overflowing()) } else { definition };
        Ok(state.held.insert(definition, overflows, now_ns))
    }

    /// Whether `value` may be applied to `series`, which does not expire before the call that asks
    /// this ends. `handle` is what the plugin calls it.
    pub fn check(&self, series: Series, value: f64, handle: u32) -> Result<(), MetricError> {
        let mut state = lock(&self.state);
        let now_ns = self.expire(&mut state);
        let entry = state.held.get(series).ok_or(MetricError::NoSuchSeries(handle))?;
        let metric = || entry.definition.name.clone();
        match entry.definition.kind {
            Kind::Counter if !(value.is_finite() && value >= 0.0) => {
                return Err(MetricError::NotADelta { metric: metric(), value });
            }
            Kind::Histogram { .. } if value.is_nan() => {
                return Err(MetricError::NotANumber { metric: metric() });
            }
            _ => {}
        }
        state.held.touch(series, now_ns);
        Ok(())
    }

    /// A call returned: show what it defined, apply what it recorded, drop what it forgot.
    pub fn commit(&self, defined: &[Series], updates: &[Update], forgotten: &[Series]) {
        let mut state = lock(&self.state);
        self.expire(&mut state);
        for series in defined {
            if let Some(entry) = state.held.get_mut(*series) {
                entry.shown = true;
            }
        }
        for update in updates {
            state.apply(update);
        }
        for series in forgotten {
            self.forget(&mut state, *series);
        }
    }

    /// A call failed: forget what it defined, unless an earlier call had defined it too.
    pub fn roll_back(&self, defined: &[Series]) {
        let mut state = lock(&self.state);
        for series in defined {
            if state.held.get(*series).is_some_and(|entry| !entry.shown) {
                self.forget(&mut state, *series);
            }
        }
    }

    /// Drop gauges that `kept` does not name: their plugin was replaced, and nobody sets them now.
    /// Counters and histograms stay, since they go on where they stopped.
    pub fn drop_gauges_except(&self, kept: &[Series]) {
        let kept: HashSet<_> = kept.iter().collect();
        let mut state = lock(&self.state);
        let stale = state.held.iter().filter(|(series, entry)| {
            matches!(entry.definition.kind, Kind::Gauge) && !kept.contains(series)
        });
        for series in stale.map(|(series, _)| series).collect::<Vec<_>>() {
            self.forget(&mut state, series);
        }
    }

    /// From now on series age by the time of a capture, and no more by the system's. It is `now_ns`;
    /// 0 before the capture begins. Never goes back.
    pub fn tell_time(&self, now_ns: u64) {
        let mut state = lock(&self.state);
        let before = state.told_ns.unwrap_or(0);
        if before == 0 {
            state.held.restart(now_ns);
        }
        state.told_ns = Some(now_ns.max(before));
    }

    pub fn limits(&self) -> SeriesLimits {
        self.limits
    }

    /// Whether the series is there, shown or not.
    pub fn holds(&self, series: Series) -> bool {
        lock(&self.state).held.get(series).is_some()
    }

    /// Series held, shown or not.
    pub fn len(&self) -> usize {
        lock(&self.state).held.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn collect(&self, families: &mut Families) {
        let mut state = lock(&self.state);
        self.expire(&mut state);
        self.collect_own(&state, families);
        let shown = state.held.iter().filter(|(series, entry)| {
            let is_nobodys = series.overflow && entry.definition.kind == Kind::Gauge;
            entry.shown && !is_nobodys
        });
        let mut shown: Vec<_> = shown.map(|(_, entry)| entry).collect();
        shown.sort_by_key(|entry| (&entry.definition.name, &entry.definition.labels));
        for entry in shown {
            let Definition { kind, name, help, labels } = &*entry.definition;
            let mut labels = labels.clone();
            labels.push(("plugin".to_owned(), self.plugin.to_string()));
            families.add((name, help, kind.name()), labels, entry.value.sample(kind));
        }
    }

    fn collect_own(&self, state: &State, families: &mut Families) {
        let labels = [("plugin", self.plugin.as_str())];
        let help = "Metric series that the plugin holds.";
        families.gauge("ringtap_plugin_series", help, &labels, state.held.len() as f64);
        let help = "Values of series for which there was no room: they went into the overflow \
                    series of their metric, those of gauges nowhere.";
        families.counter("ringtap_plugin_series_overflow_total", help, &labels, state.overflowed);
        let help = "Series that were forgotten because they were not updated.";
        families.counter("ringtap_plugin_series_expired_total", help, &labels, state.expired);
    }

    /// Forget what was not used for too long. Returns the time.
    fn expire(&self, state: &mut State) -> u64 {
        let Some(after) = self.limits.expiry else { return 0 };
        let now_ns = state.told_ns.unwrap_or_else(|| nanoseconds(self.started.elapsed()));
        while let Some(series) = state.held.idle(nanoseconds(after), now_ns) {
            self.forget(state, series);
            state.expired += 1;
        }
        now_ns
    }

    fn forget(&self, state: &mut State, series: Series) {
        if let Some(name) = state.held.remove(series) {
            self.names.release_name(&self.plugin, &name);
        }
    }
}

impl State {
    fn apply(&mut self, Update { series, value }: &Update) {
        let entry = self.held.get_mut(*series);
        self.overflowed += u64::from(series.overflow || entry.is_none());
        if let Some(entry) = entry {
            entry.value.apply(&entry.definition.kind, *value);
        }
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
