use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};

use super::{
    Definition, Families, Kind, MetricError, SampleValue,
    registry::{Names, lock},
};
use crate::name::PluginName;

/// A series of one plugin. Never reused for another series, so a stale one is harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Series(u64);

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
/// defined it returned.
#[derive(Debug)]
pub struct PluginMetrics {
    names: Arc<Names>,
    plugin: PluginName,
    max_series: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    by_key: HashMap<Key, Series>,
    /// How many series have the name: with the last one the name is free again, or a plugin could
    /// fill the host's memory with names.
    by_name: HashMap<String, usize>,
    series: HashMap<Series, Entry>,
}

type Key = (String, Vec<(String, String)>);

#[derive(Debug)]
struct Entry {
    definition: Definition,
    shown: bool,
    value: Value,
}

#[derive(Debug)]
enum Value {
    Number(f64),
    Histogram { counts: Vec<u64>, sum: f64 },
}

impl PluginMetrics {
    pub(super) fn new(names: Arc<Names>, plugin: PluginName, max_series: usize) -> Self {
        Self { names, plugin, max_series, state: Mutex::default() }
    }

    /// The series of that name and those labels, new or known.
    pub fn define(&self, definition: Definition) -> Result<Series, MetricError> {
        let mut state = lock(&self.state);
        let key = (definition.name.clone(), definition.labels.clone());
        if let Some(known) = state.by_key.get(&key) {
            self.names.claim(&self.plugin, &definition)?;
            return Ok(*known);
        }
        if state.series.len() >= self.max_series {
            return Err(MetricError::TooManySeries { limit: self.max_series });
        }
        self.names.claim(&self.plugin, &definition)?;
        *state.by_name.entry(definition.name.clone()).or_default() += 1;
        let series = Series(state.next);
        state.next += 1;
        let value = Value::zero(&definition.kind);
        state.by_key.insert(key, series);
        state.series.insert(series, Entry { definition, shown: false, value });
        Ok(series)
    }

    /// Whether `value` may be applied to `series`. `handle` is what the plugin calls it.
    pub fn check(&self, series: Series, value: f64, handle: u32) -> Result<(), MetricError> {
        let state = lock(&self.state);
        let entry = state.series.get(&series).ok_or(MetricError::NoSuchSeries(handle))?;
        let metric = || entry.definition.name.clone();
        match entry.definition.kind {
            Kind::Counter if !(value.is_finite() && value >= 0.0) => {
                Err(MetricError::NotADelta { metric: metric(), value })
            }
            Kind::Histogram { .. } if value.is_nan() => {
                Err(MetricError::NotANumber { metric: metric() })
            }
            _ => Ok(()),
        }
    }

    /// A call returned: show what it defined, apply what it recorded, drop what it forgot.
    pub fn commit(&self, defined: &[Series], updates: &[Update], forgotten: &[Series]) {
        let mut state = lock(&self.state);
        for series in defined {
            if let Some(entry) = state.series.get_mut(series) {
                entry.shown = true;
            }
        }
        for update in updates {
            if let Some(entry) = state.series.get_mut(&update.series) {
                entry.apply(update.value);
            }
        }
        for series in forgotten {
            state.forget(*series, &self.names, &self.plugin);
        }
    }

    /// A call failed: forget what it defined, unless an earlier call had defined it too.
    pub fn roll_back(&self, defined: &[Series]) {
        let mut state = lock(&self.state);
        for series in defined {
            if state.series.get(series).is_some_and(|entry| !entry.shown) {
                state.forget(*series, &self.names, &self.plugin);
            }
        }
    }

    /// Drop gauges that `kept` does not name: their plugin was replaced, and nobody sets them now.
    /// Counters and histograms stay, since they go on where they stopped.
    pub fn drop_gauges_except(&self, kept: &[Series]) {
        let kept: HashSet<_> = kept.iter().collect();
        let mut state = lock(&self.state);
        let stale = |(series, entry): (&Series, &Entry)| {
            let stale = matches!(entry.definition.kind, Kind::Gauge) && !kept.contains(series);
            stale.then_some(*series)
        };
        for series in state.series.iter().filter_map(stale).collect::<Vec<_>>() {
            state.forget(series, &self.names, &self.plugin);
        }
    }

    /// Series held, shown or not.
    pub fn len(&self) -> usize {
        lock(&self.state).series.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn collect(&self, families: &mut Families) {
        let state = lock(&self.state);
        let mut shown: Vec<_> = state.series.values().filter(|entry| entry.shown).collect();
        shown.sort_by_key(|entry| (&entry.definition.name, &entry.definition.labels));
        for entry in shown {
            let Definition { kind, name, help, labels } = &entry.definition;
            let mut labels = labels.clone();
            labels.push(("plugin".to_owned(), self.plugin.to_string()));
            families.add((name, help, kind.name()), labels, entry.sample());
        }
    }
}

impl State {
    fn forget(&mut self, series: Series, names: &Names, plugin: &PluginName) {
        let Some(entry) = self.series.remove(&series) else { return };
        let Definition { name, labels, .. } = entry.definition;
        if let Some(count) = self.by_name.get_mut(&name) {
            *count -= 1;
            if *count == 0 {
                self.by_name.remove(&name);
                names.release_name(plugin, &name);
            }
        }
        self.by_key.remove(&(name, labels));
    }
}

impl Value {
    fn zero(kind: &Kind) -> Self {
        match kind {
            Kind::Counter | Kind::Gauge => Self::Number(0.0),
            Kind::Histogram { bounds } => {
                Self::Histogram { counts: vec![0; bounds.len() + 1], sum: 0.0 }
            }
        }
    }
}

impl Entry {
    fn apply(&mut self, value: f64) {
        match (&mut self.value, &self.definition.kind) {
            (Value::Number(number), Kind::Counter) => *number += value,
            (Value::Histogram { counts, sum }, Kind::Histogram { bounds }) => {
                counts[bounds.partition_point(|bound| *bound < value)] += 1;
                *sum += value;
            }
            (Value::Number(number), _) => *number = value,
            (Value::Histogram { .. }, _) => unreachable!("a value has its definition's shape"),
        }
    }

    fn sample(&self) -> SampleValue {
        match (&self.value, &self.definition.kind) {
            (Value::Histogram { counts, sum }, Kind::Histogram { bounds }) => {
                let bounds = bounds.iter().copied().chain([f64::INFINITY]);
                let running = counts.iter().scan(0, |total, count| {
                    *total += count;
                    Some(*total)
                });
                SampleValue::Histogram { buckets: bounds.zip(running).collect(), sum: *sum }
            }
            (Value::Number(number), _) => SampleValue::Float(*number),
            (Value::Histogram { .. }, _) => unreachable!("a value has its definition's shape"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Registry;

    fn definition(kind: Kind, name: &str, label: &str) -> Definition {
        Definition::new(kind, name.into(), "help".into(), vec![("l".into(), label.into())]).unwrap()
    }

    fn plugin(registry: &Registry, name: &str) -> Arc<PluginMetrics> {
        registry.plugin(&PluginName::new(name).unwrap(), 4)
    }

    fn value(registry: &Registry, name: &str) -> Option<SampleValue> {
        registry.collect().family(name).map(|family| family.samples[0].value.clone())
    }

    #[test]
    fn a_failed_call_leaves_no_trace_and_a_new_instance_goes_on_counting() {
        let registry = Registry::default();
        let metrics = plugin(&registry, "p");
        let lost = metrics.define(definition(Kind::Counter, "lost_total", "x")).unwrap();
        metrics.roll_back(&[lost]);
        let kept = metrics.define(definition(Kind::Counter, "kept_total", "x")).unwrap();
        metrics.commit(&[kept], &[Update { series: kept, value: 2.0 }], &[]);
        let again = metrics.define(definition(Kind::Counter, "kept_total", "x")).unwrap();
        assert_eq!(again, kept);
        metrics.roll_back(&[again]);
        metrics.commit(&[], &[Update { series: again, value: 3.0 }], &[]);
        assert_eq!(value(&registry, "lost_total"), None);
        assert_eq!(value(&registry, "kept_total"), Some(SampleValue::Float(5.0)));
    }

    #[test]
    fn histogram_buckets_are_cumulative_and_bounds_inclusive() {
        let registry = Registry::default();
        let metrics = plugin(&registry, "p");
        let kind = Kind::Histogram { bounds: vec![1.0, 2.0] };
        let series = metrics.define(definition(kind, "h", "x")).unwrap();
        let updates = [0.5, 1.0, 1.5, 9.0].map(|value| Update { series, value });
        metrics.commit(&[series], &updates, &[]);
        let buckets = vec![(1.0, 2), (2.0, 3), (f64::INFINITY, 4)];
        assert_eq!(value(&registry, "h"), Some(SampleValue::Histogram { buckets, sum: 12.0 }));
    }

    #[test]
    fn a_name_has_one_kind_across_plugins_until_its_last_user_goes() {
        let registry = Registry::default();
        plugin(&registry, "a").define(definition(Kind::Counter, "m", "x")).unwrap();
        let b = plugin(&registry, "b");
        assert!(b.define(definition(Kind::Gauge, "m", "x")).is_err());
        registry.remove(&PluginName::new("a").unwrap());
        assert!(b.define(definition(Kind::Gauge, "m", "x")).is_ok());
        let kind = Kind::Histogram { bounds: vec![] };
        b.define(definition(kind, "h", "x")).unwrap();
        assert!(b.define(definition(Kind::Counter, "h_sum", "x")).is_err());
    }

    #[test]
    fn series_are_limited_and_forgetting_makes_room() {
        let registry = Registry::default();
        let metrics = plugin(&registry, "p");
        let all: Vec<_> = ["a", "b", "c", "d"]
            .map(|label| metrics.define(definition(Kind::Gauge, "m", label)).unwrap())
            .into();
        let fifth = || metrics.define(definition(Kind::Gauge, "m", "e"));
        assert_eq!(fifth(), Err(MetricError::TooManySeries { limit: 4 }));
        metrics.commit(&all, &[], &all[..1]);
        assert!(fifth().is_ok());
        assert_eq!(metrics.check(all[0], 1.0, 7), Err(MetricError::NoSuchSeries(7)));
    }

    #[test]
    fn a_name_is_free_again_when_its_last_series_goes() {
        let registry = Registry::default();
        let metrics = plugin(&registry, "p");
        let one = metrics.define(definition(Kind::Gauge, "m", "a")).unwrap();
        let two = metrics.define(definition(Kind::Gauge, "m", "b")).unwrap();
        metrics.commit(&[one, two], &[], &[one]);
        assert!(metrics.define(definition(Kind::Counter, "m", "a")).is_err());
        metrics.commit(&[], &[], &[two]);
        assert!(metrics.define(definition(Kind::Counter, "m", "a")).is_ok());
    }

    #[test]
    fn gauges_of_the_past_go_and_counters_stay() {
        let registry = Registry::default();
        let metrics = plugin(&registry, "p");
        let gauge = metrics.define(definition(Kind::Gauge, "g", "x")).unwrap();
        let counter = metrics.define(definition(Kind::Counter, "c", "x")).unwrap();
        metrics.commit(&[gauge, counter], &[], &[]);
        metrics.drop_gauges_except(&[]);
        assert_eq!(value(&registry, "g"), None);
        assert_eq!(value(&registry, "c"), Some(SampleValue::Float(0.0)));
    }
}
