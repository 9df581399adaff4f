use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Collect, Definition, Families, Kind, MetricError, PluginMetrics, SeriesLimits};
use crate::name::PluginName;

/// All metrics of a runtime.
#[derive(Default)]
pub struct Registry {
    collectors: Mutex<Vec<Arc<dyn Collect>>>,
    plugins: Mutex<BTreeMap<PluginName, Arc<PluginMetrics>>>,
    names: Arc<Names>,
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("plugins", &self.plugins).finish_non_exhaustive()
    }
}

impl Registry {
    /// Ask `collector` at every scrape.
    pub fn register(&self, collector: Arc<dyn Collect>) {
        lock(&self.collectors).push(collector);
    }

    /// The plugin's metrics, made at the first call. `limits` hold from then on.
    pub fn plugin(&self, name: &PluginName, limits: SeriesLimits) -> Arc<PluginMetrics> {
        let make = || Arc::new(PluginMetrics::new(Arc::clone(&self.names), name.clone(), limits));
        Arc::clone(lock(&self.plugins).entry(name.clone()).or_insert_with(make))
    }

    /// Drop a plugin's metrics: it was unloaded.
    pub fn remove(&self, name: &PluginName) {
        lock(&self.plugins).remove(name);
        self.names.release(name);
    }

    /// What a scrape answers.
    pub fn collect(&self) -> Families {
        let mut families = Families::default();
        for collector in lock(&self.collectors).clone() {
            collector.collect(&mut families);
        }
        for metrics in lock(&self.plugins).values() {
            metrics.collect(&mut families);
        }
        families
    }
}

/// Which plugins use a metric name, and as what: a family has one kind for all of them, and a
/// histogram's `_bucket`, `_sum` and `_count` are no other family's name.
#[derive(Debug, Default)]
pub(super) struct Names(Mutex<BTreeMap<String, Use>>);

#[derive(Debug)]
struct Use {
    kind: Kind,
    by: Vec<PluginName>,
}

impl Use {
    fn is_free_without(&mut self, plugin: &PluginName) -> bool {
        self.by.retain(|by| by != plugin);
        self.by.is_empty()
    }
}

impl Names {
    pub(super) fn claim(
        &self,
        by: &PluginName,
        definition: &Definition,
    ) -> Result<(), MetricError> {
        let mut names = lock(&self.0);
        let Definition { kind, name, .. } = definition;
        if let Some(known) = names.get_mut(name) {
            if known.kind != *kind {
                let (is, wanted) = (known.kind.name(), kind.name());
                return Err(MetricError::OtherKind { metric: name.clone(), is, wanted });
            }
            if !known.by.contains(by) {
                known.by.push(by.clone());
            }
            return Ok(());
        }
        if let Some(with) = collision(&names, kind, name) {
            return Err(MetricError::Collides { metric: name.clone(), with });
        }
        names.insert(name.clone(), Use { kind: kind.clone(), by: vec![by.clone()] });
        Ok(())
    }

    /// The plugin has no series of that name any more.
    pub(super) fn release_name(&self, by: &PluginName, name: &str) {
        let mut names = lock(&self.0);
        if names.get_mut(name).is_some_and(|known| known.is_free_without(by)) {
            names.remove(name);
        }
    }

    fn release(&self, by: &PluginName) {
        lock(&self.0).retain(|_, known| !known.is_free_without(by));
    }
}

const HISTOGRAM_SUFFIXES: [&str; 3] = ["_bucket", "_sum", "_count"];

fn collision(names: &BTreeMap<String, Use>, kind: &Kind, name: &str) -> Option<String> {
    let is_histogram = |known: &Use| matches!(known.kind, Kind::Histogram { .. });
    let base = HISTOGRAM_SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix));
    if let Some(base) = base.filter(|base| names.get(*base).is_some_and(is_histogram)) {
        return Some(base.to_owned());
    }
    let parts = HISTOGRAM_SUFFIXES.iter().map(|suffix| format!("{name}{suffix}"));
    let mut parts = parts.filter(|_| matches!(kind, Kind::Histogram { .. }));
    parts.find(|part| names.contains_key(part))
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
