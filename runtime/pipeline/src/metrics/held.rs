use std::{
    collections::{BTreeSet, HashMap},
    hash::{Hash, Hasher},
    sync::Arc,
};

use super::{Definition, Kind, Series, value::Value};

/// The series of one plugin, and since when each was of no use to it.
#[derive(Debug, Default)]
pub(super) struct Held {
    next: u64,
    by_key: HashMap<Key, Series>,
    /// By metric name: where values go that have no series of their own.
    overflow: HashMap<String, Series>,
    /// How many series have the name.
    by_name: HashMap<String, usize>,
    series: HashMap<Series, Entry>,
    /// Those that may expire, by a time at which they were used; it may have been later, too.
    idle: BTreeSet<(u64, Series)>,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) definition: Arc<Definition>,
    pub(super) shown: bool,
    pub(super) value: Value,
    /// When it was defined or updated last.
    used_ns: u64,
    /// What `idle` says; `None` for one that does not expire.
    idle_since_ns: Option<u64>,
}

/// A definition by what tells series apart.
#[derive(Clone, Debug)]
struct Key(Arc<Definition>);

impl Held {
    /// The series with this name and these labels.
    pub(super) fn find(&self, definition: &Arc<Definition>) -> Option<Series> {
        let own = self.by_key.get(&Key(Arc::clone(definition))).copied();
        own.or_else(|| {
            self.overflow_of(&definition.name).filter(|series| self.is(series, definition))
        })
    }

    /// Whether the overflow series is shown under the very name and labels of `definition`.
    fn is(&self, overflow: &Series, definition: &Definition) -> bool {
        let entry = self.series.get(overflow);
        let shown = entry.filter(|entry| entry.definition.kind != Kind::Gauge);
        shown.is_some_and(|entry| entry.definition.labels == definition.labels)
    }

    /// Where values of the metric `name` go that have no series of their own.
    pub(super) fn overflow_of(&self, name: &str) -> Option<Series> {
        self.overflow.get(name).copied()
    }

    pub(super) fn insert(
        &mut self,
        definition: Arc<Definition>,
        overflow: bool,
        now_ns: u64,
    ) -> Series {
        let series = Series { id: self.next, overflow };
        self.next += 1;
        let name = definition.name.clone();
        *self.by_name.entry(name.clone()).or_default() += 1;
        if overflow {
            self.overflow.insert(name, series);
        } else {
            self.by_key.insert(Key(Arc::clone(&definition)), series);
        }
        // One without labels is the only one of its name: to drop it would save nothing.
        let idle_since_ns = (!definition.labels.is_empty()).then_some(now_ns);
        self.idle.extend(idle_since_ns.map(|since| (since, series)));
        let value = Value::zero(&definition.kind);
        let entry = Entry { definition, shown: false, value, used_ns: now_ns, idle_since_ns };
        self.series.insert(series, entry);
        series
    }

    pub(super) fn get(&self, series: Series) -> Option<&Entry> {
        self.series.get(&series)
    }

    pub(super) fn get_mut(&mut self, series: Series) -> Option<&mut Entry> {
        self.series.get_mut(&series)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Series, &Entry)> {
        self.series.iter().map(|(series, entry)| (*series, entry))
    }

    /// Series, without those that take overflow.
    pub(super) fn own(&self) -> usize {
        self.by_key.len()
    }

    pub(super) fn len(&self) -> usize {
        self.series.len()
    }

    /// Metric names in use.
    pub(super) fn names(&self) -> usize {
        self.by_name.len()
    }

    pub(super) fn has_name(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    pub(super) fn touch(&mut self, series: Series, now_ns: u64) {
        if let Some(entry) = self.series.get_mut(&series) {
            entry.used_ns = now_ns;
        }
    }

    /// A series that was not used for `after_ns`.
    pub(super) fn idle(&mut self, after_ns: u64, now_ns: u64) -> Option<Series> {
        let is_due = |since: u64| now_ns.saturating_sub(since) >= after_ns;
        while let Some((since, series)) = self.idle.first().copied().filter(|(at, _)| is_due(*at)) {
            let entry = self.series.get_mut(&series)?;
            if is_due(entry.used_ns) {
                return Some(series);
            }
            entry.idle_since_ns = Some(entry.used_ns);
            self.idle.remove(&(since, series));
            self.idle.insert((entry.used_ns, series));
        }
        None
    }

    /// All were used at `now_ns`: another clock is looked at from here on.
    pub(super) fn restart(&mut self, now_ns: u64) {
        self.idle.clear();
        for (series, entry) in &mut self.series {
            entry.used_ns = now_ns;
            entry.idle_since_ns = entry.idle_since_ns.map(|_| now_ns);
            self.idle.extend(entry.idle_since_ns.map(|since| (since, *series)));
        }
    }

    /// Forget the series. Its name, if that is free now: else a plugin could fill the host's memory
    /// with names.
    pub(super) fn remove(&mut self, series: Series) -> Option<String> {
        let Entry { definition, idle_since_ns, .. } = self.series.remove(&series)?;
        if let Some(since) = idle_since_ns {
            self.idle.remove(&(since, series));
        }
        let name = definition.name.clone();
        if series.overflow {
            self.overflow.remove(&name);
        } else {
            self.by_key.remove(&Key(definition));
        }
        let count = self.by_name.get_mut(&name)?;
        *count -= 1;
        let is_last = *count == 0;
        is_last.then(|| {
            self.by_name.remove(&name);
            name
        })
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        (&self.0.name, &self.0.labels) == (&other.0.name, &other.0.labels)
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.0.name, &self.0.labels).hash(state);
    }
}
