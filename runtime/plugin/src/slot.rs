use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use ringtap_interest::Interest;
use ringtap_pipeline::{
    ledger::PluginCounts,
    metrics::SampleValue,
    name::PluginName,
    queue::{Queue, WhenFull},
};

use crate::{
    call::Call, describe::Description, digest::Digest, limits::Limits, reload::ReloadOutcome,
};

/// The calls whose times are kept.
const TIMED: [Call; 3] = [Call::OnPackets, Call::Tick, Call::Stop];

/// Upper bounds of the call time histogram, in seconds.
const BOUNDS: [f64; 9] = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 5e-2, 1.0];

/// How a plugin is doing.
///
/// ```text
///  file seen ──► Loading ──loaded──► Running ──trap, overrun──► Failed
///                   │                 ▲  │  ▲                     │
///                refused              │  └──┘ replaced, or        │
///                   ▼                 │       kept old            │
///                Refused ──changed────┴────────changed────────────┘
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PluginState {
    /// Being compiled and started for the first time.
    Loading,
    /// Takes records.
    Running,
    /// A call trapped or overran; records are shed until the file changes.
    Failed,
    /// No version of the file was ever accepted.
    Refused,
}

impl PluginState {
    pub const ALL: [Self; 4] = [Self::Loading, Self::Running, Self::Failed, Self::Refused];

    /// The value of the label `state`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Running => "running",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }
}

/// What there is to know of a plugin at one moment.
#[derive(Clone, Debug)]
pub struct PluginStatus {
    pub name: PluginName,
    pub state: PluginState,
    /// Why it is failed or refused.
    pub reason: Option<String>,
    /// Of the instance that runs, or ran last.
    pub description: Option<Description>,
    /// What the operator left of its interests: what it gets to see.
    pub interests: Vec<Interest>,
    pub digest: Option<Digest>,
    /// What came of the last change of its file.
    pub last_outcome: Option<ReloadOutcome>,
    pub counts: PluginCounts,
    /// Records that wait.
    pub queue_records: usize,
    pub queue_capacity: usize,
    /// Bytes of its memories and tables.
    pub memory_bytes: u64,
    pub calls: Vec<CallStatus>,
}

/// The calls of one kind, over all instances of a plugin.
#[derive(Clone, Copy, Debug)]
pub struct CallStatus {
    pub call: Call,
    pub count: u64,
    /// Wall time, summed.
    pub time: Duration,
}

/// What the runtime keeps for a plugin while its instances come and go.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) name: PluginName,
    pub(crate) queue: Arc<Queue>,
    memory_bytes: AtomicU64,
    times: [CallTimes; TIMED.len()],
    condition: Mutex<Condition>,
}

#[derive(Clone, Debug)]
struct Condition {
    state: PluginState,
    reason: Option<String>,
    description: Option<Description>,
    interests: Vec<Interest>,
    digest: Option<Digest>,
    last_outcome: Option<ReloadOutcome>,
}

#[derive(Debug, Default)]
struct CallTimes {
    buckets: [AtomicU64; BOUNDS.len() + 1],
    sum_ns: AtomicU64,
}

impl Slot {
    pub(crate) fn new(name: PluginName, limits: &Limits, when_full: WhenFull) -> Self {
        Self {
            name,
            queue: Arc::new(Queue::new(limits.queue_records, when_full, Arc::default())),
            memory_bytes: AtomicU64::new(0),
            times: Default::default(),
            condition: Mutex::new(Condition {
                state: PluginState::Loading,
                reason: None,
                description: None,
                interests: Vec::new(),
                digest: None,
                last_outcome: None,
            }),
        }
    }

    pub(crate) fn run(&self, description: Description, digest: Digest) {
        let mut condition = self.condition();
        (condition.state, condition.reason) = (PluginState::Running, None);
        (condition.description, condition.digest) = (Some(description), Some(digest));
    }

    /// Note what the instance that was handed over gets to see.
    pub(crate) fn grant(&self, interests: Vec<Interest>) {
        self.condition().interests = interests;
    }

    pub(crate) fn fail(&self, reason: String) {
        let mut condition = self.condition();
        (condition.state, condition.reason) = (PluginState::Failed, Some(reason));
    }

    /// Note what came of a change. A plugin that has run before stays what it is.
    pub(crate) fn conclude(&self, outcome: ReloadOutcome) {
        let mut condition = self.condition();
        if let (PluginState::Loading | PluginState::Refused, Some(reason)) =
            (condition.state, outcome.reason())
        {
            let reason = Some(reason.to_owned());
            (condition.state, condition.reason) = (PluginState::Refused, reason);
        }
        condition.last_outcome = Some(outcome);
    }

    pub(crate) fn state(&self) -> PluginState {
        self.condition().state
    }

    pub(crate) fn note_call(&self, call: Call, took: Duration) {
        let Some(index) = TIMED.iter().position(|timed| *timed == call) else { return };
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS.partition_point(|bound| *bound < seconds);
        self.times[index].buckets[bucket].fetch_add(1, Relaxed);
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.times[index].sum_ns.fetch_add(nanoseconds, Relaxed);
    }

    pub(crate) fn note_memory(&self, bytes: usize) {
        self.memory_bytes.store(bytes as u64, Relaxed);
    }

    /// Each timed call with its number and its histogram of times.
    pub(crate) fn call_times(&self) -> impl Iterator<Item = (Call, u64, SampleValue)> {
        TIMED.into_iter().zip(&self.times).map(|(call, times)| {
            let mut total = 0;
            let bounds = BOUNDS.into_iter().chain([f64::INFINITY]);
            let buckets: Vec<_> = bounds
                .zip(&times.buckets)
                .map(|(bound, count)| {
                    total += count.load(Relaxed);
                    (bound, total)
                })
                .collect();
            let sum = Duration::from_nanos(times.sum_ns.load(Relaxed)).as_secs_f64();
            (call, total, SampleValue::Histogram { buckets, sum })
        })
    }

    pub(crate) fn status(&self) -> PluginStatus {
        let Condition { state, reason, description, interests, digest, last_outcome } =
            self.condition().clone();
        let calls = TIMED.into_iter().zip(&self.times).map(|(call, times)| CallStatus {
            call,
            count: times.buckets.iter().map(|count| count.load(Relaxed)).sum(),
            time: Duration::from_nanos(times.sum_ns.load(Relaxed)),
        });
        PluginStatus {
            name: self.name.clone(),
            state,
            reason,
            description,
            interests,
            digest,
            last_outcome,
            counts: self.queue.counts(),
            queue_records: self.queue.len(),
            queue_capacity: self.queue.capacity(),
            memory_bytes: self.memory_bytes.load(Relaxed),
            calls: calls.collect(),
        }
    }

    fn condition(&self) -> MutexGuard<'_, Condition> {
        self.condition.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
