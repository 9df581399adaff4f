use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use ringtap_pipeline::{
    metrics::{Collect, Families, Registry},
    name::PluginName,
};

use crate::{
    bucket::Bucket,
    budget::{Budget, BudgetStats, Verdict},
    instance::TimeSource,
    limits::Limits,
};

/// What each plugin has used of what it may use over time. Outlives instances, so that a plugin
/// that is restarted or replaced gets nothing anew.
#[derive(Clone, Debug, Default)]
pub struct Meters(Arc<Mutex<BTreeMap<PluginName, Arc<Meter>>>>);

/// What one plugin has used, and was not let do.
#[derive(Debug)]
pub(crate) struct Meter {
    time: TimeSource,
    /// What the system's time is told from.
    started: Instant,
    /// How far the time of a capture has got.
    told_ns: AtomicU64,
    log: Mutex<Bucket>,
    log_suppressed: AtomicU64,
    /// Of those, the ones that the log does not say.
    log_untold: AtomicU64,
    /// None in a replay: how fast a capture is read says nothing about its events.
    events: Option<Mutex<Bucket>>,
    events_suppressed: AtomicU64,
    /// None for a plugin that may take what a core gives, nor in a replay, which waits.
    budget: Option<Mutex<Budget>>,
}

/// A reading of what a plugin used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Log lines over the rate, which were dropped.
    pub log_suppressed: u64,
    /// Events over the rate, which were dropped.
    pub events_suppressed: u64,
    /// `None` without a budget.
    pub budget: Option<BudgetStats>,
}

impl Meters {
    /// Meters whose readings are among the metrics of `registry`.
    pub fn registered(registry: &Registry) -> Self {
        let meters = Self::default();
        registry.register(Arc::new(meters.clone()));
        meters
    }

    /// What the plugin used so far; `None` if no instance of it was ever made.
    pub fn read(&self, name: &PluginName) -> Option<Usage> {
        self.lock().get(name).map(|meter| meter.read())
    }

    /// The plugin's meter, made at the first call. `limits` hold from then on.
    pub(crate) fn of(&self, name: &PluginName, limits: &Limits, time: TimeSource) -> Arc<Meter> {
        let mut meters = self.lock();
        let meter = meters.entry(name.clone());
        Arc::clone(meter.or_insert_with(|| Arc::new(Meter::new(limits, time))))
    }

    /// Forget a plugin that was unloaded.
    pub(crate) fn remove(&self, name: &PluginName) {
        self.lock().remove(name);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<PluginName, Arc<Meter>>> {
        lock(&self.0)
    }
}

impl Meter {
    fn new(limits: &Limits, time: TimeSource) -> Self {
        let is_live = time == TimeSource::Real;
        let share = limits.cpu.filter(|_| is_live);
        Self {
            time,
            started: Instant::now(),
            told_ns: AtomicU64::new(0),
            log: Mutex::new(Bucket::new(limits.log_rate, 0)),
            log_suppressed: AtomicU64::new(0),
            log_untold: AtomicU64::new(0),
            events: is_live.then(|| Mutex::new(Bucket::new(limits.event_rate, 0))),
            events_suppressed: AtomicU64::new(0),
            budget: share.map(|share| Mutex::new(Budget::new(share, Instant::now()))),
        }
    }

    /// Move the time of a capture forward, by which its log lines are let pass.
    pub(crate) fn tell_time(&self, now_ns: u64) {
        self.told_ns.fetch_max(now_ns, Relaxed);
    }

    /// Whether one more log line may be written.
    pub(crate) fn may_log(&self) -> bool {
        let may = lock(&self.log).take(1, self.now_ns()) == 1;
        if !may {
            self.log_suppressed.fetch_add(1, Relaxed);
            self.log_untold.fetch_add(1, Relaxed);
        }
        may
    }

    /// Log lines that were suppressed since this was asked last.
    pub(crate) fn take_untold(&self) -> u64 {
        self.log_untold.swap(0, Relaxed)
    }

    /// How many of `events` may be handed on; the others are counted as suppressed.
    pub(crate) fn admit(&self, events: usize) -> usize {
        let Some(bucket) = self.events.as_ref().filter(|_| events > 0) else { return events };
        let taken = lock(bucket).take(events as u64, self.now_ns());
        let taken = usize::try_from(taken).unwrap_or(events);
        self.events_suppressed.fetch_add((events - taken) as u64, Relaxed);
        taken
    }

    /// Whether it matters what calls take of the CPU.
    pub(crate) fn has_budget(&self) -> bool {
        self.budget.is_some()
    }

    /// Note what a call took of the CPU.
    pub(crate) fn spend(&self, cpu: Duration, now: Instant) {
        if let Some(budget) = &self.budget {
            lock(budget).spent(cpu, now);
        }
    }

    /// What the plugin may be given now.
    pub(crate) fn verdict(&self, now: Instant) -> Verdict {
        self.budget.as_ref().map_or(Verdict::Full, |budget| lock(budget).verdict(now))
    }

    pub(crate) fn read(&self) -> Usage {
        let budget = self.budget.as_ref();
        Usage {
            log_suppressed: self.log_suppressed.load(Relaxed),
            events_suppressed: self.events_suppressed.load(Relaxed),
            budget: budget.map(|budget| lock(budget).stats(Instant::now())),
        }
    }

    fn now_ns(&self) -> u64 {
        match self.time {
            TimeSource::Capture => self.told_ns.load(Relaxed),
            TimeSource::Real => {
                u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
            }
        }
    }
}

impl Collect for Meters {
    fn collect(&self, families: &mut Families) {
        for (name, meter) in self.lock().iter() {
            collect(name, &meter.read(), families);
        }
    }
}

fn collect(name: &PluginName, usage: &Usage, families: &mut Families) {
    let labels = [("plugin", name.as_str())];
    let Usage { log_suppressed, events_suppressed, budget } = usage;
    for (name, help, count) in [
        ("ringtap_plugin_log_suppressed_total", "Log lines over `log_rate`.", log_suppressed),
        ("ringtap_plugin_events_suppressed_total", "Events over `event_rate`.", events_suppressed),
    ] {
        families.counter(name, help, &labels, *count);
    }
    let Some(budget) = budget else { return };
    let BudgetStats { one_in, suspended, thinned, relaxed, suspensions, suspended_for, .. } =
        budget;
    for (name, help, value) in [
        ("ringtap_plugin_budget_one_in", "Of so many records it is given one.", f64::from(*one_in)),
        (
            "ringtap_plugin_budget_suspended",
            "1 while it is given none, as it is over its budget.",
            f64::from(u8::from(*suspended)),
        ),
    ] {
        families.gauge(name, help, &labels, value);
    }
    for (step, count) in [("thin", thinned), ("relax", relaxed), ("suspend", suspensions)] {
        let help = "Steps that were taken to hold the plugin to its CPU budget.";
        let labels = [labels[0], ("step", step)];
        families.counter("ringtap_plugin_budget_steps_total", help, &labels, *count);
    }
    for (name, help, time) in [
        ("ringtap_plugin_budget_suspended_seconds_total", "Time suspended.", *suspended_for),
        ("ringtap_plugin_budget_cpu_seconds_total", "CPU time of its calls.", budget.cpu),
    ] {
        let value = ringtap_pipeline::metrics::SampleValue::Float(time.as_secs_f64());
        let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned()));
        families.add((name, help, "counter"), labels.to_vec(), value);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{bucket::Rate, budget::Share};

    fn limits() -> Limits {
        let (log_rate, event_rate) = (Rate::new(1, 3).unwrap(), Rate::new(1, 5).unwrap());
        Limits { log_rate, event_rate, cpu: Share::new(20), ..Limits::default() }
    }

    fn name() -> PluginName {
        PluginName::new("p").unwrap()
    }

    #[test]
    fn an_instance_that_comes_later_gets_nothing_anew() {
        let meters = Meters::default();
        let time = TimeSource::Real;
        assert_eq!(meters.of(&name(), &limits(), time).admit(4), 4);
        assert_eq!(meters.of(&name(), &limits(), time).admit(4), 1);
        assert_eq!(meters.read(&name()).unwrap().events_suppressed, 3);
        meters.remove(&name());
        assert_eq!(meters.read(&name()), None);
    }

    #[test]
    fn in_a_replay_logs_go_by_its_time_and_the_rest_is_not_limited() {
        let meters = Meters::default();
        let meter = meters.of(&name(), &limits(), TimeSource::Capture);
        let lines = || (0..10).filter(|_| meter.may_log()).count();
        assert_eq!((lines(), lines()), (3, 0));
        meter.tell_time(2_000_000_000);
        meter.tell_time(1_000_000_000);
        assert_eq!((lines(), lines()), (2, 0));
        assert_eq!((meter.take_untold(), meter.take_untold()), (35, 0));
        assert_eq!(meter.admit(1_000_000), 1_000_000);
        meter.spend(Duration::from_secs(100), Instant::now());
        assert_eq!(meter.verdict(Instant::now()), Verdict::Full);
        let usage = Usage { log_suppressed: 35, events_suppressed: 0, budget: None };
        assert_eq!(meters.read(&name()), Some(usage));
    }

    #[test]
    fn all_of_it_is_a_metric() {
        let registry = Registry::default();
        let meters = Meters::registered(&registry);
        let meter = meters.of(&name(), &limits(), TimeSource::Real);
        let now = Instant::now();
        meter.spend(Duration::from_secs(10), now);
        assert!(matches!(meter.verdict(now), Verdict::Suspended { .. }));
        let families = registry.collect();
        let value = |name: &str, sample: usize| {
            families.family(&format!("ringtap_plugin_{name}")).unwrap().samples[sample]
                .value
                .clone()
        };
        use ringtap_pipeline::metrics::SampleValue::{Float, Uint};
        assert_eq!(value("log_suppressed_total", 0), Uint(0));
        assert_eq!(value("events_suppressed_total", 0), Uint(0));
        assert_eq!(value("budget_suspended", 0), Float(1.0));
        assert_eq!(value("budget_steps_total", 2), Uint(1));
        assert_eq!(value("budget_cpu_seconds_total", 0), Float(10.0));
    }
}
