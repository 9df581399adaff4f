use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ringtap_pipeline::{
    metrics::{Collect, Families},
    name::PluginName,
    queue::EdgeStatus,
    text::escaped,
};

use crate::{
    reload::ReloadOutcome,
    slot::{PluginState, PluginStatus, Slot},
};

/// The metrics of a replay that say how long something took on this machine, which is never the same
/// twice.
pub const MEASURED: [&str; 1] = [CALL_SECONDS];

const CALL_SECONDS: &str = "ringtap_plugin_call_seconds";

/// What the supervisor's thread lets others see.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    slots: Mutex<BTreeMap<PluginName, Arc<Slot>>>,
    /// Kept when the plugin goes: that it went is one of the outcomes.
    reloads: Mutex<BTreeMap<(PluginName, &'static str), u64>>,
    problems: Mutex<Vec<String>>,
}

impl Shared {
    /// The plugin's slot, made by `make` when it is new.
    pub(crate) fn slot(&self, name: &PluginName, make: impl FnOnce() -> Slot) -> Arc<Slot> {
        let mut slots = lock(&self.slots);
        Arc::clone(slots.entry(name.clone()).or_insert_with(|| Arc::new(make())))
    }

    pub(crate) fn slots(&self) -> Vec<Arc<Slot>> {
        lock(&self.slots).values().cloned().collect()
    }

    pub(crate) fn remove(&self, name: &PluginName) -> Option<Arc<Slot>> {
        lock(&self.slots).remove(name)
    }

    pub(crate) fn count(&self, name: &PluginName, outcome: &ReloadOutcome) {
        *lock(&self.reloads).entry((name.clone(), outcome.name())).or_default() += 1;
    }

    /// Say what is wrong now, and log what was not wrong before.
    pub(crate) fn note_problems(&self, now: Vec<String>) {
        let now: Vec<_> = now.iter().map(|problem| escaped(problem)).collect();
        let mut known = lock(&self.problems);
        for problem in now.iter().filter(|problem| !known.contains(problem)) {
            tracing::warn!("{problem}");
        }
        *known = now;
    }

    pub(crate) fn problems(&self) -> Vec<String> {
        lock(&self.problems).clone()
    }

    pub(crate) fn status(&self) -> Vec<PluginStatus> {
        self.slots().iter().map(|slot| slot.status()).collect()
    }
}

impl Collect for Shared {
    fn collect(&self, families: &mut Families) {
        for slot in self.slots() {
            collect_plugin(&slot, families);
        }
        for ((plugin, outcome), count) in lock(&self.reloads).iter() {
            let labels = [("plugin", plugin.as_str()), ("outcome", outcome)];
            let help = "Changes of plugin files by what came of them.";
            families.counter("ringtap_reloads_total", help, &labels, *count);
        }
    }
}

fn collect_plugin(slot: &Slot, families: &mut Families) {
    let status = slot.status();
    let plugin = ("plugin", status.name.as_str());
    let counts = status.counts;
    for (name, help, count) in [
        ("ringtap_plugin_published_total", "Records meant for the plugin.", counts.published),
        ("ringtap_plugin_delivered_total", "Records in calls that returned.", counts.delivered),
        ("ringtap_plugin_failed_total", "Records in calls that failed.", counts.failed),
    ] {
        families.counter(name, help, &[plugin], count);
    }
    for (reason, count) in counts.sheds() {
        let (name, help) = ("ringtap_plugin_shed_total", "Records dropped before the plugin.");
        families.counter(name, help, &[plugin, ("reason", reason.name())], count);
    }
    for state in PluginState::ALL {
        let help = "1 for the state that the plugin is in.";
        let value = if state == status.state { 1.0 } else { 0.0 };
        families.gauge("ringtap_plugin_state", help, &[plugin, ("state", state.name())], value);
    }
    for (name, help, value) in [
        ("ringtap_plugin_queue_records", "Records that wait.", status.queue_records as f64),
        (
            "ringtap_plugin_queue_capacity_records",
            "Records that can wait.",
            status.queue_capacity as f64,
        ),
        (
            "ringtap_plugin_memory_bytes",
            "Bytes of the instance's memories and tables.",
            status.memory_bytes as f64,
        ),
    ] {
        families.gauge(name, help, &[plugin], value);
    }
    if let Some(took) = status.handover {
        let help =
            "How long records waited when one version took over from another, the last time.";
        let seconds = took.as_secs_f64();
        families.gauge("ringtap_plugin_handover_seconds", help, &[plugin], seconds);
    }
    let help = "Starts after a failure.";
    families.counter("ringtap_plugin_restarts_total", help, &[plugin], status.restarts);
    for edge in &status.edges {
        collect_edge(plugin, edge, families);
    }
    for (call, count, times) in slot.call_times() {
        let labels = [plugin, ("call", call.name())];
        let help = "Calls of the plugin, returned or failed.";
        families.counter("ringtap_plugin_calls_total", help, &labels, count);
        let family = (CALL_SECONDS, "Wall time of calls.", "histogram");
        let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned()));
        families.add(family, labels.to_vec(), times);
    }
}

fn collect_edge(plugin: (&str, &str), edge: &EdgeStatus, families: &mut Families) {
    let labels = [plugin, ("input", edge.from.as_str())];
    let counts = edge.counts;
    for (name, help, count) in [
        ("ringtap_edge_published_total", "Given to the plugin by its input.", counts.published),
        ("ringtap_edge_delivered_total", "Of that, in calls that returned.", counts.delivered),
        ("ringtap_edge_failed_total", "Of that, in calls that failed.", counts.failed),
        ("ringtap_edge_shed_total", "Of that, dropped before the plugin.", counts.shed),
    ] {
        families.counter(name, help, &labels, count);
    }
    let help = "Of that, waiting.";
    families.gauge("ringtap_edge_queued", help, &labels, edge.waiting as f64);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
