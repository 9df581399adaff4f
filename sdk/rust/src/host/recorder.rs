//! A host for tests, one per thread, that keeps what it is told and refuses what it is asked to.

mod kv;

use std::{cell::RefCell, collections::BTreeMap};

pub(crate) use kv::{kv_delete, kv_get, kv_keys, kv_set};

use super::{Definition, Kind, OVERFLOW_BIT};
use crate::{Event, log::Level};

#[derive(Clone, Default)]
pub(crate) struct Recorder {
    pub(crate) now_ns: u64,
    pub(crate) interfaces: BTreeMap<u32, String>,
    pub(crate) lines: Vec<(Level, String)>,
    pub(crate) events: Vec<Event>,
    /// Refuse events, as a host with a limit does.
    pub(crate) refuse_events: bool,
    /// By handle; `None` when forgotten.
    pub(crate) series: Vec<Option<Series>>,
    pub(crate) max_series: Option<usize>,
    pub(crate) store: BTreeMap<String, Vec<u8>>,
    /// Take nothing more into the store, as a host with a limit does.
    pub(crate) refuse_kv: bool,
    /// Random numbers drawn so far.
    pub(crate) drawn: u64,
    /// Calls of the host so far that carried metrics or events.
    #[cfg(test)]
    pub(crate) calls: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) key: (String, Vec<(String, String)>),
    histogram: bool,
    counter: bool,
    overflow: bool,
    /// The sum of a counter or histogram, the last value of a gauge.
    pub(crate) value: f64,
}

thread_local! {
    pub(crate) static RECORDER: RefCell<Recorder> = RefCell::default();
}

/// What the labels of an overflow series say; see `wit/capabilities.wit`.
const OVERFLOW: &str = "(overflow)";

impl Recorder {
    fn own_series(&self) -> usize {
        self.series.iter().flatten().filter(|series| !series.overflow).count()
    }

    fn overflow_of(&self, name: &str) -> Option<usize> {
        let is = |series: &Series| series.overflow && series.key.0 == name;
        self.series.iter().position(|series| series.as_ref().is_some_and(is))
    }

    fn count_call(&mut self) {
        #[cfg(test)]
        {
            self.calls += 1;
        }
    }
}

fn with<T>(work: impl FnOnce(&mut Recorder) -> T) -> T {
    RECORDER.with_borrow_mut(work)
}

pub(crate) fn now_ns() -> u64 {
    with(|recorder| recorder.now_ns)
}

pub(crate) fn interface_name(ifindex: u32) -> Option<String> {
    with(|recorder| recorder.interfaces.get(&ifindex).cloned())
}

/// SplitMix64 (Steele, Lea and Flood, 2014) from the seed 0: the same numbers for each recorder.
pub(crate) fn random() -> u64 {
    with(|recorder| {
        recorder.drawn += 1;
        let z = recorder.drawn.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

pub(crate) fn log(level: Level, line: &str) {
    with(|recorder| recorder.lines.push((level, line.to_owned())));
}

pub(crate) fn emit(rows: &[Event]) -> Result<(), String> {
    with(|recorder| {
        recorder.count_call();
        if recorder.refuse_events {
            return Err("told to refuse".to_owned());
        }
        recorder.events.extend_from_slice(rows);
        Ok(())
    })
}

pub(crate) fn define(definition: &Definition<'_>) -> Result<u32, String> {
    let Definition { kind, name, help: _, labels } = *definition;
    let mut labels: Vec<_> =
        labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    labels.sort();
    let key = (name.to_owned(), labels);
    with(|recorder| {
        let known = |series: &Option<Series>| series.as_ref().is_some_and(|known| known.key == key);
        if let Some(id) = recorder.series.iter().position(known) {
            return Ok(id as u32);
        }
        let full = recorder.max_series.is_some_and(|max| recorder.own_series() >= max);
        let (histogram, counter) = (matches!(kind, Kind::Histogram(_)), kind == Kind::Counter);
        let mut series = Series { key, histogram, counter, overflow: full, value: 0.0 };
        if full {
            series.key.1.iter_mut().for_each(|(_, value)| *value = OVERFLOW.to_owned());
            let known = recorder.overflow_of(&series.key.0);
            if let Some(id) = known {
                return Ok(id as u32 | OVERFLOW_BIT);
            }
        }
        recorder.series.push(Some(series));
        let id = (recorder.series.len() - 1) as u32;
        Ok(if full { id | OVERFLOW_BIT } else { id })
    })
}

pub(crate) fn update(ids: &[u32], values: &[f64]) -> Result<(), String> {
    with(|recorder| {
        recorder.count_call();
        for (id, value) in ids.iter().zip(values) {
            let series = recorder.series.get_mut((id & !OVERFLOW_BIT) as usize);
            let series = series.and_then(Option::as_mut);
            let series = series.ok_or_else(|| format!("no series has the handle {id}"))?;
            match (series.histogram || series.counter, series.overflow) {
                (true, _) => series.value += value,
                (false, false) => series.value = *value,
                (false, true) => {}
            }
        }
        Ok(())
    })
}

pub(crate) fn forget(ids: &[u32]) -> Result<(), String> {
    with(|recorder| {
        for id in ids {
            let series = recorder.series.get_mut(*id as usize).and_then(Option::take);
            series.ok_or_else(|| format!("no series has the handle {id}"))?;
        }
        Ok(())
    })
}
