use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use anyhow::Context;
use ringtap_pipeline::{
    event::{Event, EventSender},
    metrics::Registry,
};
use ringtap_sink::jsonl::Stats;

use super::events::EventSink;
use crate::privileges;

/// Events that wait for a thread that only puts them aside.
const QUEUE: usize = 4096;

/// The last events, for a look.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recent(Arc<Mutex<VecDeque<Event>>>);

impl Recent {
    /// An event sink that keeps the last `keep` events in memory. `wait` as in [`EventSink::start`].
    pub(crate) fn sink(
        &self,
        keep: usize,
        wait: bool,
        registry: &Registry,
    ) -> anyhow::Result<EventSink> {
        let (sender, events) = EventSender::channel(QUEUE, wait);
        let ledger = Arc::clone(sender.ledger());
        registry.register(Arc::new(Stats::new(Arc::clone(&ledger), "screen")));
        let recent = self.clone();
        let collect = move || {
            privileges::drop_all();
            for event in events {
                recent.push(event, keep);
                ledger.write(1);
            }
        };
        let thread = thread::Builder::new()
            .name("events".into())
            .spawn(collect)
            .context("start the event sink's thread")?;
        Ok(EventSink::in_memory(sender, thread))
    }

    fn push(&self, event: Event, keep: usize) {
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        events.push_back(event);
        while events.len() > keep {
            events.pop_front();
        }
    }

    /// The last ones, the newest first.
    pub(crate) fn newest(&self, count: usize) -> Vec<Event> {
        let events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        events.iter().rev().take(count).cloned().collect()
    }
}
