mod host;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

use ringtap_pipeline::{ledger::ShedReason, name::PluginName, queue::Side};

pub(crate) use self::host::LoaderHost;
use self::host::{Candidate, check_state};
use crate::{
    compile::{CompileJob, Compiled},
    digest::Digest,
    files::Content,
    graph::Takes,
    input::{self, BadInput, Known},
    instance::Instance,
    plugin::{LoadError, Plugin, Role},
    reload::{PluginDiff, ReloadOutcome, Version},
    report::report,
    slot::{PluginState, Slot},
    sources::{Origin, Snapshot},
    start::{Lack, Refusal},
    watch::Wake,
    worker::Worker,
};

/// What a removed plugin's queue may take to run empty.
const UNLOAD_GRACE: Duration = Duration::from_secs(5);

/// What a worker's last calls may take on a busy machine, once its queue is empty.
const LAST_CALLS: Duration = Duration::from_secs(5);

/// How long after a plugin was refused for its store it is tried again: who holds that may have ended,
/// or the operator may have mended it.
const STORES_AGAIN: Duration = Duration::from_secs(5);

/// Brings the running plugins in step with their files, and back after failures. Everything happens
/// on one thread, in steps that others report to it; what takes long, compiling, is done elsewhere.
///
/// ```text
///  look ─► begin ─► (compile) ─► compiled ─► start ─► hand over ─► (trial) ─► verdict
///                                              ▲
///                       (worker ends) ─► failed, then, when it is due: restart
/// ```
pub(crate) struct Loader {
    host: LoaderHost,
    /// What was tried last.
    known: BTreeMap<PluginName, Version>,
    origins: BTreeMap<PluginName, Origin>,
    plugins: BTreeMap<PluginName, Entry>,
    last_ticket: u64,
    /// When to try again what was refused for its store.
    stores_at: Option<Instant>,
}

/// A plugin that there are files of.
#[derive(Default)]
struct Entry {
    /// Compiled last: a new config needs no new compilation.
    compiled: Option<Arc<Plugin>>,
    compiling: Option<Compiling>,
    /// What runs, or ran last and starts again after a failure.
    current: Option<Candidate>,
    /// What is on trial to become that.
    on_trial: Option<Candidate>,
    /// When its worker has to have come to it: the mark in the queue.
    handover_until: Option<Instant>,
    /// Other files came meanwhile, which are looked at when the trial is over.
    changed: bool,
    worker: Option<Worker>,
    subscribed: bool,
    /// Its last version was refused, and may be taken as it is once something else changes.
    waiting: Option<Lack>,
    /// Why it was refused: the same is not said again when it is tried again.
    refused: Option<String>,
}

struct Compiling {
    ticket: u64,
    /// Cancelled when nobody holds it.
    _job: Arc<CompileJob>,
    /// The plugin's own config.
    text: String,
    /// Kept where plugins start in order and others are not compiled yet.
    outcome: Option<Result<Compiled, LoadError>>,
}

impl Loader {
    pub(crate) fn new(host: LoaderHost) -> Self {
        let (known, origins, plugins, last_ticket, stores_at) = Default::default();
        Self { host, known, origins, plugins, last_ticket, stores_at }
    }

    /// Directories in which something may change.
    pub(crate) fn watched(&self) -> impl Iterator<Item = &Path> {
        self.host.sources.watched()
    }

    /// Unload what is gone, and begin to load what is new or changed. The same content is tried once,
    /// and again if it was refused for what others can change: which interfaces are tapped, and what
    /// room others leave in the tables. Returns whether files may still be in the middle of a change.
    pub(crate) fn look(&mut self, interfaces_changed: bool) -> bool {
        let LoaderHost { policy, sources, shared, .. } = &mut self.host;
        let Snapshot { origins, versions, problems, unsettled } =
            sources.snapshot(|name| policy.terms(name).limits.clone());
        shared.note_problems(problems);
        let diff = PluginDiff::between(&self.known, &versions);
        (self.known, self.origins) = (versions, origins);
        for name in &diff.removed {
            self.remove(name);
        }
        for name in diff.added.iter().chain(&diff.changed) {
            self.plugins.entry(name.clone()).or_default().refused = None;
            self.begin(name);
        }
        if interfaces_changed {
            self.try_again(Lack::Interface);
        }
        if interfaces_changed || !diff.removed.is_empty() {
            self.try_again(Lack::Room);
        }
        unsettled
    }

    /// Whether a plugin waits to be compiled.
    pub(crate) fn is_compiling(&self) -> bool {
        self.plugins.values().any(|entry| entry.compiling.is_some())
    }

    /// A compilation has ended; ones that are out of date are ignored.
    pub(crate) fn compiled(
        &mut self,
        name: &PluginName,
        ticket: u64,
        outcome: Result<Compiled, LoadError>,
    ) {
        let Some(entry) = self.plugins.get_mut(name) else { return };
        let compiling = entry.compiling.as_mut().filter(|one| one.ticket == ticket);
        let Some(compiling) = compiling else { return };
        compiling.outcome = Some(outcome);
        if !self.host.policy.in_step() {
            return self.accept(name);
        }
        let all = self.plugins.iter().filter(|(_, entry)| entry.compiling.is_some());
        let names: Vec<_> = all.map(|(name, _)| name.clone()).collect();
        let mut all = self.plugins.values().filter_map(|entry| entry.compiling.as_ref());
        if all.all(|one| one.outcome.is_some()) {
            names.iter().for_each(|name| self.accept(name));
        }
    }

    /// Start a plugin that is compiled, or refuse it.
    fn accept(&mut self, name: &PluginName) {
        let Some(entry) = self.plugins.get_mut(name) else { return };
        let Some(Compiling { text, outcome: Some(outcome), .. }) = entry.compiling.take() else {
            return;
        };
        let slot = self.host.slot(name);
        slot.compile(None);
        let terms = self.host.policy.terms(name);
        let plugin = outcome.and_then(|code| Plugin::new(&self.host.engine, terms, &code));
        match plugin {
            Ok(plugin) => {
                let plugin = Arc::new(plugin);
                entry.compiled = Some(Arc::clone(&plugin));
                self.start(name, plugin, text);
            }
            Err(error) => self.refuse(name, &error.into()),
        }
    }

    /// A trial is over.
    pub(crate) fn verdict(&mut self, name: &PluginName, winner: Side, reason: Option<String>) {
        let Some(entry) = self.plugins.get_mut(name) else { return };
        let Some(candidate) = entry.on_trial.take() else { return };
        entry.handover_until = None;
        if entry.subscribed
            && let Err(error) = self.host.subscriptions.end_trial(name, winner)
        {
            tracing::warn!(plugin = %name, "its trial could not be ended: {}", report(&error));
        }
        let slot = self.host.slot(name);
        let outcome = match winner {
            Side::New => {
                slot.grant(candidate.interests.clone());
                entry.current = Some(candidate);
                ReloadOutcome::Replaced
            }
            Side::Old => ReloadOutcome::RolledBack { reason: reason.unwrap_or_default() },
        };
        let changed = std::mem::take(&mut entry.changed);
        self.host.conclude(&slot, outcome);
        if winner == Side::New {
            self.try_again(Lack::Room);
            self.try_again(Lack::Input);
        }
        if changed {
            self.begin(name);
        }
    }

    /// A worker has ended because a call failed.
    pub(crate) fn failed(&mut self, name: &PluginName) {
        let Some(entry) = self.plugins.get_mut(name) else { return };
        // There may be another one by now.
        let Some(worker) = entry.worker.take_if(|worker| worker.takes_no_more()) else { return };
        // Only one that a bug of ours ended leaves what lies ready for it.
        if let (Some(instance), Some(candidate)) = (worker.take_back(), entry.on_trial.take()) {
            entry.handover_until = None;
            self.settle(name, candidate, instance);
        }
    }

    /// What is to be done at some time, whatever happens until then.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let restarts = self.host.shared.slots();
        let restarts = restarts.iter().filter_map(|slot| slot.restart_at());
        let handovers = self.plugins.values().filter_map(|entry| entry.handover_until);
        restarts.chain(handovers).chain(self.stores_at).min()
    }

    /// Do what is due.
    pub(crate) fn do_due(&mut self, now: Instant) {
        for slot in self.host.shared.slots() {
            if slot.restart_at().is_some_and(|at| now >= at) {
                self.restart(&slot);
            }
        }
        for (name, entry) in &mut self.plugins {
            if entry.handover_until.take_if(|at| now >= *at).is_some()
                && entry.worker.as_ref().is_some_and(Worker::has_offer)
            {
                self.host.hurry(name);
            }
        }
        if self.stores_at.take_if(|at| now >= *at).is_some() {
            self.try_again(Lack::Store);
        }
    }

    fn restart(&mut self, slot: &Arc<Slot>) {
        let Some(entry) = self.plugins.get_mut(&slot.name) else { return };
        let Some(current) = entry.current.clone() else { return };
        if !slot.restart() {
            return;
        }
        let Candidate { plugin, text, .. } = current;
        let started = self.host.start(&slot.name, plugin, text);
        match started.and_then(|(_, instance)| self.host.employ(slot, instance)) {
            Ok(worker) => {
                entry.worker = Some(worker);
                tracing::info!(plugin = %slot.name, "the plugin is started again");
            }
            Err(refusal) => {
                let reason = format!("could not be started again: {}", report(&refusal));
                let fate = slot.fail(reason.clone());
                tracing::error!(plugin = %slot.name, "the plugin {reason}; {fate}");
            }
        }
    }

    /// Try what was refused for that: it may be taken now.
    fn try_again(&mut self, lack: Lack) {
        let waiting = self.plugins.iter().filter(|(_, entry)| entry.waiting == Some(lack));
        let waiting: Vec<_> = waiting.map(|(name, _)| name.clone()).collect();
        for name in &waiting {
            // One that was taken may have made it possible for the next one already.
            if self.plugins.get(name).is_some_and(|entry| entry.waiting == Some(lack)) {
                self.begin(name);
            }
        }
    }

    /// Take the plugin's files as they are now.
    fn begin(&mut self, name: &PluginName) {
        let Some(origin) = self.origins.get(name) else { return };
        let entry = self.plugins.entry(name.clone()).or_default();
        if entry.on_trial.is_some() {
            entry.changed = true;
            return;
        }
        (entry.waiting, entry.compiling) = (None, None);
        let slot = self.host.slot(name);
        slot.compile(None);
        let limits = &self.host.policy.terms(name).limits;
        let content = match self.host.sources.read(origin, limits) {
            Ok(content) => content,
            Err(unusable) => return self.refuse(name, &unusable.into()),
        };
        // The files may have changed since the snapshot; what was read now is what was tried.
        self.known.insert(name.clone(), content.version());
        let Content { wasm, config } = content;
        let digest = Digest::of(&wasm);
        match entry.compiled.clone().filter(|known| known.digest() == digest) {
            Some(plugin) => self.start(name, plugin, config),
            None => self.compile(name, wasm, digest, config),
        }
    }

    fn compile(&mut self, name: &PluginName, wasm: Vec<u8>, digest: Digest, text: String) {
        self.last_ticket += 1;
        let (ticket, plugin, wakes) = (self.last_ticket, name.clone(), self.host.wakes.clone());
        let done = move |outcome| {
            // Nobody listens any more during a shutdown.
            wakes.send(Wake::Compiled { plugin, ticket, outcome }).ok();
        };
        let LoaderHost { compiler, engine, .. } = &self.host;
        let job = Arc::new(compiler.start(engine, wasm.into(), digest, done));
        self.host.slot(name).compile(Some(Arc::clone(&job)));
        let entry = self.plugins.entry(name.clone()).or_default();
        entry.compiling = Some(Compiling { ticket, _job: job, text, outcome: None });
    }

    /// Start an instance and have it take over.
    fn start(&mut self, name: &PluginName, plugin: Arc<Plugin>, text: String) {
        let place = self.check_place(name, &plugin).map_err(Refusal::from);
        let started = place.and_then(|()| self.host.start(name, plugin, text.into()));
        let outcome =
            started.and_then(|(candidate, instance)| self.hand_over(name, candidate, instance));
        match outcome {
            // The verdict is to come.
            Ok(None) => {}
            Ok(Some(outcome)) => {
                if let Some(entry) = self.plugins.get_mut(name) {
                    entry.refused = None;
                }
                self.host.conclude(&self.host.slot(name), outcome);
                self.try_again(Lack::Input);
            }
            Err(refusal) => self.refuse(name, &refusal),
        }
    }

    /// Whether a plugin fits between those that feed it and those that it feeds.
    fn check_place(&self, name: &PluginName, plugin: &Plugin) -> Result<(), BadInput> {
        let known = |other: &PluginName| match self.plugins.get(other) {
            None => Known::Absent,
            Some(Entry { current: None, .. }) => Known::NotAccepted,
            Some(Entry { current: Some(current), .. }) => Known::Accepted(current.plugin.work()),
        };
        input::check(plugin, &self.host.policy.terms(name).input, known)?;
        let needs_records = |(taker, entry): &(&PluginName, &Entry)| {
            let takes = entry.current.as_ref().and_then(|current| input::takes(&current.plugin));
            takes == Some(Takes::Records) && self.host.policy.terms(taker).input.contains(name)
        };
        match self.plugins.iter().find(needs_records) {
            Some((taker, _)) if plugin.work() != Some(Role::Filter) => {
                Err(BadInput::StillNeeded { taker: taker.clone() })
            }
            _ => Ok(()),
        }
    }

    fn refuse(&mut self, name: &PluginName, refusal: &Refusal) {
        if self.host.compiler.cancel.load(Relaxed) {
            return;
        }
        let (slot, reason) = (self.host.slot(name), report(refusal));
        let outcome = match slot.state() {
            PluginState::Loading | PluginState::Quarantined => {
                ReloadOutcome::Refused { reason: reason.clone() }
            }
            _ => ReloadOutcome::KeptOld { reason: reason.clone() },
        };
        let entry = self.plugins.entry(name.clone()).or_default();
        entry.waiting = refusal.lack();
        if entry.waiting == Some(Lack::Store) {
            self.stores_at.get_or_insert_with(|| Instant::now() + STORES_AGAIN);
        }
        if entry.refused.replace(reason.clone()) == Some(reason) {
            slot.conclude(outcome);
        } else {
            self.host.conclude(&slot, outcome);
        }
    }

    /// Give the instance to the plugin's worker, or to a new one where none lives, together with the
    /// records that it wants. `None`: it is on trial.
    fn hand_over(
        &mut self,
        name: &PluginName,
        candidate: Candidate,
        instance: Instance,
    ) -> Result<Option<ReloadOutcome>, Refusal> {
        let entry = self.plugins.entry(name.clone()).or_default();
        let (host, slot) = (&self.host, self.host.slot(name));
        let interests = candidate.interests.clone();
        let is_fed = host.policy.terms(name).is_fed();
        if let Some(takes) = input::takes(&candidate.plugin) {
            host.connect(&slot, takes);
        }
        let instance = match &entry.worker {
            Some(worker) => {
                if let Some(old) = &entry.current {
                    check_state(&old.plugin, &candidate.plugin)?;
                }
                match host.try_out(worker, &slot, instance, interests.clone())? {
                    None => {
                        entry.on_trial = Some(candidate);
                        entry.handover_until = host.handover_deadline();
                        return Ok(None);
                    }
                    Some(instance) => *instance,
                }
            }
            None if is_fed => instance,
            None if entry.subscribed => {
                host.subscriptions.replace(name, interests.clone())?;
                instance
            }
            None => {
                // An earlier refusal may have closed it.
                slot.queue.reopen();
                let queue = Arc::clone(&slot.queue);
                let mask = host.policy.terms(name).mask;
                host.subscriptions.subscribe(name.clone(), queue, interests.clone(), mask)?;
                entry.subscribed = true;
                instance
            }
        };
        let worker = host.employ(&slot, instance)?;
        entry.worker = Some(worker);
        entry.current = Some(candidate);
        slot.grant(interests);
        Ok(Some(ReloadOutcome::Loaded))
    }

    /// Go on with an instance that was to be on trial, of a plugin that has no worker any more.
    fn settle(&mut self, name: &PluginName, candidate: Candidate, instance: Instance) {
        let slot = self.host.slot(name);
        slot.queue.conclude(Side::New);
        let Some(entry) = self.plugins.get_mut(name) else { return };
        let ended = match entry.subscribed {
            true => self.host.subscriptions.end_trial(name, Side::New).map_err(Refusal::from),
            false => Ok(()),
        };
        match ended.and_then(|()| self.host.employ(&slot, instance)) {
            Ok(worker) => {
                slot.grant(candidate.interests.clone());
                (entry.worker, entry.current) = (Some(worker), Some(candidate));
                self.host.conclude(&slot, ReloadOutcome::Replaced);
            }
            Err(refusal) => self.refuse(name, &refusal),
        }
    }

    /// Every plugin after all that feed it.
    fn in_order_of_flow(&self) -> Vec<Arc<Slot>> {
        let mut slots = self.host.shared.slots();
        let mut ordered: Vec<Arc<Slot>> = Vec::new();
        while !slots.is_empty() {
            let is_fed_by = |taker: &Slot, other: &Slot| {
                self.host.policy.terms(&taker.name).input.contains(&other.name)
            };
            let (next, rest) = slots
                .iter()
                .cloned()
                .partition(|slot: &Arc<Slot>| !slots.iter().any(|other| is_fed_by(slot, other)));
            // The configuration has no cycle.
            let stuck = Vec::is_empty(&next);
            ordered.extend(next);
            slots = rest;
            if stuck {
                ordered.append(&mut slots);
            }
        }
        ordered
    }

    fn remove(&mut self, name: &PluginName) {
        let host = &self.host;
        let Some(entry) = self.plugins.remove(name) else { return };
        let slot = host.slot(name);
        slot.set_state(PluginState::Draining);
        if entry.subscribed
            && let Err(error) = host.subscriptions.unsubscribe(name)
        {
            tracing::warn!(plugin = %name, "packets that only it wanted are still collected, for nobody: {}", report(&error));
        }
        host.disconnect(&slot);
        slot.queue.close(ShedReason::NoInstance);
        if let Some(worker) = &entry.worker {
            finish(&slot, worker, Some(UNLOAD_GRACE), ShedReason::NoInstance);
        }
        slot.set_state(PluginState::Stopped);
        host.conclude(&slot, ReloadOutcome::Removed);
        host.shared.remove(name);
        host.services.registry.remove(name);
        host.services.meters.remove(name);
    }

    /// Let every queue run empty, for `grace` all together, and end every worker: those that feed
    /// others first, since these take what comes of it. Metrics stay.
    pub(crate) fn shut_down(self, grace: Option<Duration>) {
        let deadline = grace.map(|grace| Instant::now() + grace);
        for slot in self.in_order_of_flow() {
            slot.queue.close(ShedReason::Shutdown);
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            let entry = self.plugins.get(&slot.name);
            if let Some(worker) = entry.and_then(|entry| entry.worker.as_ref()) {
                slot.drain();
                finish(&slot, worker, left, ShedReason::Shutdown);
            }
            slot.stop();
        }
        // After the last call of the last plugin.
        self.host.services.kv.shutdown();
    }
}

/// Wait for a worker whose queue is closed; after `grace`, shed what its queue still holds.
fn finish(slot: &Slot, worker: &Worker, grace: Option<Duration>, reason: ShedReason) {
    if worker.wait(grace) {
        return;
    }
    slot.queue.abandon(reason);
    if !worker.wait(Some(LAST_CALLS)) {
        tracing::error!(plugin = %slot.name, "the plugin does not end, its thread is left behind: is the event sink stuck?");
    }
}
