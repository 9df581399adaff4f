use std::{sync::Arc, time::Duration};

use anyhow::Context;
use ringtap_pipeline::{event::EventSender, queue::View};
use ringtap_plugin::{Allocations, Graph, KvStores, Meters, Services, Solo};
use rustix::time::{ClockId, clock_gettime};

use crate::testing::{Step, Subject};

/// How long a round takes, about: a slow plugin is given less.
const ROUND: Duration = Duration::from_millis(200);

/// Records, or events, of a round, at most.
const MOST: usize = 1 << 18;

/// How long allocations are counted, about, and over how many batches at the most.
const COUNTING: Duration = Duration::from_secs(1);
const COUNTED: usize = 4;

/// A plugin that is given the same batches again and again.
pub(super) struct Running<'a> {
    subject: &'a Subject,
    solo: Solo,
    batches: Vec<Step>,
    given: u64,
    /// Calls of a round; known after the first one.
    calls: Option<usize>,
}

impl<'a> Running<'a> {
    /// `batches` are at least one, and none of them is empty.
    pub(super) fn start(subject: &'a Subject, batches: Vec<Step>) -> anyhow::Result<Self> {
        let solo = Solo::new(subject.start(services())?);
        Ok(Self { subject, solo, batches, given: 0, calls: None })
    }

    /// ns a record, or an event.
    pub(super) fn round(&mut self) -> anyhow::Result<f64> {
        let most = MOST / self.batches[0].len().max(1);
        let (began, mut items, mut calls) = (thread_time(), 0, 0);
        while calls < self.calls.unwrap_or(most) {
            items += self.call(calls)?;
            calls += 1;
            if self.calls.is_none() && thread_time() - began >= ROUND {
                break;
            }
        }
        self.calls = Some(calls);
        Ok((thread_time() - began).as_nanos() as f64 / items as f64)
    }

    /// Hand over the batch whose turn it is. Returns what is in it.
    fn call(&mut self, turn: usize) -> anyhow::Result<usize> {
        let step = &self.batches[turn % self.batches.len()];
        let called = match step {
            Step::Records(batch) => {
                let batch = Arc::clone(batch);
                let view = View { batch, sequence: self.given, shed_before: 0 };
                self.given += view.batch.len() as u64;
                self.solo.records(&view).map(drop)
            }
            Step::Events(events) => self.solo.events(events),
            Step::Time(now_ns) => self.solo.pass_time(*now_ns).map(drop),
        };
        called.with_context(|| format!("measure `{}`", self.subject.name))?;
        Ok(step.len())
    }

    /// Allocations, and the records or events over which they were counted.
    pub(super) fn allocations(&mut self) -> anyhow::Result<(Allocations, usize)> {
        self.solo.instance().count_allocations();
        let (began, mut items) = (thread_time(), 0);
        for turn in 0..COUNTED {
            items += self.call(turn)?;
            if thread_time() - began >= COUNTING {
                break;
            }
        }
        Ok((self.solo.instance().take_allocations(), items))
    }

    /// How often memories have grown so far.
    pub(super) fn memory_grows(&mut self) -> u64 {
        self.solo.instance().memory_grows()
    }

    pub(super) fn memory_bytes(&mut self) -> usize {
        self.solo.instance().memory_bytes()
    }

    /// What the plugin knows, and how long it took to say it, in us.
    pub(super) fn save(&mut self) -> anyhow::Result<(Vec<u8>, f64)> {
        let began = thread_time();
        let saved = self.solo.instance().save()?;
        let time = micros(thread_time() - began);
        Ok((saved.map_err(anyhow::Error::msg).context("`save` refused")?, time))
    }
}

/// How long it takes to start an instance, in us.
pub(super) fn start_time(subject: &Subject) -> anyhow::Result<f64> {
    let services = services();
    let began = thread_time();
    let instance = subject.start(services)?;
    let time = micros(thread_time() - began);
    drop(instance);
    Ok(time)
}

/// How long it takes a new instance to take over a state, in us.
pub(super) fn restore_time(subject: &Subject, saved: &[u8]) -> anyhow::Result<f64> {
    let mut instance = subject.start(services())?;
    let form = subject.plugin.description().state.map_or(0, |schema| schema.writes);
    let began = thread_time();
    let restored = instance.restore(form, saved)?;
    let time = micros(thread_time() - began);
    restored.map_err(anyhow::Error::msg).context("`restore` refused what `save` gave")?;
    Ok(time)
}

/// Events go nowhere.
fn services() -> Services {
    Services {
        registry: Arc::default(),
        meters: Meters::default(),
        events: EventSender::nowhere(),
        interfaces: Arc::new(|_| None),
        graph: Graph::default(),
        kv: KvStores::in_memory(),
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// CPU time of this thread so far. Unlike wall time it does not count what others took of the core.
fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}
