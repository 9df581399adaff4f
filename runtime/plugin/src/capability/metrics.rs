use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use ringtap_pipeline::{
    metrics::{Definition, Kind, MAX_NAMES, MetricError, PluginMetrics, Series, Update},
    text::{escaped, is_printable},
};
use wasmtime::component::{HasSelf, Linker};

use crate::{bindings::metrics, host::Host, limits::Limits};

type Labels = Vec<(String, String)>;

/// What handles of overflow series have set; `wit/capabilities.wit` promises it.
const OVERFLOW_BIT: u32 = 1 << 31;

/// An instance's handles to the plugin's series, and what the call that is on has done to them.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Arc<PluginMetrics>,
    max_updates: usize,
    by_handle: HashMap<u32, Handle>,
    by_series: HashMap<Series, u32>,
    next_handle: u32,
    staged: Staged,
    /// Updates of earlier calls among those that are staged.
    held: usize,
}

/// What a handle means, also when its series has expired meanwhile.
#[derive(Debug)]
struct Handle {
    series: Series,
    definition: Arc<Definition>,
}

#[derive(Debug, Default)]
struct Staged {
    defined: Vec<Series>,
    updates: Vec<Update>,
    forgotten: HashSet<Series>,
}

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(transparent)]
    Metric(#[from] MetricError),
    #[error("one call may record {limit} values")]
    TooManyUpdates { limit: usize },
    #[error("this instance has used up its handles")]
    NoHandles,
}

impl Metrics {
    pub(crate) fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
        metrics::add_to_linker::<_, HasSelf<Self>>(linker, |host| &mut host.metrics)
    }

    pub(crate) fn new(registry: Arc<PluginMetrics>, limits: &Limits) -> Self {
        Self {
            registry,
            max_updates: limits.updates_per_call,
            by_handle: HashMap::new(),
            by_series: HashMap::new(),
            next_handle: 0,
            staged: Staged::default(),
            held: 0,
        }
    }

    /// A call returned, and what it did is held back.
    pub(crate) fn end_call(&mut self) {
        self.held = self.staged.updates.len();
    }

    /// Whether as much is held back as one call may do.
    pub(crate) fn holds_much(&self) -> bool {
        self.held >= self.max_updates
    }

    /// Series age by the time of a capture.
    pub(crate) fn tell_time(&self, now_ns: u64) {
        self.registry.tell_time(now_ns);
    }

    pub(crate) fn commit(&mut self) {
        self.held = 0;
        let Staged { defined, updates, forgotten } = &mut self.staged;
        let forgotten: Vec<_> = forgotten.drain().collect();
        self.registry.commit(defined, updates, &forgotten);
        for handle in forgotten.iter().filter_map(|series| self.by_series.remove(series)) {
            self.by_handle.remove(&handle);
        }
        defined.clear();
        updates.clear();
    }

    pub(crate) fn roll_back(&mut self) {
        self.registry.roll_back(&self.staged.defined);
        self.staged = Staged::default();
        self.held = 0;
    }

    /// This instance takes over from another one: gauges that only that one set are stale.
    pub(crate) fn drop_gauges_of_others(&self) {
        let own: Vec<_> = self.by_series.keys().copied().collect();
        self.registry.drop_gauges_except(&own);
    }

    fn define(
        &mut self,
        kind: Kind,
        name: String,
        help: String,
        labels: Labels,
    ) -> Result<u32, Refused> {
        let labels = labels.into_iter().map(|(name, value)| (name, shown(value))).collect();
        let definition = Arc::new(Definition::new(kind, name, shown(help), labels)?);
        let series = self.registry.define(Arc::clone(&definition))?;
        if let Some(handle) = self.by_series.get(&series) {
            self.staged.forgotten.remove(&series);
            return Ok(*handle);
        }
        self.staged.defined.push(series);
        if self.next_handle >= OVERFLOW_BIT {
            return Err(Refused::NoHandles);
        }
        let (handle, definition) = match series.is_overflow() {
            true => (self.next_handle | OVERFLOW_BIT, Arc::new(definition.overflowing())),
            false => (self.next_handle, definition),
        };
        self.next_handle += 1;
        self.by_handle.insert(handle, Handle { series, definition });
        self.by_series.insert(series, handle);
        self.prune();
        Ok(handle)
    }

    fn update(&mut self, ids: &[u32], values: &[f64]) -> Result<(), Refused> {
        if ids.len() != values.len() {
            return Err(MetricError::Uneven { ids: ids.len(), values: values.len() }.into());
        }
        if self.staged.updates.len() - self.held + ids.len() > self.max_updates {
            return Err(Refused::TooManyUpdates { limit: self.max_updates });
        }
        let mut updates = Vec::with_capacity(ids.len());
        for (id, value) in ids.iter().zip(values) {
            updates.push(Update { series: self.take(*id, *value)?, value: *value });
        }
        self.staged.updates.append(&mut updates);
        Ok(())
    }

    /// The series that takes `value` for a handle: made anew if it has expired.
    fn take(&mut self, handle: u32, value: f64) -> Result<Series, MetricError> {
        let series = self.series(handle)?;
        match self.registry.check(series, value, handle) {
            Ok(()) => Ok(series),
            Err(MetricError::NoSuchSeries(_)) if self.expires() => self.revive(handle, value),
            Err(refused) => Err(refused),
        }
    }

    /// Where its name is taken by now, the values are lost, and counted: the plugin did nothing wrong.
    fn revive(&mut self, handle: u32, value: f64) -> Result<Series, MetricError> {
        let Some(known) = self.by_handle.get_mut(&handle) else { return Ok(Series::GONE) };
        let Ok(series) = self.registry.define(Arc::clone(&known.definition)) else {
            return Ok(Series::GONE);
        };
        self.by_series.remove(&std::mem::replace(&mut known.series, series));
        self.by_series.entry(series).or_insert(handle);
        self.staged.defined.push(series);
        self.registry.check(series, value, handle)?;
        Ok(series)
    }

    fn forget(&mut self, ids: &[u32]) -> Result<(), Refused> {
        let forgotten: Result<Vec<_>, _> = ids.iter().map(|id| self.series(*id)).collect();
        // What takes overflow is for all that have no series of their own.
        let own = forgotten?.into_iter().filter(|series| !series.is_overflow());
        self.staged.forgotten.extend(own);
        Ok(())
    }

    fn series(&self, handle: u32) -> Result<Series, MetricError> {
        let series = self.by_handle.get(&handle).map(|known| known.series);
        if series.is_some_and(|series| self.staged.forgotten.contains(&series)) {
            return Err(MetricError::NoSuchSeries(handle));
        }
        let was_given = self.expires() && handle & !OVERFLOW_BIT < self.next_handle;
        let gone = was_given.then_some(Series::GONE);
        series.or(gone).ok_or(MetricError::NoSuchSeries(handle))
    }

    fn expires(&self) -> bool {
        self.registry.limits().expiry.is_some()
    }

    /// Drop the older half of the handles whose series have expired, once these are as many as there
    /// can be series: an instance may name new ones for as long as it lives, and never says that it
    /// has no use for one any more.
    fn prune(&mut self) {
        let most = self.registry.limits().max.saturating_add(MAX_NAMES);
        if self.by_handle.len() <= most.saturating_mul(2) {
            return;
        }
        let expired = self.by_handle.iter().filter(|(_, known)| !self.registry.holds(known.series));
        let mut expired: Vec<_> = expired.map(|(handle, known)| (*handle, known.series)).collect();
        expired.sort_unstable_by_key(|(handle, _)| handle & !OVERFLOW_BIT);
        expired.truncate(expired.len().div_ceil(2));
        for (handle, series) in expired {
            self.by_handle.remove(&handle);
            self.by_series.remove(&series);
        }
    }
}

impl metrics::Host for Metrics {
    fn counter(
        &mut self,
        name: String,
        help: String,
        labels: Labels,
    ) -> wasmtime::Result<Result<u32, String>> {
        Ok(self.define(Kind::Counter, name, help, labels).map_err(|e| e.to_string()))
    }

    fn gauge(
        &mut self,
        name: String,
        help: String,
        labels: Labels,
    ) -> wasmtime::Result<Result<u32, String>> {
        Ok(self.define(Kind::Gauge, name, help, labels).map_err(|e| e.to_string()))
    }

    fn histogram(
        &mut self,
        name: String,
        help: String,
        bounds: Vec<f64>,
        labels: Labels,
    ) -> wasmtime::Result<Result<u32, String>> {
        let kind = Kind::Histogram { bounds };
        Ok(self.define(kind, name, help, labels).map_err(|e| e.to_string()))
    }

    fn update(&mut self, ids: Vec<u32>, values: Vec<f64>) -> wasmtime::Result<Result<(), String>> {
        Ok(Self::update(self, &ids, &values).map_err(|e| e.to_string()))
    }

    fn forget(&mut self, ids: Vec<u32>) -> wasmtime::Result<Result<(), String>> {
        Ok(Self::forget(self, &ids).map_err(|e| e.to_string()))
    }
}

/// Prometheus' text format has no escapes for what steers a terminal, so a text has none of it.
fn shown(text: String) -> String {
    if text.chars().all(is_printable) { text } else { escaped(&text) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ringtap_pipeline::{
        metrics::{OVERFLOW, Registry, SampleValue, SeriesLimits},
        name::PluginName,
    };

    use super::*;

    const MINUTE: u64 = 60_000_000_000;

    struct Bench {
        registry: Registry,
        metrics: Metrics,
    }

    impl Bench {
        fn new(max: usize, expiry: Option<Duration>) -> Self {
            let registry = Registry::default();
            let name = PluginName::new("p").unwrap();
            let series = registry.plugin(&name, SeriesLimits { max, expiry });
            let metrics = Metrics::new(series, &Limits::default());
            metrics.tell_time(1);
            Self { registry, metrics }
        }

        fn counter(&mut self, label: &str) -> u32 {
            let labels = vec![("l".to_owned(), label.to_owned())];
            self.metrics.define(Kind::Counter, "m_total".into(), String::new(), labels).unwrap()
        }

        /// A call that adds to series.
        fn add(&mut self, ids: &[u32], value: f64) {
            self.metrics.update(ids, &vec![value; ids.len()]).unwrap();
            self.metrics.commit();
        }

        fn value(&self, label: &str) -> Option<SampleValue> {
            let families = self.registry.collect();
            let mut samples = families.family("m_total")?.samples.iter();
            let sample = samples.find(|sample| sample.labels[0].1 == label)?;
            Some(sample.value.clone())
        }

        fn overflowed(&self) -> SampleValue {
            let families = self.registry.collect();
            families.family("ringtap_plugin_series_overflow_total").unwrap().samples[0]
                .value
                .clone()
        }
    }

    #[test]
    fn handles_of_overflow_are_marked_shared_and_not_forgotten() {
        let mut bench = Bench::new(1, None);
        let (own, a, b) = (bench.counter("own"), bench.counter("a"), bench.counter("b"));
        assert_eq!((own, a, b), (0, 1 | OVERFLOW_BIT, 1 | OVERFLOW_BIT));
        bench.add(&[own, a, b], 1.0);
        bench.metrics.forget(&[a]).unwrap();
        bench.add(&[b], 1.0);
        assert_eq!(bench.value(OVERFLOW), Some(SampleValue::Float(3.0)));
        assert_eq!(bench.overflowed(), SampleValue::Uint(3));
        // Room again: who asks anew gets a series of its own.
        bench.metrics.forget(&[own]).unwrap();
        bench.metrics.commit();
        assert_eq!(bench.counter("a"), 2);
    }

    #[test]
    fn a_handle_whose_series_expired_counts_from_0_again() {
        let mut bench = Bench::new(10, Some(Duration::from_secs(60)));
        let handle = bench.counter("a");
        bench.add(&[handle], 5.0);
        bench.metrics.tell_time(2 * MINUTE);
        assert_eq!(bench.value("a"), None);
        bench.add(&[handle], 2.0);
        assert_eq!(bench.value("a"), Some(SampleValue::Float(2.0)));
        assert_eq!((bench.counter("a"), bench.overflowed()), (handle, SampleValue::Uint(0)));
        // A call that fails leaves no trace of the new one.
        bench.metrics.tell_time(4 * MINUTE);
        bench.metrics.update(&[handle], &[1.0]).unwrap();
        bench.metrics.roll_back();
        assert_eq!(bench.value("a"), None);
        bench.add(&[handle], 3.0);
        assert_eq!(bench.value("a"), Some(SampleValue::Float(3.0)));
        // What is refused is refused of an expired one, too.
        bench.metrics.tell_time(6 * MINUTE);
        assert!(bench.metrics.update(&[handle], &[-1.0]).is_err());
        assert!(bench.metrics.update(&[handle + 1], &[1.0]).is_err(), "never given");
        bench.metrics.forget(&[handle]).unwrap();
        assert!(bench.metrics.update(&[handle], &[1.0]).is_err(), "forgotten by this call");
    }

    #[test]
    fn who_names_new_series_for_ever_takes_no_more_memory() {
        let mut bench = Bench::new(5, Some(Duration::from_secs(60)));
        for n in 0..10_000 {
            bench.metrics.tell_time(n * MINUTE + 1);
            let handle = bench.counter(&n.to_string());
            assert_eq!(u64::from(handle), n);
            bench.add(&[handle], 1.0);
            assert!(bench.metrics.by_handle.len() <= 2 * (5 + MAX_NAMES) + 1);
            assert!(bench.metrics.by_series.len() <= bench.metrics.by_handle.len());
        }
        // One that was just dropped comes back; of the first ones only the number is known.
        bench.add(&[9_990], 2.0);
        assert_eq!(bench.value("9990"), Some(SampleValue::Float(2.0)));
        bench.add(&[0], 2.0);
        assert_eq!((bench.value("0"), bench.overflowed()), (None, SampleValue::Uint(1)));
        bench.metrics.forget(&[0]).unwrap();
        assert!(bench.metrics.update(&[10_000], &[1.0]).is_err());
    }
}
