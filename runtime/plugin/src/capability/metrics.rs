use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use ringtap_pipeline::metrics::{Definition, Kind, MetricError, PluginMetrics, Series, Update};
use wasmtime::component::{HasSelf, Linker};

use crate::{bindings::metrics, host::Host, limits::Limits};

type Labels = Vec<(String, String)>;

/// An instance's handles to the plugin's series, and what the call that is on has done to them.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Arc<PluginMetrics>,
    max_updates: usize,
    by_handle: HashMap<u32, Series>,
    by_series: HashMap<Series, u32>,
    next_handle: u32,
    staged: Staged,
    /// Updates of earlier calls among those that are staged.
    held: usize,
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
        let series = self.registry.define(Definition::new(kind, name, help, labels)?)?;
        if let Some(handle) = self.by_series.get(&series) {
            self.staged.forgotten.remove(&series);
            return Ok(*handle);
        }
        let handle = self.next_handle;
        self.staged.defined.push(series);
        self.next_handle = handle.checked_add(1).ok_or(Refused::NoHandles)?;
        self.by_handle.insert(handle, series);
        self.by_series.insert(series, handle);
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
            let series = self.series(*id)?;
            self.registry.check(series, *value, *id)?;
            updates.push(Update { series, value: *value });
        }
        self.staged.updates.append(&mut updates);
        Ok(())
    }

    fn forget(&mut self, ids: &[u32]) -> Result<(), Refused> {
        let forgotten: Result<Vec<_>, _> = ids.iter().map(|id| self.series(*id)).collect();
        self.staged.forgotten.extend(forgotten?);
        Ok(())
    }

    fn series(&self, handle: u32) -> Result<Series, MetricError> {
        let series = self.by_handle.get(&handle).copied();
        let forgotten = series.is_some_and(|series| self.staged.forgotten.contains(&series));
        series.filter(|_| !forgotten).ok_or(MetricError::NoSuchSeries(handle))
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
