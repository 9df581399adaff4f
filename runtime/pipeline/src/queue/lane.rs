use std::{collections::VecDeque, sync::Arc};

use super::{
    state::Ticket,
    view::{Side, Sides, Views},
};
use crate::{
    batch::Batch,
    event::Event,
    ledger::{PluginLedger, ShedBy, ShedReason},
    name::PluginName,
};

/// One way into a queue, with a bound and a ledger of its own.
#[derive(Debug)]
pub(super) struct Lane {
    /// The plugin that feeds it; `None` for the taps.
    pub(super) from: Option<PluginName>,
    /// Of items, which are records or events; of those that versions on trial don't share, the
    /// larger number counts.
    pub(super) capacity: usize,
    pub(super) ledger: Arc<PluginLedger>,
    entries: VecDeque<Entry>,
    items: usize,
    /// Counts of a trial whose sides differ: those of the winner become the ledger's.
    pending: Sides<Pending>,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) ticket: Ticket,
    pub(super) views: Carried,
}

#[derive(Debug)]
pub(super) enum Carried {
    Records(Views<Batch>),
    Events(Views<Vec<Event>>),
}

#[derive(Clone, Copy, Debug, Default)]
struct Pending {
    published: u64,
    shed: ShedBy,
}

impl Lane {
    pub(super) fn new(
        from: Option<PluginName>,
        capacity: usize,
        ledger: Arc<PluginLedger>,
    ) -> Self {
        let (entries, items, pending) = Default::default();
        Self { from, capacity, ledger, entries, items, pending }
    }

    pub(super) fn items(&self) -> usize {
        self.items
    }

    /// What is larger than the lane passes it alone.
    pub(super) fn has_room(&self, items: usize) -> bool {
        items == 0 || self.items == 0 || self.items + items <= self.capacity
    }

    /// How many of `items` go in, one in so many, when a lane that fills up is given samples: a power
    /// of two. Half full it is 2, three quarters 4, and so on; and as many as fit.
    pub(super) fn one_in(&self, items: usize) -> u32 {
        let free = self.capacity.saturating_sub(self.items);
        if self.items == 0 || free == 0 {
            return 1;
        }
        let by_fill = 1 << (self.capacity / free).ilog2();
        let by_room = items.div_ceil(free).next_power_of_two();
        u32::try_from(by_fill.max(by_room)).unwrap_or(1 << 31)
    }

    pub(super) fn next_ticket(&self) -> Option<Ticket> {
        self.entries.front().map(|entry| entry.ticket)
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.items += entry.views.size();
        self.entries.push_back(entry);
    }

    pub(super) fn pop(&mut self) -> Option<Entry> {
        let entry = self.entries.pop_front()?;
        self.items -= entry.views.size();
        Some(entry)
    }

    pub(super) fn publish(&mut self, items: Sides<u64>, differ: bool) {
        if !differ {
            return self.ledger.publish(items.new);
        }
        for side in [Side::Old, Side::New] {
            self.pending[side].published += items[side];
        }
    }

    pub(super) fn shed(&mut self, reason: ShedReason, items: Sides<u64>, differ: bool) {
        if !differ {
            return self.ledger.shed(reason, items.new);
        }
        for side in [Side::Old, Side::New] {
            let counts = ShedReason::ALL.into_iter().zip(&mut self.pending[side].shed);
            counts.filter(|(one, _)| *one == reason).for_each(|(_, count)| *count += items[side]);
        }
    }

    /// The sides no longer differ: only what `winner` has is left, and counts.
    pub(super) fn settle(&mut self, winner: Side) {
        let pending = std::mem::take(&mut self.pending)[winner];
        self.ledger.publish(pending.published);
        for (reason, items) in ShedReason::ALL.into_iter().zip(pending.shed) {
            self.ledger.shed(reason, items);
        }
        let entries = std::mem::take(&mut self.entries).into_iter();
        let settle =
            |Entry { ticket, views }| views.settle(winner).map(|views| Entry { ticket, views });
        self.entries = entries.filter_map(settle).collect();
        self.items = self.entries.iter().map(|entry| entry.views.size()).sum();
    }
}

impl From<Views<Batch>> for Carried {
    fn from(views: Views<Batch>) -> Self {
        Self::Records(views)
    }
}

impl From<Views<Vec<Event>>> for Carried {
    fn from(views: Views<Vec<Event>>) -> Self {
        Self::Events(views)
    }
}

impl Carried {
    pub(super) fn lens(&self) -> Sides<u64> {
        match self {
            Self::Records(views) => views.lens(),
            Self::Events(views) => views.lens(),
        }
    }

    fn size(&self) -> usize {
        size(self.lens())
    }

    fn settle(self, winner: Side) -> Option<Self> {
        match self {
            Self::Records(views) => views.settle(winner).map(Self::Records),
            Self::Events(views) => views.settle(winner).map(Self::Events),
        }
    }
}

/// Items for which there has to be room.
pub(super) fn size(lens: Sides<u64>) -> usize {
    lens.old.max(lens.new) as usize
}
