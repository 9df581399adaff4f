//! The bounded queue in front of each plugin. When it is full it drops, counts and tells what it
//! dropped, and never makes the feeding side wait unless that is asked for.
//!
//! ```text
//!  taps ─────► lane ─┐
//!  plugin ───► lane ─┼─ in order of arrival, with marks ─► the plugin's worker
//!  plugin ───► lane ─┘
//! ```
//! **Numbers.** All that is meant for the plugin is numbered when it comes, whether it finds room or
//! not, over all lanes. A batch that comes out says the number of its first record and how many were
//! shed since the batch before, so that for two batches in a row
//! `sequence + count + next.shed_before = next.sequence`, always. What a batch was thinned by counts
//! as shed before that batch.
//!
//! **Trials.** While a new version is on trial, the old one waits in case it fails. Where both want
//! the same they share every batch. Where they don't, a batch has a [`View`] for each, numbers go on
//! from the same one for each, and what is published and shed is held back from the ledger, until
//! [`Queue::conclude`] says which of them counts.

mod inlet;
mod lane;
#[cfg(test)]
mod model;
mod state;
#[cfg(test)]
mod tests;
mod view;

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

pub(crate) use self::view::{Offer, Sides};
pub use self::{
    inlet::{Edge, EdgeStatus, Inlet},
    view::{Queued, Side, View},
};
use self::{
    lane::{Carried, Entry, Lane},
    state::{Mark, Next, State, Taker},
    view::{Content, Views},
};
use crate::{
    batch::Batch,
    event::Event,
    ledger::{PluginCounts, PluginLedger, ShedReason},
    thin::Thinner,
};

/// Marks of a capture's time that a queue holds, at most: they take memory too.
const MAX_TIMES: usize = 1024;

/// The lane that taps, or a capture, feed.
const TAPS: usize = 0;

/// What the feeding side does when a lane is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenFull {
    /// Drop the batch that came last: what is known longest is known without gaps.
    #[default]
    DropNewest,
    /// Drop the oldest batches, as many as it takes: what is known is as fresh as can be.
    DropOldest,
    /// Let in ever smaller samples: of a lane that is half full one record in 2, three quarters one
    /// in 4, and so on by powers of two; and always as many as fit. Those that get in say so by their
    /// `sample_one_in`. Events are no packets of which others can stand for more: the last ones are
    /// dropped.
    Sample,
    /// Wait for room: a capture can, live traffic can't.
    Wait,
    /// Wait until all that is inside has been worked off, and so all that other plugins got of it.
    /// What is fed by one thread is then worked off in one order, whatever else the machine does.
    /// Where nobody takes, what finds no room is dropped.
    InStep,
}

impl WhenFull {
    /// Whether nothing is dropped in front of a plugin that takes.
    pub const fn waits(self) -> bool {
        matches!(self, Self::Wait | Self::InStep)
    }
}

/// What a wait for a batch brought.
#[derive(Debug)]
pub enum Taken {
    Batch(Queued),
    Events(Queued<Vec<Event>>),
    /// Batches from here on are for the instance that takes over, or is on trial.
    Handover,
    /// The capture that is read has come to this time: Unix time in ns.
    Time(u64),
    /// Nothing came in time, or [`Queue::wake`] was called.
    Nothing,
    /// The queue was closed and is empty.
    Closed,
}

/// One plugin's queue. Both sides share it by `Arc`.
#[derive(Debug)]
pub struct Queue {
    capacity: usize,
    when_full: WhenFull,
    ledger: Arc<PluginLedger>,
    state: Mutex<State>,
    changed: Condvar,
}

impl Queue {
    /// `capacity` is in records that come from taps, not counting a single batch that is larger;
    /// `ledger` is theirs.
    pub fn new(capacity: usize, when_full: WhenFull, ledger: Arc<PluginLedger>) -> Self {
        Self::with_thinner(capacity, when_full, ledger, Thinner::new(fastrand::u64(..)))
    }

    fn with_thinner(
        capacity: usize,
        when_full: WhenFull,
        ledger: Arc<PluginLedger>,
        thinner: Thinner,
    ) -> Self {
        let taps = Lane::new(None, capacity, Arc::clone(&ledger));
        let state = Mutex::new(State::new(taps, thinner));
        Self { capacity, when_full, ledger, state, changed: Condvar::new() }
    }

    /// Records and events that wait, in all lanes.
    pub fn len(&self) -> usize {
        self.lock().items()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Of the lane that taps feed.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Of the lane that taps feed.
    pub fn ledger(&self) -> &Arc<PluginLedger> {
        &self.ledger
    }

    /// What became of all that was meant for the plugin: the sum over lanes.
    pub fn counts(&self) -> PluginCounts {
        let mut counts = PluginCounts::default();
        self.lock().lanes.iter().for_each(|lane| counts += lane.ledger.read());
        counts
    }

    /// Open a lane for another plugin. A lane lasts as long as its queue: for a plugin that has one
    /// already it is that one, with its capacity.
    pub fn inlet(self: &Arc<Self>, edge: Edge) -> Inlet {
        let Edge { from, capacity, mask, payload } = edge;
        let mut state = self.lock();
        let known = state.lanes.iter().position(|lane| lane.from.as_ref() == Some(&from));
        let lane = known.unwrap_or_else(|| {
            state.lanes.push(Lane::new(Some(from), capacity, Arc::default()));
            state.lanes.len() - 1
        });
        let ledger = Arc::clone(&state.lanes[lane].ledger);
        Inlet { queue: Arc::clone(self), lane, ledger, mask, payload }
    }

    /// The lanes that other plugins feed, in the order in which they were opened.
    pub fn edges(&self) -> Vec<EdgeStatus> {
        let edge = |lane: &Lane| {
            Some(EdgeStatus {
                from: lane.from.clone()?,
                counts: lane.ledger.read(),
                waiting: lane.items(),
                capacity: lane.capacity,
            })
        };
        self.lock().lanes.iter().filter_map(edge).collect()
    }

    /// Append a batch from the taps; its records are published to the plugin from here on, and shed
    /// where there is no room or the queue is closed.
    pub fn push(&self, batch: Arc<Batch>) {
        self.push_to(TAPS, &Offer::Same(batch));
    }

    /// As [`push`](Self::push), what each version wants of what came from the taps.
    pub(crate) fn push_each(&self, each: Sides<Option<Arc<Batch>>>) {
        self.push_to(TAPS, &Offer::Each(each));
    }

    fn push_to<T: Content>(&self, lane: usize, offer: &Offer<T>)
    where
        Carried: From<Views<T>>,
    {
        let mut state = self.lock();
        if self.when_full == WhenFull::Wait {
            let full = |state: &mut State| state.closed.is_none() && !state.has_room(lane, offer);
            state = self.changed.wait_while(state, full).unwrap_or_else(PoisonError::into_inner);
        }
        let appended = state.push(lane, offer, self.when_full);
        drop(state);
        if appended {
            self.changed.notify_all();
            self.keep_in_step();
        }
    }

    /// Append that the capture has come to `now_ns`, so that its reader learns of it in the order of
    /// the batches. Waits where the reader is far behind. A closed queue takes none, nor one that
    /// does not wait: live traffic has the clock of the system.
    pub fn pass_time(&self, now_ns: u64) {
        if !self.when_full.waits() {
            return;
        }
        let mut state = self.lock();
        if self.when_full == WhenFull::Wait {
            let full = |state: &mut State| state.closed.is_none() && state.times >= MAX_TIMES;
            state = self.changed.wait_while(state, full).unwrap_or_else(PoisonError::into_inner);
        }
        if state.closed.is_none() && state.times < MAX_TIMES {
            state.mark_back(Mark::Time(now_ns));
        }
        drop(state);
        self.changed.notify_all();
        self.keep_in_step();
    }

    /// Somebody is about to take: from here on, who feeds [in step](WhenFull::InStep) waits for them.
    pub fn attend(&self) {
        self.lock().taker = Taker::AtWork;
    }

    /// With [`WhenFull::InStep`], wait until all that is inside has been worked off. Else, and where
    /// nobody takes, return at once.
    pub fn keep_in_step(&self) {
        if self.when_full == WhenFull::InStep {
            let state = self.changed.wait_while(self.lock(), |state| state.is_at_work());
            drop(state.unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// The oldest batch, or what happened instead by `deadline`. Whoever calls this is done with what
    /// they took before.
    pub fn take(&self, deadline: Option<Instant>) -> Taken {
        let mut state = self.lock();
        state.taker = Taker::Waits;
        if self.when_full == WhenFull::InStep {
            self.changed.notify_all();
        }
        loop {
            if std::mem::take(&mut state.woken) {
                return Taken::Nothing;
            }
            if let Some(next) = state.pop() {
                return self.taken(state, next);
            }
            if state.closed.is_some() {
                return Taken::Closed;
            }
            let patience = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            if patience == Some(Duration::ZERO) {
                return Taken::Nothing;
            }
            state = self.wait(state, patience);
        }
    }

    fn taken(&self, mut state: MutexGuard<'_, State>, next: Next) -> Taken {
        state.taker = Taker::AtWork;
        let taken = match next {
            Next::Mark(Mark::Handover) => return Taken::Handover,
            Next::Mark(Mark::Time(now_ns)) => Taken::Time(now_ns),
            Next::Entry { lane, entry: Entry { views, .. } } => {
                let ledger = Arc::clone(&state.lanes[lane].ledger);
                match views {
                    Carried::Records(views) => Taken::Batch(Queued { views, lane, ledger }),
                    Carried::Events(views) => Taken::Events(Queued { views, lane, ledger }),
                }
            }
        };
        drop(state);
        self.changed.notify_all();
        taken
    }

    /// Mark that what is pushed from here on is for the instance that takes over. A closed queue takes
    /// no marks: nobody is there to hand over.
    pub fn mark_back(&self) {
        self.change(|state| {
            if state.closed.is_none() {
                state.mark_back(Mark::Handover);
            }
        });
    }

    /// As [`mark_back`](Self::mark_back), and what is inside is for that instance too.
    pub fn mark_front(&self) {
        self.change(|state| {
            if state.closed.is_none() {
                state.mark_front();
            }
        });
    }

    /// Shed what is inside in front of a mark: the instance that it is for takes too long over it.
    /// Without a mark nothing happens.
    pub fn shed_to_mark(&self) {
        self.change(|state| {
            if let Some(mark) = state.handover() {
                state.shed_up_to(Some(mark), ShedReason::Handover);
            }
        });
    }

    /// Have two versions of a plugin that only other plugins feed: both get the same, and a mark tells
    /// where the new one's begins, in front of all that waits. What taps feed as well is for
    /// [`Subscriptions::begin_trial`](crate::subscriptions::Subscriptions::begin_trial).
    pub fn begin_trial(&self) {
        self.begin_trial_of(false);
    }

    /// Have two versions inside. A mark tells where the new one's records begin: in front of all that
    /// waits where both want the same, else here. A closed queue takes no mark.
    pub(crate) fn begin_trial_of(&self, differ: bool) {
        self.change(|state| {
            state.begin_trial(differ);
            match (state.closed, differ) {
                (Some(_), _) => {}
                (None, true) => state.mark_back(Mark::Handover),
                (None, false) => state.mark_front(),
            }
        });
    }

    /// End a trial for one side: what is inside and what still comes with two views is that side's,
    /// and what was counted for it counts. The first who says it decides; returned is who has won, of
    /// a trial that is over or the last one. Changes no interests:
    /// [`Subscriptions::end_trial`](crate::subscriptions::Subscriptions::end_trial) does.
    ///
    /// What was taken during the trial and is kept is now to be counted by its
    /// [view](Queued::view) for the winner.
    pub fn conclude(&self, winner: Side) -> Side {
        let winner = self.lock().conclude(winner);
        self.changed.notify_all();
        winner
    }

    /// Shed a batch that was taken, and count it: nobody is there to be called with it, or may be. What
    /// was taken after it and is not yet delivered has to be shed too.
    #[expect(private_bounds, reason = "it is what a queue gives")]
    pub fn shed<T: Content>(&self, queued: &Queued<T>, reason: ShedReason) {
        self.lock().give_back(queued.lane, &queued.views, reason);
    }

    /// Make the taking side return from [`Queue::take`] once, now or at its next call.
    pub fn wake(&self) {
        self.change(|state| state.woken = true);
    }

    /// Take no more batches: they are shed for this reason. Those inside can still be taken.
    pub fn close(&self, reason: ShedReason) {
        self.change(|state| state.closed = Some(reason));
    }

    /// Take batches again after a [`close`](Self::close): a plugin that had failed is back. Numbers
    /// go on, and what was shed meanwhile is told with the next batch.
    pub fn reopen(&self) {
        self.lock().closed = None;
    }

    /// Close, and shed what is inside. Marks go with it. A trial is not over by that: its worker still
    /// has to say for whom.
    pub fn abandon(&self, reason: ShedReason) {
        self.change(|state| {
            (state.closed, state.taker) = (Some(reason), Taker::Nobody);
            state.shed_up_to(None, reason);
        });
    }

    /// Change something that either side may wait for.
    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    fn wait<'a>(
        &self,
        state: MutexGuard<'a, State>,
        patience: Option<Duration>,
    ) -> MutexGuard<'a, State> {
        match patience {
            None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            Some(time) => {
                self.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
