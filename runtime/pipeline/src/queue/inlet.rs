use std::sync::Arc;

use super::{Queue, view::Offer};
use crate::{
    batch::Batch,
    event::Event,
    ledger::{PluginCounts, PluginLedger},
    mask::Mask,
    name::PluginName,
};

/// An edge of a pipeline: what a plugin gives to another.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The plugin that gives.
    pub from: PluginName,
    /// Records or events that can wait, not counting a single batch that is larger.
    pub capacity: usize,
    /// What the plugin that takes may see of addresses, whatever the one that gives sees.
    pub mask: Mask,
    /// Bytes of each packet that it may see, at most.
    pub payload: u16,
}

/// A plugin's end of an edge, in front of the queue of another. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Inlet {
    pub(super) queue: Arc<Queue>,
    pub(super) lane: usize,
    pub(super) ledger: Arc<PluginLedger>,
    pub(super) mask: Mask,
    pub(super) payload: u16,
}

/// How an edge is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeStatus {
    pub from: PluginName,
    pub counts: PluginCounts,
    /// Records or events that wait.
    pub waiting: usize,
    pub capacity: usize,
}

impl Inlet {
    /// Append records, as [`Queue::push`] does. An empty batch is none.
    pub fn push_batch(&self, batch: Arc<Batch>) {
        if !batch.is_empty() {
            self.queue.push_to(self.lane, &Offer::Same(self.narrow(batch)));
        }
    }

    /// Append events, in order. They share the fate of a batch: all go in, or none does. Of events no
    /// samples are made: they can't say that they are one.
    pub fn push_events(&self, events: Arc<Vec<Event>>) {
        if !events.is_empty() {
            self.queue.push_to(self.lane, &Offer::Same(events));
        }
    }

    /// Append that the capture has come to `now_ns`, behind what was pushed: [`Queue::pass_time`].
    pub fn pass_time(&self, now_ns: u64) {
        self.queue.pass_time(now_ns);
    }

    /// What became of all that was pushed here.
    pub fn ledger(&self) -> &Arc<PluginLedger> {
        &self.ledger
    }

    fn narrow(&self, batch: Arc<Batch>) -> Arc<Batch> {
        let is_short = self.payload == u16::MAX || batch.payload.is_empty();
        if is_short && self.mask.is_none() {
            return batch;
        }
        let mut batch = batch.copy(&batch.records, self.payload);
        batch.records.iter_mut().for_each(|record| self.mask.apply(record));
        Arc::new(batch)
    }
}
