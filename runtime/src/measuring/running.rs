use std::{sync::Arc, time::Duration};

use anyhow::Context;
use ringtap_pipeline::{batch::Batch, event::EventSender, queue::View};
use ringtap_plugin::{Graph, KvStores, Meters, Services, Solo};
use rustix::time::{ClockId, clock_gettime};

use crate::testing::Subject;

/// How long a round takes, about: a slow plugin is given fewer records.
const ROUND: Duration = Duration::from_millis(200);

/// Records of a round, at most.
const MOST: usize = 1 << 18;

/// A plugin that is given the same batches again and again.
pub(super) struct Running<'a> {
    subject: &'a Subject,
    solo: Solo,
    batches: Vec<Arc<Batch>>,
    given: u64,
    /// Calls of a round; known after the first one.
    calls: Option<usize>,
}

impl<'a> Running<'a> {
    pub(super) fn start(subject: &'a Subject, batches: Vec<Arc<Batch>>) -> anyhow::Result<Self> {
        let solo = Solo::new(subject.start(services())?);
        Ok(Self { subject, solo, batches, given: 0, calls: None })
    }

    /// ns a record.
    pub(super) fn round(&mut self) -> anyhow::Result<f64> {
        let most = MOST / self.batches[0].len().max(1);
        let (began, mut records, mut calls) = (thread_time(), 0, 0);
        while calls < self.calls.unwrap_or(most) {
            let batch = Arc::clone(&self.batches[calls % self.batches.len()]);
            records += batch.len();
            calls += 1;
            let view = View { batch, sequence: self.given, shed_before: 0 };
            self.given += view.batch.len() as u64;
            self.solo.records(&view).with_context(|| format!("measure `{}`", self.subject.name))?;
            if self.calls.is_none() && thread_time() - began >= ROUND {
                break;
            }
        }
        self.calls = Some(calls);
        Ok((thread_time() - began).as_nanos() as f64 / records as f64)
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
