use std::{path::Path, sync::Arc, thread};

use anyhow::{Context, ensure};
use fastrand::Rng;
use ringtap_capture::{Capture, CaptureError};
use ringtap_pipeline::{
    batch::{Batch, MAX_BATCH_RECORDS},
    event::Event,
    fanout::Fanout,
    ledger::ShedReason,
    queue::{Queue, Side, Taken, WhenFull},
    subscriptions::Subscriptions,
};
use ringtap_plugin::InterfaceNames;

use super::{Case, Subject, random::Packets};
use crate::{
    app::{
        accounts::CaptureCounts, clock::CaptureClock, feed::Feed, judging::CaptureJudge,
        names::Names,
    },
    config::RandomPackets,
};

/// Records that wait for the thread that notes them down.
const QUEUE: usize = 1 << 14;

/// When random packets begin where there is no capture before them: Unix time in ns.
const BEGINNING_NS: u64 = 1_700_000_000_000_000_000;

/// All that a plugin is given in a case, in its order: what its queue would give it in a replay.
#[derive(Clone)]
pub(crate) struct Script {
    pub steps: Vec<Step>,
    pub interfaces: InterfaceNames,
}

/// Something that a plugin is given, or told.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Records(Arc<Batch>),
    Events(Vec<Event>),
    /// The capture has come to this time: Unix time in ns.
    Time(u64),
}

impl Step {
    /// Records or events in it.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Records(batch) => batch.len(),
            Self::Events(events) => events.len(),
            Self::Time(_) => 0,
        }
    }
}

impl Script {
    /// What the plugin gets of the case's capture, its random packets and its events.
    pub(crate) fn of(subject: &Subject, case: &Case) -> anyhow::Result<Self> {
        if subject.is_exporter() {
            let events = case.input.as_ref().context(
                "the plugin is an exporter: give it events, as JSON lines in a file that `input` names",
            )?;
            let alone = case.capture.is_none() && case.random.is_none();
            ensure!(
                alone,
                "the plugin is an exporter, which takes no packets: leave out `capture` and `random`"
            );
            return Ok(Self::of_events(events));
        }
        ensure!(
            case.input.is_none(),
            "`input` is for exporters, and the plugin is none: leave it out"
        );
        Self::recorded(subject, |feed| {
            let mut latest_ns = BEGINNING_NS;
            if let Some(path) = &case.capture {
                let mut capture = Capture::open(path)?;
                feed.capture(&mut capture, |packet| {
                    latest_ns = latest_ns.max(packet.record.timestamp_ns);
                    Ok::<_, CaptureError>(())
                })?;
            }
            if let Some(random) = case.random {
                feed_random(feed, random, latest_ns);
            }
            Ok(())
        })
    }

    /// What the plugin gets of a capture.
    pub(crate) fn of_capture(subject: &Subject, path: &Path) -> anyhow::Result<Self> {
        Self::recorded(subject, |feed| {
            feed.capture(&mut Capture::open(path)?, |_| Ok::<_, CaptureError>(()))?;
            Ok(())
        })
    }

    /// What the plugin gets of these records, without payload.
    pub(crate) fn of_records(subject: &Subject, batches: Vec<Arc<Batch>>) -> anyhow::Result<Self> {
        Self::recorded(subject, |feed| {
            let records = batches.iter().flat_map(|batch| &batch.records);
            records.for_each(|record| feed.packet(record, &[], None));
            feed.end();
            Ok(())
        })
    }

    /// What the plugin gets of random packets alone.
    pub(crate) fn of_random(subject: &Subject, random: RandomPackets) -> anyhow::Result<Self> {
        Self::recorded(subject, |feed| {
            feed_random(feed, random, BEGINNING_NS);
            Ok(())
        })
    }

    /// Have the plugin's interests judge what `read` feeds, as in a replay, and note down what would
    /// have come to the plugin.
    fn recorded(
        subject: &Subject,
        read: impl FnOnce(&mut Feed) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let fanout = Arc::new(Fanout::default());
        let judge = Arc::new(CaptureJudge::new(Arc::clone(&fanout), subject.seed));
        let subscriptions = Arc::new(Subscriptions::new(fanout, Arc::clone(&judge) as _));
        let queue = Arc::new(Queue::new(QUEUE, WhenFull::Wait, Arc::default()));
        subscriptions.subscribe(
            subject.name.clone(),
            Arc::clone(&queue),
            subject.interests.clone(),
            subject.terms.mask,
        )?;
        let names = Names::default();
        let interfaces = names.for_plugins();
        let mut feed = Feed::new(judge, subscriptions, names, Arc::new(CaptureCounts::default()));
        // The queue is bounded, in marks of time too, and the feed waits.
        let steps = thread::scope(|scope| {
            let noting = scope.spawn(|| taken(&queue));
            let outcome = read(&mut feed);
            queue.close(ShedReason::Shutdown);
            let steps = noting.join().expect("taking from a queue does not panic");
            outcome.map(|()| steps)
        })?;
        Ok(Self { steps, interfaces })
    }

    /// Time passes as the events say.
    fn of_events(events: &[Event]) -> Self {
        let (mut steps, mut clock, mut waiting) = (Vec::new(), CaptureClock::default(), Vec::new());
        for event in events {
            if let Some(now_ns) = clock.next(event.time_ns) {
                steps.extend(batch_of(&mut waiting));
                steps.push(Step::Time(now_ns));
            }
            waiting.push(event.clone());
            if waiting.len() == MAX_BATCH_RECORDS {
                steps.extend(batch_of(&mut waiting));
            }
        }
        steps.extend(batch_of(&mut waiting));
        steps.extend(clock.end().map(Step::Time));
        Self { steps, interfaces: Arc::new(|_| None) }
    }

    /// The same in batches of the sizes that `size` says, each 1 to 1024.
    pub(crate) fn in_batches_of(&self, mut size: impl FnMut() -> usize) -> Self {
        let mut steps = Vec::new();
        for step in &self.steps {
            let mut rest = step.clone();
            loop {
                let size = size();
                if rest.len() <= size {
                    steps.push(rest);
                    break;
                }
                let (first, others) = rest.cut(size);
                steps.push(first);
                rest = others;
            }
        }
        Self { steps, interfaces: Arc::clone(&self.interfaces) }
    }

    /// As if some of it had been sampled out on the way: every other batch, at random.
    pub(crate) fn thinned(mut self, random: &mut Rng) -> Self {
        let mut thinner = ringtap_pipeline::thin::Thinner::new(random.u64(..));
        for step in &mut self.steps {
            let Step::Records(batch) = step else { continue };
            if random.bool() {
                *batch = Arc::new(thinner.thin(batch, 1 << random.u32(1..=6)));
            }
        }
        self.steps.retain(|step| !matches!(step, Step::Records(batch) if batch.is_empty()));
        self
    }

    /// Records or events in all.
    pub(crate) fn items(&self) -> usize {
        self.steps.iter().map(Step::len).sum()
    }
}

impl Step {
    /// The first ones, and the others.
    fn cut(&self, at: usize) -> (Self, Self) {
        match self {
            Self::Records(batch) => {
                let (first, others) = batch.records.split_at(at);
                let of = |part| Self::Records(Arc::new(batch.pick(part)));
                (of(first), of(others))
            }
            Self::Events(events) => {
                let (first, others) = events.split_at(at);
                (Self::Events(first.to_vec()), Self::Events(others.to_vec()))
            }
            Self::Time(now_ns) => (Self::Time(*now_ns), Self::Time(*now_ns)),
        }
    }
}

fn batch_of(waiting: &mut Vec<Event>) -> Option<Step> {
    (!waiting.is_empty()).then(|| Step::Events(std::mem::take(waiting)))
}

fn feed_random(feed: &mut Feed, random: RandomPackets, after_ns: u64) {
    let mut packets = Packets::new(random.seed, after_ns);
    for _ in 0..random.packets {
        let packet = packets.next();
        feed.packet(&packet.record, packet.payload(), packet.interface());
    }
    feed.end();
}

/// All that comes out of the queue until it is closed.
fn taken(queue: &Queue) -> Vec<Step> {
    let mut steps = Vec::new();
    loop {
        match queue.take(None) {
            Taken::Batch(queued) => {
                let view = queued.view(Side::New);
                steps.extend(view.map(|view| Step::Records(Arc::clone(&view.batch))));
            }
            Taken::Time(now_ns) => steps.push(Step::Time(now_ns)),
            Taken::Closed => return steps,
            Taken::Events(_) | Taken::Handover | Taken::Nothing => {}
        }
    }
}
