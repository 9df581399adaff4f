use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

use ringtap_interest::Interest;
use ringtap_pipeline::{
    name::PluginName,
    queue::WhenFull,
    subscriptions::{SubscribeError, Subscriptions},
};

use crate::{
    compile::Compiler,
    digest::Digest,
    engine::Engine,
    host::Services,
    instance::Instance,
    limits::Limits,
    plugin::{LoadError, Plugin},
    policy::Policy,
    reload::{PluginDiff, ReloadOutcome, Version},
    report::report,
    shared::Shared,
    slot::{PluginState, Slot},
    sources::{Origin, Snapshot, Sources},
    start::{self, Lack, Refusal, Started},
    worker::Worker,
};

/// What a plugin may take for the records that are queued for its last version, before the next one
/// takes over.
const HANDOVER_GRACE: Duration = Duration::from_secs(5);

/// What a removed plugin's queue may take to run empty.
const UNLOAD_GRACE: Duration = Duration::from_secs(5);

/// What a worker's last calls may take on a busy machine, once its queue is empty.
const LAST_CALLS: Duration = Duration::from_secs(5);

/// Brings the running plugins in step with a snapshot. Compiles and starts off the record path.
pub(crate) struct Loader {
    pub(crate) policy: Policy,
    pub(crate) engine: Engine,
    pub(crate) compiler: Compiler,
    pub(crate) services: Services,
    pub(crate) subscriptions: Arc<Subscriptions>,
    pub(crate) shared: Arc<Shared>,
    known: BTreeMap<PluginName, Version>,
    /// The last one that was compiled: a new config needs no new compilation.
    compiled: BTreeMap<PluginName, Arc<Plugin>>,
    workers: BTreeMap<PluginName, Worker>,
    /// Those whose last version was refused, and may be taken as it is once something else changes.
    waiting: BTreeMap<PluginName, Waiting>,
}

struct Waiting {
    lack: Lack,
    /// What was said: the same is not said again.
    reason: String,
}

impl Loader {
    pub(crate) fn new(
        policy: Policy,
        engine: Engine,
        compiler: Compiler,
        services: Services,
        subscriptions: Arc<Subscriptions>,
        shared: Arc<Shared>,
    ) -> Self {
        let (known, compiled, workers, waiting) = Default::default();
        Self {
            policy,
            engine,
            compiler,
            services,
            subscriptions,
            shared,
            known,
            compiled,
            workers,
            waiting,
        }
    }

    /// Unload what is gone, then load and replace what is new. The same content is tried once, and
    /// again if it was refused for what others can change: which interfaces are tapped, which they
    /// are since the last call where `interfaces_changed`, and what room others leave in the tables.
    pub(crate) fn apply(
        &mut self,
        sources: &Sources,
        snapshot: Snapshot,
        interfaces_changed: bool,
    ) {
        let diff = PluginDiff::between(&self.known, &snapshot.versions);
        self.known = snapshot.versions;
        for name in &diff.removed {
            self.remove(name);
            self.conclude(name, &ReloadOutcome::Removed);
        }
        let mut has_room = interfaces_changed || !diff.removed.is_empty();
        let tried: Vec<_> = diff.added.into_iter().chain(diff.changed).collect();
        for name in &tried {
            self.waiting.remove(name);
            let outcome = self.load(name, sources, &snapshot.origins[name]);
            if self.compiler.cancel.load(Relaxed) {
                return;
            }
            has_room |= outcome == ReloadOutcome::Replaced;
            self.conclude(name, &outcome);
        }
        let again = self.waiting.iter().filter(|(name, waiting)| {
            let may_be_taken = match waiting.lack {
                Lack::Interface => interfaces_changed,
                Lack::Room => has_room,
            };
            may_be_taken && !tried.contains(name)
        });
        let again: Vec<_> = again.map(|(name, _)| name.clone()).collect();
        for name in &again {
            self.load_again(name, sources, &snapshot.origins[name]);
        }
    }

    /// Try a version that was refused before. A refusal for the same reason is no news.
    fn load_again(&mut self, name: &PluginName, sources: &Sources, origin: &Origin) {
        let before = self.waiting.remove(name).map(|waiting| waiting.reason);
        let outcome = self.load(name, sources, origin);
        if !self.compiler.cancel.load(Relaxed) && outcome.reason() != before.as_deref() {
            self.conclude(name, &outcome);
        }
    }

    fn conclude(&self, name: &PluginName, outcome: &ReloadOutcome) {
        self.shared.count(name, outcome);
        match outcome.reason() {
            None => tracing::info!(plugin = %name, outcome = outcome.name(), "plugin {outcome}"),
            Some(_) => {
                tracing::error!(plugin = %name, outcome = outcome.name(), "plugin {outcome}")
            }
        }
    }

    fn load(&mut self, name: &PluginName, sources: &Sources, origin: &Origin) -> ReloadOutcome {
        let (limits, when_full) = (self.policy.terms(name).limits.clone(), self.policy.when_full);
        let slot = self.shared.slot(name, || Slot::new(name.clone(), &limits, when_full));
        let outcome = match self.start(&slot, sources, origin, limits) {
            Ok(outcome) => outcome,
            Err(failure) => {
                let reason = report(&failure);
                if let Some(lack) = failure.lack() {
                    let waiting = Waiting { lack, reason: reason.clone() };
                    self.waiting.insert(name.clone(), waiting);
                }
                match slot.state() {
                    PluginState::Running => ReloadOutcome::KeptOld { reason },
                    _ => ReloadOutcome::Refused { reason },
                }
            }
        };
        slot.conclude(outcome.clone());
        outcome
    }

    fn start(
        &mut self,
        slot: &Arc<Slot>,
        sources: &Sources,
        origin: &Origin,
        limits: Limits,
    ) -> Result<ReloadOutcome, Refusal> {
        let name = &slot.name;
        let content = sources.read(origin, &limits)?;
        // The files may have changed since the snapshot; what was read now is what was tried.
        self.known.insert(name.clone(), content.version());
        let plugin = self.compile(name, &content.wasm, &limits)?;
        let services = self.services.clone();
        let Started { instance, interests } =
            start::start(&self.engine, &self.policy, services, name, plugin, content.config)?;
        let outcome = self.hand_over(slot, instance, interests.clone())?;
        slot.grant(interests);
        Ok(outcome)
    }

    fn compile(
        &mut self,
        name: &PluginName,
        wasm: &[u8],
        limits: &Limits,
    ) -> Result<Arc<Plugin>, LoadError> {
        if let Some(known) = self.compiled.get(name).filter(|p| p.digest() == Digest::of(wasm)) {
            return Ok(Arc::clone(known));
        }
        let plugin = Arc::new(Plugin::load(&self.engine, &self.compiler, limits, wasm)?);
        self.compiled.insert(name.clone(), Arc::clone(&plugin));
        Ok(plugin)
    }

    /// Give the instance to the plugin's worker, or to a new one where none lives, together with the
    /// records that it wants.
    fn hand_over(
        &mut self,
        slot: &Arc<Slot>,
        instance: Instance,
        interests: Vec<Interest>,
    ) -> Result<ReloadOutcome, Refusal> {
        let Some(worker) = self.workers.get(&slot.name) else {
            // An earlier refusal may have closed it.
            slot.queue.reopen();
            self.subscriptions.subscribe(slot.name.clone(), Arc::clone(&slot.queue), interests)?;
            return self.employ(slot, instance).inspect_err(|_| self.unsubscribe(&slot.name));
        };
        match self.replace(worker, slot, instance, interests)? {
            None => Ok(ReloadOutcome::Replaced),
            Some(instance) => {
                slot.queue.reopen();
                self.employ(slot, *instance)
            }
        }
    }

    /// Have the plugin's worker replace its instance. Given back if the worker has ended; interests
    /// are changed then too.
    fn replace(
        &self,
        worker: &Worker,
        slot: &Slot,
        instance: Instance,
        interests: Vec<Interest>,
    ) -> Result<Option<Box<Instance>>, SubscribeError> {
        // Ready before the mark is set, so that nothing waits at the mark.
        match worker.offer(instance) {
            Err(instance) => {
                self.subscriptions.replace(&slot.name, interests)?;
                Ok(Some(instance))
            }
            Ok(offer) => match self.subscriptions.replace(&slot.name, interests) {
                // A capture waits, whatever it takes.
                Ok(()) if self.policy.when_full == WhenFull::Wait => Ok(offer.wait(None).err()),
                Ok(()) => Ok(offer.wait(Some(HANDOVER_GRACE)).err()),
                Err(refused) => {
                    offer.withdraw();
                    Err(refused)
                }
            },
        }
    }

    /// Start a worker for a plugin that has none.
    fn employ(&mut self, slot: &Arc<Slot>, instance: Instance) -> Result<ReloadOutcome, Refusal> {
        let worker = Worker::start(Arc::clone(slot), instance, self.policy.time)
            .inspect_err(|_| slot.queue.abandon())?;
        self.workers.insert(slot.name.clone(), worker);
        Ok(ReloadOutcome::Loaded)
    }

    fn unsubscribe(&self, name: &PluginName) {
        if let Err(error) = self.subscriptions.unsubscribe(name) {
            tracing::warn!(plugin = %name, "packets that only it wanted are still collected, for nobody: {}", report(&error));
        }
    }

    fn remove(&mut self, name: &PluginName) {
        self.compiled.remove(name);
        self.waiting.remove(name);
        if self.workers.contains_key(name) {
            self.unsubscribe(name);
        }
        if let (Some(slot), Some(worker)) = (self.shared.remove(name), self.workers.remove(name)) {
            finish(&slot, &worker, Some(UNLOAD_GRACE));
        }
        self.services.registry.remove(name);
    }

    /// Let every queue run empty, for `grace` all together, and end every worker. Metrics stay.
    pub(crate) fn shut_down(self, grace: Option<Duration>) {
        let slots = self.shared.slots();
        for slot in &slots {
            slot.queue.close();
        }
        let deadline = grace.map(|grace| Instant::now() + grace);
        for slot in &slots {
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            if let Some(worker) = self.workers.get(&slot.name) {
                finish(slot, worker, left);
            }
        }
        // After the last call of the last plugin.
        self.services.kv.shutdown();
    }
}

/// Wait for a worker whose queue is closed; after `grace`, shed what its queue still holds.
fn finish(slot: &Slot, worker: &Worker, grace: Option<Duration>) {
    if worker.wait(grace) {
        return;
    }
    slot.queue.abandon();
    if !worker.wait(Some(LAST_CALLS)) {
        tracing::error!(plugin = %slot.name, "the plugin does not end, its thread is left behind: is the event sink stuck?");
    }
}
