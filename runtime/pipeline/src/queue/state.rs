use std::collections::VecDeque;

use super::{
    WhenFull,
    lane::{Carried, Entry, Lane, size},
    view::{Content, Offer, Side, Sides, View, Views},
};
use crate::{ledger::ShedReason, thin::Thinner};

/// Place among all that is inside: what has the smallest is taken first.
pub(super) type Ticket = i64;

/// What a queue holds, under its lock.
#[derive(Debug)]
pub(super) struct State {
    pub(super) lanes: Vec<Lane>,
    /// In the order of tickets.
    pub(super) marks: VecDeque<(Ticket, Mark)>,
    /// Marks of time in `marks`.
    pub(super) times: usize,
    pub(super) closed: Option<ShedReason>,
    pub(super) woken: bool,
    pub(super) taker: Taker,
    /// The next one in front of and behind all that is inside.
    tickets: (Ticket, Ticket),
    /// The number of the next item that is meant for the plugin, as each side counts.
    next: Sides<u64>,
    /// Up to which number the taking side knows what became of all.
    told: Sides<u64>,
    trial: Trial,
    thinner: Thinner,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Handover,
    Time(u64),
}

/// What the taking side does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taker {
    /// There is none yet, or no more.
    Nobody,
    /// On what was taken last, or before the first.
    AtWork,
    /// For something to take.
    Waits,
}

/// Whether two versions are inside, and which is left of the last ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trial {
    Over(Side),
    /// Both get the same.
    Same,
    Differ,
}

/// What comes out next.
pub(super) enum Next {
    Entry { lane: usize, entry: Entry },
    Mark(Mark),
}

impl State {
    pub(super) fn new(taps: Lane, thinner: Thinner) -> Self {
        Self {
            lanes: vec![taps],
            marks: VecDeque::new(),
            times: 0,
            closed: None,
            woken: false,
            taker: Taker::Nobody,
            tickets: (-1, 0),
            next: Sides::default(),
            told: Sides::default(),
            trial: Trial::Over(Side::Old),
            thinner,
        }
    }

    pub(super) fn items(&self) -> usize {
        self.lanes.iter().map(Lane::items).sum()
    }

    /// Whether the taking side has not worked off what it was given, and will.
    pub(super) fn is_at_work(&self) -> bool {
        let is_empty = self.items() == 0 && self.marks.is_empty();
        match self.taker {
            _ if self.closed.is_some() => false,
            Taker::Nobody => false,
            Taker::AtWork => true,
            Taker::Waits => !is_empty,
        }
    }

    /// Whether pushing would drop nothing.
    pub(super) fn has_room<T: Content>(&self, lane: usize, offer: &Offer<T>) -> bool {
        self.lanes[lane].has_room(size(self.meant(offer)))
    }

    /// Append what is offered, or count it as shed; whether there is something to take.
    pub(super) fn push<T: Content>(
        &mut self,
        lane: usize,
        offer: &Offer<T>,
        when_full: WhenFull,
    ) -> bool
    where
        Carried: From<Views<T>>,
    {
        let meant = self.meant(offer);
        self.next = Sides::of(|side| self.next[side] + meant[side]);
        let differ = self.differ();
        self.lanes[lane].publish(meant, differ);
        if let Some(reason) = self.closed {
            self.shed(lane, reason, meant);
            return false;
        }
        match when_full {
            WhenFull::Sample => {
                let one_in = self.lanes[lane].one_in(size(meant));
                if one_in > 1 {
                    let thinned = offer.thin(one_in, &mut self.thinner);
                    let kept = self.meant(&thinned);
                    let shed = Sides::of(|side| meant[side] - kept[side]);
                    self.shed(lane, ShedReason::Sampled, shed);
                    return self.append(lane, &thinned);
                }
            }
            WhenFull::DropOldest => self.make_room(lane, size(meant)),
            WhenFull::DropNewest | WhenFull::Wait | WhenFull::InStep => {}
        }
        self.append(lane, offer)
    }

    fn append<T: Content>(&mut self, lane: usize, offer: &Offer<T>) -> bool
    where
        Carried: From<Views<T>>,
    {
        let kept = self.meant(offer);
        if !self.lanes[lane].has_room(size(kept)) {
            self.shed(lane, ShedReason::QueueFull, kept);
            return false;
        }
        let Some(views) = self.number(offer, kept) else { return false };
        let (_, ticket) = self.tickets;
        self.tickets.1 += 1;
        self.lanes[lane].push(Entry { ticket, views: views.into() });
        true
    }

    /// The last of the numbers that were given to a batch are for what was kept of it, so that what
    /// was not counts as shed before it.
    fn number<T: Content>(&self, offer: &Offer<T>, kept: Sides<u64>) -> Option<Views<T>> {
        let view = |side: Side| {
            let batch = offer.of(side).filter(|_| kept[side] > 0)?;
            let sequence = self.next[side] - kept[side];
            Some(View { batch: batch.clone(), sequence, shed_before: 0 })
        };
        match self.trial {
            Trial::Over(side) => view(side).map(Views::One),
            Trial::Same => view(Side::Old).map(Views::One),
            Trial::Differ => (size(kept) > 0).then(|| Views::Each(Sides::of(view))),
        }
    }

    fn make_room(&mut self, lane: usize, items: usize) {
        while !self.lanes[lane].has_room(items)
            && let Some(oldest) = self.lanes[lane].pop()
        {
            self.shed(lane, ShedReason::QueueFull, oldest.views.lens());
        }
    }

    /// What comes out next, with what is known of its place.
    pub(super) fn pop(&mut self) -> Option<Next> {
        let tickets = self.lanes.iter().enumerate();
        let tickets = tickets.filter_map(|(lane, one)| Some((one.next_ticket()?, lane)));
        let first = tickets.min();
        let mark = self.marks.front().map(|(ticket, _)| *ticket);
        match (first, mark) {
            (Some((ticket, lane)), mark) if mark.is_none_or(|mark| ticket < mark) => {
                let mut entry = self.lanes[lane].pop()?;
                match &mut entry.views {
                    Carried::Records(views) => views.tell(&mut self.told),
                    Carried::Events(views) => views.tell(&mut self.told),
                }
                Some(Next::Entry { lane, entry })
            }
            _ => {
                let (_, mark) = self.marks.pop_front()?;
                self.times -= usize::from(mark != Mark::Handover);
                Some(Next::Mark(mark))
            }
        }
    }

    pub(super) fn mark_back(&mut self, mark: Mark) {
        let (_, ticket) = self.tickets;
        self.tickets.1 += 1;
        self.times += usize::from(mark != Mark::Handover);
        self.marks.push_back((ticket, mark));
    }

    pub(super) fn mark_front(&mut self) {
        let (ticket, _) = self.tickets;
        self.tickets.0 -= 1;
        self.marks.push_front((ticket, Mark::Handover));
    }

    /// Where the first mark of a handover is.
    pub(super) fn handover(&self) -> Option<Ticket> {
        self.marks.iter().find(|(_, mark)| *mark == Mark::Handover).map(|(ticket, _)| *ticket)
    }

    /// Shed what is in front of a place, marks included; everything where there is none.
    pub(super) fn shed_up_to(&mut self, place: Option<Ticket>, reason: ShedReason) {
        let place = place.unwrap_or(Ticket::MAX);
        for lane in 0..self.lanes.len() {
            while self.lanes[lane].next_ticket().is_some_and(|ticket| ticket < place)
                && let Some(entry) = self.lanes[lane].pop()
            {
                self.shed(lane, reason, entry.views.lens());
            }
        }
        self.marks.retain(|(ticket, _)| *ticket >= place);
        self.times = self.marks.iter().filter(|(_, mark)| *mark != Mark::Handover).count();
    }

    /// What was taken last is shed.
    pub(super) fn give_back<T: Content>(
        &mut self,
        lane: usize,
        views: &Views<T>,
        reason: ShedReason,
    ) {
        let view = |side| match self.trial {
            Trial::Over(winner) => views.of(winner),
            Trial::Same | Trial::Differ => views.of(side),
        };
        let views = Sides::of(view);
        let lens = Sides::of(|side| views[side].map_or(0, |view| view.batch.items() as u64));
        let before = |side| views[side].map_or(u64::MAX, |view| view.sequence - view.shed_before);
        self.told = Sides::of(|side| self.told[side].min(before(side)));
        self.shed(lane, reason, lens);
    }

    pub(super) fn begin_trial(&mut self, differ: bool) {
        self.trial = if differ { Trial::Differ } else { Trial::Same };
    }

    /// Who has won: `winner`, unless that was said before.
    pub(super) fn conclude(&mut self, winner: Side) -> Side {
        if let Trial::Over(winner) = self.trial {
            return winner;
        }
        self.lanes.iter_mut().for_each(|lane| lane.settle(winner));
        self.next = Sides::of(|_| self.next[winner]);
        self.told = Sides::of(|_| self.told[winner]);
        self.trial = Trial::Over(winner);
        winner
    }

    fn differ(&self) -> bool {
        self.trial == Trial::Differ
    }

    fn shed(&mut self, lane: usize, reason: ShedReason, items: Sides<u64>) {
        let differ = self.differ();
        self.lanes[lane].shed(reason, items, differ);
    }

    /// Items of it that are meant for each side: where one is left, for that one, and where both are
    /// the same, for both.
    fn meant<T: Content>(&self, offer: &Offer<T>) -> Sides<u64> {
        let lens = offer.lens();
        match self.trial {
            Trial::Over(side) => Sides::of(|_| lens[side]),
            Trial::Same => Sides::of(|_| lens.old),
            Trial::Differ => lens,
        }
    }
}
