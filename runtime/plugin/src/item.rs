use ringtap_pipeline::{
    event::Event,
    ledger::{PluginLedger, ShedReason},
    queue::{Queue, Queued, Side},
};

/// Something for a plugin to work on, taken from its queue.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    Records(Queued),
    Events(Queued<Vec<Event>>),
}

impl Item {
    /// Records or events that are in it for `side`.
    pub(crate) fn len(&self, side: Side) -> usize {
        match self {
            Self::Records(queued) => queued.view(side).map_or(0, |view| view.batch.len()),
            Self::Events(queued) => queued.view(side).map_or(0, |view| view.batch.len()),
        }
    }

    /// Where to count what becomes of it.
    pub(crate) fn ledger(&self) -> &PluginLedger {
        match self {
            Self::Records(queued) => queued.ledger(),
            Self::Events(queued) => queued.ledger(),
        }
    }

    /// Nobody is there to be given it.
    pub(crate) fn shed(&self, queue: &Queue, reason: ShedReason) {
        match self {
            Self::Records(queued) => queue.shed(queued, reason),
            Self::Events(queued) => queue.shed(queued, reason),
        }
    }
}
