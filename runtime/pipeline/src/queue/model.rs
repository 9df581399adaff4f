//! Random steps on a queue, against a model that counts by hand.

use std::collections::BTreeMap;

use ringtap_record::PacketRecord;

use super::*;
use crate::{mask::Mask, name::PluginName};

const SEEDS: u64 = 60;
const STEPS: usize = 3000;
const SIDES: [Side; 2] = [Side::Old, Side::New];

/// What was pushed at once, and where its numbers end for each side.
type Ends = BTreeMap<u32, Sides<u64>>;

struct Model {
    chance: fastrand::Rng,
    queue: Arc<Queue>,
    inlet: Inlet,
    events: Inlet,
    /// Whether a trial is open; whether its sides differ.
    trial: Option<bool>,
    /// Who won the last one: taps may still push for both.
    winner: Side,
    pushes: u32,
    ends: Ends,
    /// How many were published, as each side counts.
    published: Sides<u64>,
    /// Of them, those that count already.
    counted: u64,
    /// Up to where each side's numbers were seen, and the last push that was.
    seen: Sides<(u64, u32)>,
    /// Taken on trial.
    kept: Vec<Taken>,
    delivered: u64,
    /// Marks of handover that are inside.
    marks: usize,
}

#[test]
fn whatever_happens_ledgers_close_and_numbers_go_on() {
    for when_full in [WhenFull::DropNewest, WhenFull::DropOldest, WhenFull::Sample] {
        for seed in 0..SEEDS {
            let mut model = Model::new(seed, when_full);
            for _ in 0..STEPS {
                model.step();
                model.check();
            }
            model.end();
        }
    }
}

impl Model {
    fn new(seed: u64, when_full: WhenFull) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed);
        let thinner = Thinner::new(chance.u64(..));
        let queue = Queue::with_thinner(chance.usize(1..60), when_full, Arc::default(), thinner);
        let queue = Arc::new(queue);
        let edge = |name: &str, capacity| Edge {
            from: PluginName::new(name).unwrap(),
            capacity,
            mask: Mask::default(),
            payload: u16::MAX,
        };
        Self {
            inlet: queue.inlet(edge("filter", chance.usize(1..60))),
            events: queue.inlet(edge("other", chance.usize(1..60))),
            chance,
            queue,
            trial: None,
            winner: Side::Old,
            pushes: 0,
            ends: Ends::new(),
            published: Sides::default(),
            counted: 0,
            seen: Sides::default(),
            kept: Vec::new(),
            delivered: 0,
            marks: 0,
        }
    }

    fn step(&mut self) {
        match self.chance.u32(0..100) {
            0..40 => self.push(),
            40..82 => self.take(),
            82..84 if self.trial.is_none() => self.begin(true),
            84 if self.trial.is_none() => self.begin(false),
            85..90 => self.conclude(),
            90 => {
                let open = self.queue.lock().closed.is_none();
                self.queue.mark_back();
                self.marks += usize::from(open);
            }
            91 if self.trial != Some(true) => {
                let open = self.queue.lock().closed.is_none();
                self.queue.mark_front();
                self.marks += usize::from(open);
            }
            92 => self.queue.shed_to_mark(),
            93 => self.queue.close(ShedReason::NoInstance),
            94..98 => self.queue.reopen(),
            98 if self.chance.u32(0..10) == 0 => {
                self.queue.abandon(ShedReason::Shutdown);
                self.marks = 0;
            }
            _ => {}
        }
    }

    fn push(&mut self) {
        self.pushes += 1;
        let chance = &mut self.chance;
        let records = chance.usize(1..12);
        match chance.u32(0..6) {
            0 => {
                self.publish(Sides { old: records, new: records });
                self.inlet.push_batch(batch(self.pushes, records).unwrap());
            }
            1 => {
                self.publish(Sides { old: records, new: records });
                let event = |time_ns| Event {
                    plugin: PluginName::new("other").unwrap(),
                    kind: self.pushes.to_string(),
                    time_ns,
                    fields: Vec::new(),
                };
                let events = (0..records as u64).map(event).collect();
                self.events.push_events(Arc::new(events));
            }
            2 | 3 if self.trial != Some(false) => {
                let lens = Sides::of(|_| chance.usize(0..12));
                self.publish(lens);
                self.queue.push_each(Sides::of(|side| batch(self.pushes, lens[side])));
            }
            _ => {
                self.publish(Sides { old: records, new: records });
                self.queue.push(batch(self.pushes, records).unwrap());
            }
        }
    }

    fn publish(&mut self, lens: Sides<usize>) {
        let differ = self.trial == Some(true);
        let meant = |side| if differ { lens[side] } else { lens[self.winner] } as u64;
        self.published = Sides::of(|side| self.published[side] + meant(side));
        self.counted += if differ { 0 } else { meant(Side::New) };
        self.ends.insert(self.pushes, self.published);
    }

    fn begin(&mut self, differ: bool) {
        self.marks += usize::from(self.queue.lock().closed.is_none());
        self.queue.begin_trial_of(differ);
        self.trial = Some(differ);
        self.winner = Side::Old;
    }

    fn take(&mut self) {
        let taken = self.queue.take(Some(Instant::now()));
        match &taken {
            Taken::Handover => self.marks -= 1,
            Taken::Batch(queued) => {
                let push = |batch: &Batch| {
                    let push = batch.records[0].flow_label;
                    assert!(batch.records.iter().all(|record| record.flow_label == push));
                    assert!(batch.records.is_sorted_by(|a, b| a.timestamp_ns < b.timestamp_ns));
                    push
                };
                self.look(queued, push);
                self.use_or_keep(taken);
            }
            Taken::Events(queued) => {
                self.look(queued, |events| events[0].kind.parse().unwrap());
                self.use_or_keep(taken);
            }
            Taken::Nothing | Taken::Closed => assert!(self.queue.is_empty()),
            Taken::Time(_) => panic!("nobody said a time"),
        }
    }

    /// Numbers follow each other, and end where those of its push end.
    fn look<T: Content>(&mut self, queued: &Queued<T>, push: impl Fn(&T) -> u32) {
        for side in SIDES {
            let Some(view) = queued.view(side) else { continue };
            let (end, last) = self.seen[side];
            assert_eq!(view.sequence, end + view.shed_before);
            let end = view.sequence + view.batch.items() as u64;
            let push = push(&view.batch);
            assert_eq!(end, self.ends[&push][side], "push {push} for {side:?}");
            assert!(push > last, "push {push} came after {last}");
            self.seen[side] = (end, push);
        }
    }

    fn use_or_keep(&mut self, taken: Taken) {
        match self.trial {
            Some(_) => self.kept.push(taken),
            None => self.finish(&taken, Side::Old),
        }
    }

    /// Deliver it, or fail, or thin it, or shed it.
    fn finish(&mut self, taken: &Taken, side: Side) {
        match taken {
            Taken::Batch(queued) => {
                let Some(view) = queued.view(side).cloned() else { return };
                let items = view.batch.len() as u64;
                match self.chance.u32(0..10) {
                    0 => self.give_back(queued, view.sequence - view.shed_before),
                    1 => {
                        let mut thinner = Thinner::new(self.chance.u64(..));
                        match view.thin(3, &mut thinner) {
                            None => self.give_back(queued, view.sequence - view.shed_before),
                            Some(thinned) => {
                                let kept = thinned.batch.len() as u64;
                                assert_eq!(thinned.sequence + kept, view.sequence + items);
                                let start = thinned.sequence - thinned.shed_before;
                                assert_eq!(start, view.sequence - view.shed_before);
                                queued.ledger().shed(ShedReason::Budget, items - kept);
                                queued.ledger().deliver(kept);
                                self.delivered += kept;
                            }
                        }
                    }
                    2 => queued.ledger().fail(items),
                    _ => {
                        queued.ledger().deliver(items);
                        self.delivered += items;
                    }
                }
            }
            Taken::Events(queued) => {
                let items = queued.view(side).map_or(0, |view| view.batch.len() as u64);
                queued.ledger().deliver(items);
                self.delivered += items;
            }
            _ => {}
        }
    }

    /// Only what was taken last may be shed, or the numbers of what came after it are wrong.
    fn give_back(&mut self, queued: &Queued, start: u64) {
        let view = queued.view(self.winner).unwrap();
        let end = view.sequence + view.batch.len() as u64;
        if self.seen[self.winner].0 == end && self.kept.is_empty() {
            self.queue.shed(queued, ShedReason::Budget);
            for side in SIDES {
                self.seen[side].0 = start;
            }
        } else {
            queued.ledger().fail(view.batch.len() as u64);
        }
    }

    fn conclude(&mut self) {
        let Some(differ) = self.trial.take() else { return };
        let winner = SIDES[self.chance.usize(..2)];
        assert_eq!(self.queue.conclude(winner), winner);
        self.winner = winner;
        if differ {
            self.counted = self.published[winner];
            self.published = Sides::of(|_| self.published[winner]);
            for ends in self.ends.values_mut() {
                *ends = Sides::of(|_| ends[winner]);
            }
        }
        self.seen = Sides::of(|_| self.seen[winner]);
        let mut kept = std::mem::take(&mut self.kept).into_iter();
        while let Some(taken) = kept.next() {
            if kept.len() > 0 {
                // Marks that something is still to come.
                self.kept.push(Taken::Nothing);
            }
            self.finish(&taken, winner);
            self.kept.clear();
        }
    }

    fn check(&self) {
        let counts = self.queue.counts();
        assert_eq!(counts.published, self.counted);
        assert_eq!(counts.delivered, self.delivered);
        assert_eq!(counts.shed, counts.shed_by.iter().sum::<u64>());
        if self.trial.is_none() {
            assert_eq!(counts.in_flight(), self.queue.len() as u64);
            assert!(counts.shed + counts.failed + counts.delivered <= counts.published);
        }
        let state = self.queue.lock();
        for lane in &state.lanes {
            let oversize = 11;
            assert!(lane.items() <= lane.capacity.max(oversize), "{}", lane.items());
        }
    }

    fn end(&mut self) {
        self.conclude();
        self.queue.close(ShedReason::Shutdown);
        while !self.queue.is_empty() || self.marks > 0 {
            self.take();
            if self.queue.is_empty() && matches!(self.queue.take(None), Taken::Closed) {
                self.marks = 0;
            }
        }
        let counts = self.queue.counts();
        assert!(counts.closes(), "{counts:?}");
        assert_eq!(counts.published, self.published.new);
        assert!(counts.delivered > 0 && counts.shed > 0, "{counts:?}");
        for edge in self.queue.edges() {
            assert!(edge.counts.closes() && edge.counts.published > 0, "{edge:?}");
        }
    }
}

/// Records that know the push that they came with and their place in it.
fn batch(push: u32, records: usize) -> Option<Arc<Batch>> {
    let record = |timestamp_ns| PacketRecord {
        timestamp_ns,
        flow_label: push,
        sample_one_in: 1,
        ..PacketRecord::default()
    };
    let records: Vec<_> = (0..records as u64).map(record).collect();
    (!records.is_empty()).then(|| Arc::new(Batch { records, ..Batch::default() }))
}
