use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use ringtap_interest::Interest;
use ringtap_pipeline::{
    ledger::PluginCounts,
    metrics::SampleValue,
    name::PluginName,
    queue::{EdgeStatus, Queue, WhenFull},
};

use crate::{
    call::Call,
    compile::{CompileJob, Progress},
    describe::Description,
    digest::Digest,
    failure::{Failures, Fate, OnFailure, Restarts},
    meter::{Meter, Usage},
    plugin::Plugin,
    policy::Terms,
    reload::ReloadOutcome,
};

/// The calls whose times are kept.
const TIMED: [Call; 7] = [
    Call::OnPackets,
    Call::Keep,
    Call::OnEvents,
    Call::Tick,
    Call::Save,
    Call::Restore,
    Call::Stop,
];

/// Upper bounds of the call time histogram, in seconds.
const BOUNDS: [f64; 9] = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 5e-2, 1.0];

/// How a plugin is doing.
///
/// ```text
///                       ┌──────── passed, or rolled back ───────┐
///                       ▼                                       │
///  file seen ─► Loading ──accepted──► Running ──new version──► Canary
///                  │                  │ ▲   │                   (the old one waits, frozen)
///               refused       a call  │ │   └──file gone, or the runtime ends──► Draining ─► Stopped
///                  │           fails  │ │ started
///                  ▼                  ▼ │ again
///             Quarantined ◄──too── Backoff
///                  │         often
///                  └──file changed, or what it lacked has come──► Loading
/// ```
/// `on_failure` may lead from a failed call to `Quarantined` or to the end of the runtime at once. A
/// new version takes over from any state; only from `Running` it is on trial before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PluginState {
    /// Being compiled and started, while no other version runs.
    Loading,
    /// A new version takes records on trial. What it does takes effect if it passes; if it does not,
    /// the version before goes on as if there had been no other.
    Canary,
    /// Takes records.
    Running,
    /// Works off what is queued, for the last time.
    Draining,
    /// A call failed. Records are shed until it is started again.
    Backoff,
    /// Was refused, or failed too often. Records are shed until its files change.
    Quarantined,
    /// Has ended with the runtime.
    Stopped,
}

impl PluginState {
    pub const ALL: [Self; 7] = [
        Self::Loading,
        Self::Canary,
        Self::Running,
        Self::Draining,
        Self::Backoff,
        Self::Quarantined,
        Self::Stopped,
    ];

    /// The value of the label `state`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Canary => "canary",
            Self::Running => "running",
            Self::Draining => "draining",
            Self::Backoff => "backoff",
            Self::Quarantined => "quarantined",
            Self::Stopped => "stopped",
        }
    }

    /// Whether an instance takes records.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Canary | Self::Running | Self::Draining)
    }
}

/// What there is to know of a plugin at one moment.
#[derive(Clone, Debug)]
pub struct PluginStatus {
    pub name: PluginName,
    pub state: PluginState,
    /// Why it is in that state, where something went wrong.
    pub reason: Option<String>,
    /// How far the compilation of a version is that has not taken over yet.
    pub compiling: Option<Progress>,
    /// When it is started again, from now.
    pub restarts_in: Option<Duration>,
    /// How often it was started again after a failure.
    pub restarts: u64,
    /// For how long records waited when one version took over from another, the last time.
    pub handover: Option<Duration>,
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
    /// What it was not let do, and its CPU budget.
    pub usage: Usage,
    /// What other plugins feed it with.
    pub edges: Vec<EdgeStatus>,
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
    meter: Arc<Meter>,
    on_failure: OnFailure,
    restart_policy: Restarts,
    restarts: AtomicU64,
    memory_bytes: AtomicU64,
    times: [CallTimes; TIMED.len()],
    condition: Mutex<Condition>,
}

#[derive(Debug)]
struct Condition {
    state: PluginState,
    reason: Option<String>,
    description: Option<Description>,
    interests: Vec<Interest>,
    digest: Option<Digest>,
    last_outcome: Option<ReloadOutcome>,
    failures: Failures,
    restart_at: Option<Instant>,
    compiling: Option<Arc<CompileJob>>,
    handover: Option<Duration>,
}

#[derive(Debug, Default)]
struct CallTimes {
    buckets: [AtomicU64; BOUNDS.len() + 1],
    sum_ns: AtomicU64,
}

impl Slot {
    pub(crate) fn new(
        name: PluginName,
        terms: &Terms,
        when_full: WhenFull,
        meter: Arc<Meter>,
    ) -> Self {
        let Terms { limits, on_failure, restarts, .. } = terms;
        Self {
            name,
            queue: Arc::new(Queue::new(limits.queue_records, when_full, Arc::default())),
            meter,
            on_failure: *on_failure,
            restart_policy: *restarts,
            restarts: AtomicU64::new(0),
            memory_bytes: AtomicU64::new(0),
            times: Default::default(),
            condition: Mutex::new(Condition {
                state: PluginState::Loading,
                reason: None,
                description: None,
                interests: Vec::new(),
                digest: None,
                last_outcome: None,
                failures: Failures::default(),
                restart_at: None,
                compiling: None,
                handover: None,
            }),
        }
    }

    /// An instance of `plugin` takes records from here on, on trial or for good.
    pub(crate) fn run(&self, plugin: &Plugin, on_trial: bool) {
        let mut condition = self.condition();
        let state = if on_trial { PluginState::Canary } else { PluginState::Running };
        (condition.state, condition.reason, condition.restart_at) = (state, None, None);
        condition.failures.start(Instant::now());
        condition.description = Some(plugin.description().clone());
        condition.digest = Some(plugin.digest());
    }

    /// Whether it is being compiled, and by what.
    pub(crate) fn compile(&self, job: Option<Arc<CompileJob>>) {
        let mut condition = self.condition();
        if job.is_some() && condition.state == PluginState::Quarantined {
            (condition.state, condition.reason) = (PluginState::Loading, None);
        }
        condition.compiling = job;
    }

    pub(crate) fn set_state(&self, state: PluginState) {
        self.condition().state = state;
    }

    pub(crate) fn note_handover(&self, took: Duration) {
        self.condition().handover = Some(took);
    }

    /// The plugin is about to be started again after a failure, if that is what it waits for.
    pub(crate) fn restart(&self) -> bool {
        let waits = self.condition().restart_at.take().is_some();
        self.restarts.fetch_add(waits.into(), Relaxed);
        waits
    }

    /// When the plugin is to be started again, if it is to be.
    pub(crate) fn restart_at(&self) -> Option<Instant> {
        self.condition().restart_at
    }

    /// Note what the instance that was handed over gets to see.
    pub(crate) fn grant(&self, interests: Vec<Interest>) {
        self.condition().interests = interests;
    }

    /// The instance is dead, or could not be started again. What comes of that.
    pub(crate) fn fail(&self, reason: String) -> Fate {
        let (mut condition, now) = (self.condition(), Instant::now());
        let (on_failure, restarts) = (self.on_failure, &self.restart_policy);
        let fate = condition.failures.fail(on_failure, restarts, now, fastrand::f64());
        (condition.state, condition.restart_at) = match fate {
            Fate::Restart { after, .. } => (PluginState::Backoff, Some(now + after)),
            Fate::Quarantine { .. } => (PluginState::Quarantined, None),
            Fate::StopRuntime => (PluginState::Stopped, None),
        };
        condition.reason = Some(reason);
        fate
    }

    /// It works off what is queued, for the last time.
    pub(crate) fn drain(&self) {
        let mut condition = self.condition();
        if condition.state.is_live() {
            condition.state = PluginState::Draining;
        }
    }

    /// The runtime ends; what had gone wrong before stays to be seen.
    pub(crate) fn stop(&self) {
        let mut condition = self.condition();
        if condition.reason.is_none() {
            condition.state = PluginState::Stopped;
        }
    }

    /// As [`fail`](Self::fail), where starting again would not help.
    pub(crate) fn quarantine(&self, reason: String) {
        let mut condition = self.condition();
        (condition.state, condition.restart_at) = (PluginState::Quarantined, None);
        condition.reason = Some(reason);
    }

    /// Note what came of a change. A plugin that has run before stays what it is.
    pub(crate) fn conclude(&self, outcome: ReloadOutcome) {
        let mut condition = self.condition();
        if let (PluginState::Loading, Some(reason)) = (condition.state, outcome.reason()) {
            let reason = Some(reason.to_owned());
            (condition.state, condition.reason) = (PluginState::Quarantined, reason);
        }
        if matches!(outcome, ReloadOutcome::Loaded | ReloadOutcome::Replaced) {
            condition.failures.forget();
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
        let condition = self.condition();
        let waits = condition.restart_at.map(|at| at.saturating_duration_since(Instant::now()));
        let compiling = condition.compiling.as_ref().map(|job| job.progress());
        let calls = TIMED.into_iter().zip(&self.times).map(|(call, times)| CallStatus {
            call,
            count: times.buckets.iter().map(|count| count.load(Relaxed)).sum(),
            time: Duration::from_nanos(times.sum_ns.load(Relaxed)),
        });
        PluginStatus {
            name: self.name.clone(),
            state: condition.state,
            reason: condition.reason.clone(),
            compiling: compiling.filter(|progress| *progress != Progress::Done),
            restarts_in: waits,
            restarts: self.restarts.load(Relaxed),
            handover: condition.handover,
            description: condition.description.clone(),
            interests: condition.interests.clone(),
            digest: condition.digest,
            last_outcome: condition.last_outcome.clone(),
            counts: self.queue.counts(),
            queue_records: self.queue.len(),
            queue_capacity: self.queue.capacity(),
            memory_bytes: self.memory_bytes.load(Relaxed),
            calls: calls.collect(),
            usage: self.meter.read(),
            edges: self.queue.edges(),
        }
    }

    fn condition(&self) -> MutexGuard<'_, Condition> {
        self.condition.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
