use std::{fmt, sync::Arc, time::Duration};

use ringtap_pipeline::{name::PluginName, queue::Queued};
use ringtap_record::PacketRecord;
use wasmtime::Store;

use crate::{
    bindings::{lifecycle, state, types},
    bounds,
    call::{Call, CallError},
    capability::{Capability, Clock, printable},
    engine::Engine,
    host::{Host, Services},
    kv::{KvError, KvStore, KvStores, Usage},
    limits::Limits,
    plugin::Plugin,
    work::Work,
};

/// A running plugin. Any failed call but [`stop`](Self::stop) leaves it dead: drop it then.
pub struct Instance {
    plugin: Arc<Plugin>,
    limits: Limits,
    store: Store<Host>,
    lifecycle: lifecycle::Guest,
    work: Option<Work>,
    state: Option<state::Guest>,
}

/// What an instance is started with.
#[derive(Clone, Debug)]
pub struct InstanceConfig {
    pub name: PluginName,
    /// The plugin's own, opaque config.
    pub text: Arc<str>,
    pub limits: Limits,
    pub services: Services,
    pub time: TimeSource,
}

/// Where plugins' time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeSource {
    /// The system clock.
    Real,
    /// The capture that is replayed: its records, and the marks of time between them, see
    /// [`Subscriptions::pass_time`](ringtap_pipeline::subscriptions::Subscriptions::pass_time). Time
    /// is 0 before the first of either.
    Capture,
}

/// Why an instance could not be started. What it did in `init` is undone.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Call(#[from] CallError),
    /// The plugin said so itself.
    #[error("refused to start: {0}")]
    Refused(String),
    #[error(transparent)]
    Kv(#[from] KvError),
    #[error("its roles could not be bound")]
    Bind(#[source] wasmtime::Error),
}

impl Instance {
    /// Instantiate the plugin and call `init`. What that did takes effect with
    /// [`take_over`](Self::take_over) and is undone if the instance is dropped before.
    pub fn start(
        engine: &Engine,
        plugin: Arc<Plugin>,
        config: &InstanceConfig,
    ) -> Result<Self, StartError> {
        let limits = config.limits.clone();
        let clock = match config.time {
            TimeSource::Real => Clock::Real,
            TimeSource::Capture => Clock::Capture { now_ns: 0 },
        };
        let store = store(&plugin, config)?;
        let host = Host::new(&config.name, &limits, &config.services, clock, store);
        let mut store = bounds::store(engine.wasmtime(), &limits, host);
        let time = limits.lifecycle_time;

        bounds::begin(&mut store, time);
        let instance = plugin.code.instantiate(&mut store);
        let instance = instance
            .map_err(|e| CallError::new(Call::Instantiate, time, &store.data().bounds, e))?;
        let lifecycle =
            plugin.roles.lifecycle.load(&mut store, &instance).map_err(StartError::Bind)?;
        let work = plugin.roles.work.as_ref();
        let work = work.map(|role| role.load(&mut store, &instance)).transpose();
        let work = work.map_err(StartError::Bind)?;
        let state = plugin.roles.state.as_ref();
        let state = state.map(|role| role.load(&mut store, &instance)).transpose();
        let state = state.map_err(StartError::Bind)?;

        bounds::begin(&mut store, time);
        let started = lifecycle.call_init(&mut store, &config.text);
        match started.map_err(|e| CallError::new(Call::Init, time, &store.data().bounds, e))? {
            Ok(()) => Ok(Self { plugin, limits, store, lifecycle, work, state }),
            Err(reason) => Err(StartError::Refused(printable(&reason))),
        }
    }

    /// From here on this is the instance of its plugin: what `init` did takes effect, and gauges
    /// that only the instance before it set are gone.
    pub fn take_over(&mut self) {
        self.store.data_mut().commit();
        self.store.data().metrics.drop_gauges_of_others();
    }

    /// Hand over a batch. A plugin that takes no packets is not called, and is given none.
    pub fn on_packets(&mut self, queued: &Queued) -> Result<(), CallError> {
        let Some(Work::Aggregate(aggregate)) = self.work.clone() else { return Ok(()) };
        let batch = types::Batch {
            sequence: queued.sequence,
            shed_before: queued.shed_before,
            clock_offset_ns: queued.batch.clock_offset_ns,
            record_size: size_of::<PacketRecord>() as u32,
            count: u32::try_from(queued.batch.len()).unwrap_or(u32::MAX),
        };
        let records = PacketRecord::slice_as_bytes(&queued.batch.records);
        self.call(Call::OnPackets, self.limits.call_time, |store, _| {
            aggregate.call_on_packets(store, batch, records, &queued.batch.payload)
        })
    }

    pub fn tick(&mut self) -> Result<(), CallError> {
        let now = self.now();
        self.call(Call::Tick, self.limits.call_time, |store, lifecycle| {
            lifecycle.call_tick(store, now)
        })
    }

    /// The last call. The instance must not be used afterwards.
    pub fn stop(&mut self) -> Result<(), CallError> {
        let now = self.now();
        self.call(Call::Stop, self.limits.lifecycle_time, |store, lifecycle| {
            lifecycle.call_stop(store, now)
        })
    }

    /// The plugin's time: Unix time in ns.
    pub fn now(&self) -> u64 {
        self.store.data().clock.now()
    }

    /// How far the time of a capture has got; 0 with real time.
    pub fn captured_until(&self) -> u64 {
        match self.store.data().clock {
            Clock::Capture { now_ns } => now_ns,
            Clock::Real => 0,
        }
    }

    /// Move the time of a capture forward.
    pub fn advance(&mut self, to_ns: u64) {
        self.store.data_mut().clock.advance(to_ns);
    }

    pub fn plugin(&self) -> &Arc<Plugin> {
        &self.plugin
    }

    /// Bytes that its memories and tables take.
    pub fn memory_bytes(&self) -> usize {
        self.store.data().bounds.limiter.bytes()
    }

    /// One call, whole or not at all: its effects are committed or undone.
    fn call(
        &mut self,
        call: Call,
        limit: Duration,
        run: impl FnOnce(&mut Store<Host>, &lifecycle::Guest) -> wasmtime::Result<()>,
    ) -> Result<(), CallError> {
        bounds::begin(&mut self.store, limit);
        let result = run(&mut self.store, &self.lifecycle);
        let host = self.store.data_mut();
        match result {
            Ok(()) => {
                host.commit();
                Ok(())
            }
            Err(error) => {
                host.roll_back();
                Err(CallError::new(call, limit, &host.bounds, error))
            }
        }
    }
}

/// What the plugin has stored. One that can't store anything is given an empty store, which keeps
/// nothing: the file is opened only for those that use it.
fn store(plugin: &Plugin, config: &InstanceConfig) -> Result<Arc<KvStore>, KvError> {
    let InstanceConfig { name, limits, services, .. } = config;
    let limit = Usage { keys: limits.kv_keys, bytes: limits.kv_bytes };
    match plugin.wants(Capability::Kv) {
        true => services.kv.open(name, limit),
        false => KvStores::in_memory().open(name, limit),
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance").field("plugin", &self.plugin).finish_non_exhaustive()
    }
}
