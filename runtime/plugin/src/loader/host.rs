use std::{
    sync::{Arc, mpsc::Sender},
    time::{Duration, Instant},
};

use ringtap_interest::Interest;
use ringtap_pipeline::{
    ledger::ShedReason,
    name::PluginName,
    queue::{Edge, WhenFull},
    subscriptions::{SubscribeError, Subscriptions},
};

use crate::{
    compile::Compiler,
    engine::Engine,
    graph::Takes,
    host::Services,
    instance::Instance,
    plugin::Plugin,
    policy::{Policy, Terms},
    reload::ReloadOutcome,
    shared::Shared,
    slot::Slot,
    sources::Sources,
    start::{self, Refusal, Started},
    supervisor::OnStop,
    watch::Wake,
    worker::{WorkTerms, Worker},
};

/// What a plugin may take for the records that are queued for its last version, before the next one
/// takes over.
const HANDOVER_GRACE: Duration = Duration::from_secs(5);

/// What a loader works with.
pub(crate) struct LoaderHost {
    pub(crate) policy: Policy,
    pub(crate) sources: Sources,
    pub(crate) engine: Engine,
    pub(crate) compiler: Compiler,
    pub(crate) services: Services,
    pub(crate) subscriptions: Arc<Subscriptions>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) wakes: Sender<Wake>,
    pub(crate) on_stop: OnStop,
}

/// A version that can be started, any number of times.
#[derive(Clone)]
pub(super) struct Candidate {
    pub(super) plugin: Arc<Plugin>,
    pub(super) text: Arc<str>,
    /// What the operator left of its interests.
    pub(super) interests: Vec<Interest>,
}

impl LoaderHost {
    /// Made with the first version of a plugin, and kept until its files are gone.
    pub(super) fn slot(&self, name: &PluginName) -> Arc<Slot> {
        let terms = self.policy.terms(name);
        let when_full = self.policy.when_full(&terms.limits);
        let make = || {
            let meter = self.services.meters.of(name, &terms.limits, self.policy.time);
            let slot = Slot::new(name.clone(), terms, when_full, meter);
            // What an exporter may be there to drop must not reach a sink before it is accepted, nor
            // wait for one that never is.
            slot.queue.close(ShedReason::NoInstance);
            self.connect(&slot, Takes::Events);
            slot
        };
        self.shared.slot(name, make)
    }

    /// Have the plugins that are its input feed a plugin.
    pub(super) fn connect(&self, slot: &Slot, takes: Takes) {
        let Terms { input, limits, mask, narrowing, .. } = self.policy.terms(&slot.name);
        for from in input {
            let inlet = slot.queue.inlet(Edge {
                from: from.clone(),
                capacity: limits.queue_records,
                mask: *mask,
                payload: narrowing.payload.unwrap_or_default(),
            });
            self.services.graph.outlets(from).add(&slot.name, takes, inlet);
        }
    }

    pub(super) fn disconnect(&self, slot: &Slot) {
        for from in &self.policy.terms(&slot.name).input {
            self.services.graph.outlets(from).remove(&slot.name);
        }
    }

    pub(super) fn start(
        &self,
        name: &PluginName,
        plugin: Arc<Plugin>,
        text: Arc<str>,
    ) -> Result<(Candidate, Instance), Refusal> {
        let (services, code) = (self.services.clone(), Arc::clone(&plugin));
        let started =
            start::start(&self.engine, &self.policy, services, name, code, Arc::clone(&text))?;
        let Started { instance, interests } = started;
        Ok((Candidate { plugin, text, interests }, instance))
    }

    /// Start a worker for a plugin that has none.
    pub(super) fn employ(&self, slot: &Arc<Slot>, instance: Instance) -> Result<Worker, Refusal> {
        let Terms { trial, .. } = self.policy.terms(&slot.name);
        let outlets = self.services.graph.outlets(&slot.name);
        let (time, trial, wakes) = (self.policy.time, *trial, self.wakes.clone());
        let on_stop = self.on_stop.clone();
        let terms = WorkTerms { time, trial, outlets, wakes, on_stop };
        slot.queue.reopen();
        slot.queue.attend();
        let worker = Worker::start(Arc::clone(slot), instance, terms);
        let worker = worker.inspect_err(|_| slot.queue.abandon(ShedReason::NoInstance))?;
        // What plugins that feed it did in `init` is inside already.
        slot.queue.keep_in_step();
        Ok(worker)
    }

    /// Have the plugin's worker put the instance on trial when it comes to it; its verdict is told
    /// later. Given back if the worker has ended, with the plugin's interests changed all the same.
    pub(super) fn try_out(
        &self,
        worker: &Worker,
        slot: &Slot,
        instance: Instance,
        interests: Vec<Interest>,
    ) -> Result<Option<Box<Instance>>, SubscribeError> {
        let is_fed = self.policy.terms(&slot.name).is_fed();
        // Ready before the mark is set, so that nothing waits at the mark.
        match worker.offer(instance) {
            Ok(()) if is_fed => slot.queue.begin_trial(),
            Ok(()) => self
                .subscriptions
                .begin_trial(&slot.name, interests)
                .inspect_err(|_| worker.withdraw())?,
            Err(instance) => {
                if !is_fed {
                    self.subscriptions.replace(&slot.name, interests)?;
                }
                return Ok(Some(instance));
            }
        }
        Ok(None)
    }

    /// Until when a plugin may work off what is queued for its last version. A capture waits, whatever
    /// it takes.
    pub(super) fn handover_deadline(&self) -> Option<Instant> {
        let waits = self.policy.when_full.is_some_and(WhenFull::waits);
        (!waits).then(|| Instant::now() + HANDOVER_GRACE)
    }

    /// Have what is still queued for a plugin's last version shed.
    pub(super) fn hurry(&self, name: &PluginName) {
        tracing::warn!(plugin = %name, "what is still queued for its last version is shed: that took more than {HANDOVER_GRACE:?} for it");
        self.slot(name).queue.shed_to_mark();
    }

    pub(super) fn conclude(&self, slot: &Slot, outcome: ReloadOutcome) {
        let name = &slot.name;
        match outcome.reason() {
            None => tracing::info!(plugin = %name, outcome = outcome.name(), "plugin {outcome}"),
            Some(_) => {
                tracing::error!(plugin = %name, outcome = outcome.name(), "plugin {outcome}")
            }
        }
        self.shared.count(name, &outcome);
        slot.conclude(outcome);
    }
}

/// Whether a replacement can take the state of the version that runs, if that is handed on.
pub(super) fn check_state(old: &Plugin, new: &Plugin) -> Result<(), Refusal> {
    let (Some(old), Some(new)) = (old.description().state, new.description().state) else {
        return Ok(());
    };
    if (new.reads_from..=new.writes).contains(&old.writes) {
        return Ok(());
    }
    Err(Refusal::OtherState { form: old.writes, from: new.reads_from, to: new.writes })
}
