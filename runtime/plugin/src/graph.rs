//! What plugins give to each other: a filter the records that it keeps, any plugin its events.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use ringtap_pipeline::{batch::Batch, event::Event, name::PluginName, queue::Inlet};

/// Events that are handed to an exporter at a time, at most. `wit/roles.wit` promises this number.
const MAX_EVENTS: usize = 1024;

/// The edges between plugins, by the plugin that gives. It need not be there.
#[derive(Clone, Debug, Default)]
pub struct Graph(Arc<Mutex<BTreeMap<PluginName, Arc<Outlets>>>>);

/// Where what a plugin gives goes.
#[derive(Debug, Default)]
pub(crate) struct Outlets(RwLock<Takers>);

#[derive(Debug, Default)]
struct Takers {
    records: Vec<(PluginName, Inlet)>,
    events: Vec<(PluginName, Inlet)>,
}

/// What a plugin takes from those that are its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    Records,
    Events,
}

impl Graph {
    /// What `from` gives goes there.
    pub(crate) fn outlets(&self, from: &PluginName) -> Arc<Outlets> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(from.clone()).or_default())
    }
}

impl Outlets {
    /// `taker` takes that from here on, through `inlet`, and no longer anything else.
    pub(crate) fn add(&self, taker: &PluginName, takes: Takes, inlet: Inlet) {
        let mut takers = self.0.write().unwrap_or_else(PoisonError::into_inner);
        takers.remove(taker);
        match takes {
            Takes::Records => takers.records.push((taker.clone(), inlet)),
            Takes::Events => takers.events.push((taker.clone(), inlet)),
        }
    }

    /// `taker` takes nothing any more.
    pub(crate) fn remove(&self, taker: &PluginName) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(taker);
    }

    /// Give records to all that take some.
    pub(crate) fn records(&self, batch: &Arc<Batch>) {
        for inlet in self.takers(|takers| &takers.records) {
            inlet.push_batch(Arc::clone(batch));
        }
    }

    /// Give events to all that take some. Given back where there is none: then they are for a sink.
    pub(crate) fn events(&self, mut events: Vec<Event>) -> Vec<Event> {
        let inlets = self.takers(|takers| &takers.events);
        if inlets.is_empty() {
            return events;
        }
        while !events.is_empty() {
            let rest = events.split_off(events.len().min(MAX_EVENTS));
            let part = Arc::new(std::mem::replace(&mut events, rest));
            inlets.iter().for_each(|inlet| inlet.push_events(Arc::clone(&part)));
        }
        Vec::new()
    }

    /// Tell that a capture has come to `now_ns`, behind all that was given.
    pub(crate) fn pass_time(&self, now_ns: u64) {
        for inlet in self.takers(|takers| &takers.records) {
            inlet.pass_time(now_ns);
        }
        for inlet in self.takers(|takers| &takers.events) {
            inlet.pass_time(now_ns);
        }
    }

    /// Not to be held while pushing: a push may wait for room.
    fn takers(&self, of: impl FnOnce(&Takers) -> &Vec<(PluginName, Inlet)>) -> Vec<Inlet> {
        let takers = self.0.read().unwrap_or_else(PoisonError::into_inner);
        of(&takers).iter().map(|(_, inlet)| inlet.clone()).collect()
    }
}

impl Takers {
    fn remove(&mut self, taker: &PluginName) {
        self.records.retain(|(other, _)| other != taker);
        self.events.retain(|(other, _)| other != taker);
    }
}
