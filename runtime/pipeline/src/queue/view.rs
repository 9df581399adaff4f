use std::{
    ops::{Index, IndexMut},
    sync::Arc,
};

use crate::{batch::Batch, event::Event, ledger::PluginLedger, thin::Thinner};

/// The versions of a plugin, while one is on trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The version that ran until now.
    Old,
    /// The version that is on trial.
    New,
}

/// A batch as one version gets it, with its place among all that was meant for the plugin.
#[derive(Clone, Debug)]
pub struct View<T = Batch> {
    pub batch: Arc<T>,
    /// Number of the first record or event, from 0.
    pub sequence: u64,
    /// Records or events that were shed since the batch before this one: that ended at `sequence -
    /// shed_before`.
    pub shed_before: u64,
}

impl View {
    /// A sample of the batch, one in `one_in`; `None` where none of it stays. What does not stay is
    /// counted as shed before it, and is for the caller to count in the ledger. Of a batch of which
    /// nothing stays the queue has to be told: [`Queue::shed`](super::Queue::shed).
    pub fn thin(&self, one_in: u32, thinner: &mut Thinner) -> Option<Self> {
        let batch = thinner.thin(&self.batch, one_in);
        let shed = (self.batch.len() - batch.len()) as u64;
        let (sequence, shed_before) = (self.sequence + shed, self.shed_before + shed);
        (!batch.is_empty()).then(|| Self { batch: Arc::new(batch), sequence, shed_before })
    }
}

/// What was taken from a queue.
#[derive(Clone, Debug)]
pub struct Queued<T = Batch> {
    pub(super) views: Views<T>,
    pub(super) lane: usize,
    pub(super) ledger: Arc<PluginLedger>,
}

impl<T> Queued<T> {
    /// What `side` gets of it. Both get the same, but while versions with different interests are on
    /// trial; then it is `None` for a side that wants nothing of it.
    pub fn view(&self, side: Side) -> Option<&View<T>> {
        self.views.of(side)
    }

    /// Where to count what became of it: the line of the way on which it came.
    pub fn ledger(&self) -> &Arc<PluginLedger> {
        &self.ledger
    }
}

/// One of something for each version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sides<T> {
    pub(crate) old: T,
    pub(crate) new: T,
}

impl<T> Sides<T> {
    pub(super) fn of(mut one: impl FnMut(Side) -> T) -> Self {
        Self { old: one(Side::Old), new: one(Side::New) }
    }
}

impl<T> Index<Side> for Sides<T> {
    type Output = T;

    fn index(&self, side: Side) -> &T {
        match side {
            Side::Old => &self.old,
            Side::New => &self.new,
        }
    }
}

impl<T> IndexMut<Side> for Sides<T> {
    fn index_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Old => &mut self.old,
            Side::New => &mut self.new,
        }
    }
}

/// What lanes carry.
pub(crate) trait Content: Sized {
    fn items(&self) -> usize;

    /// A sample, where it can tell that it is one.
    fn thin(self: &Arc<Self>, one_in: u32, thinner: &mut Thinner) -> Arc<Self>;
}

impl Content for Batch {
    fn items(&self) -> usize {
        self.len()
    }

    fn thin(self: &Arc<Self>, one_in: u32, thinner: &mut Thinner) -> Arc<Self> {
        Arc::new(thinner.thin(self, one_in))
    }
}

impl Content for Vec<Event> {
    fn items(&self) -> usize {
        self.len()
    }

    fn thin(self: &Arc<Self>, _: u32, _: &mut Thinner) -> Arc<Self> {
        Arc::clone(self)
    }
}

/// What is pushed: the same for both versions, or for each what it wants.
#[derive(Clone, Debug)]
pub(crate) enum Offer<T> {
    Same(Arc<T>),
    Each(Sides<Option<Arc<T>>>),
}

impl<T: Content> Offer<T> {
    pub(super) fn lens(&self) -> Sides<u64> {
        Sides::of(|side| self.of(side).map_or(0, |batch| batch.items() as u64))
    }

    pub(super) fn of(&self, side: Side) -> Option<&Arc<T>> {
        match self {
            Self::Same(batch) => Some(batch),
            Self::Each(each) => each[side].as_ref(),
        }
    }

    /// A sample for each version; the same one where they get the same.
    pub(super) fn thin(&self, one_in: u32, thinner: &mut Thinner) -> Self {
        if let Sides { old: Some(old), new: Some(new) } = Sides::of(|side| self.of(side))
            && Arc::ptr_eq(old, new)
        {
            return Self::Same(old.thin(one_in, thinner));
        }
        Self::Each(Sides::of(|side| self.of(side).map(|batch| batch.thin(one_in, thinner))))
    }
}

/// What is queued or was taken.
#[derive(Clone, Debug)]
pub(super) enum Views<T> {
    /// For both versions, or the only one.
    One(View<T>),
    Each(Sides<Option<View<T>>>),
}

impl<T> Views<T> {
    pub(super) fn of(&self, side: Side) -> Option<&View<T>> {
        match self {
            Self::One(view) => Some(view),
            Self::Each(each) => each[side].as_ref(),
        }
    }

    pub(super) fn settle(self, winner: Side) -> Option<Self> {
        match self {
            Self::One(view) => Some(Self::One(view)),
            Self::Each(mut each) => each[winner].take().map(Self::One),
        }
    }

    /// Fill in what was shed before, when a reader was `told` of all up to these numbers; it is told
    /// of this now.
    pub(super) fn tell(&mut self, told: &mut Sides<u64>)
    where
        T: Content,
    {
        let tell = |view: &mut View<T>, told: &mut u64| {
            view.shed_before = view.sequence - *told;
            *told = view.sequence + view.batch.items() as u64;
        };
        match self {
            Self::One(view) => {
                tell(view, &mut told.old);
                told.new = told.old;
            }
            Self::Each(Sides { old, new }) => {
                old.iter_mut().for_each(|view| tell(view, &mut told.old));
                new.iter_mut().for_each(|view| tell(view, &mut told.new));
            }
        }
    }

    pub(super) fn lens(&self) -> Sides<u64>
    where
        T: Content,
    {
        Sides::of(|side| self.of(side).map_or(0, |view| view.batch.items() as u64))
    }
}
