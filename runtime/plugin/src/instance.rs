use std::{fmt, io, sync::Arc, time::Duration};

use ringtap_pipeline::{
    event::{Event, Value},
    name::PluginName,
    queue::View,
};
use ringtap_record::PacketRecord;
use wasmtime::Store;

use crate::{
    allocations::Allocations,
    bindings::{exporter, lifecycle, state, types},
    bitmap::Bitmap,
    bounds,
    call::{Call, CallError},
    capability::{Capability, Clock, Seeds, printable},
    engine::Engine,
    host::{Host, Services},
    kv::{KvError, KvStore, KvStores, Usage},
    limits::Limits,
    meter::Meter,
    plugin::{Plugin, Role},
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
    pub seeds: Seeds,
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
    #[error("the system has no random numbers to give it")]
    Seed(#[source] io::Error),
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
        let host = Host::new(engine, config, clock, &plugin.grants, store);
        let host = host.map_err(StartError::Seed)?;
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
        store.data_mut().returned();
        let started =
            started.map_err(|e| CallError::new(Call::Init, time, &store.data().bounds, e))?;
        store.data_mut().end_call();
        match started {
            Ok(()) => Ok(Self { plugin, limits, store, lifecycle, work, state }),
            Err(reason) => Err(StartError::Refused(printable(&reason))),
        }
    }

    /// From here on this is the instance of its plugin: what it did until now takes effect, what it
    /// does takes effect with each call, and gauges that only the instance before it set are gone.
    ///
    /// Until then every call's effects are held back; dropped, it leaves no trace.
    pub fn take_over(&mut self) {
        self.store.data_mut().take_over();
    }

    /// Whether so much is held back that the instance has to take over or go.
    pub fn holds_much(&self) -> bool {
        self.store.data().holds_much()
    }

    /// Hand over a batch. A plugin that takes no packets is not called, and is given none.
    pub fn on_packets(&mut self, view: &View) -> Result<(), CallError> {
        let Some(Work::Aggregate(aggregate)) = self.work.clone() else { return Ok(()) };
        let (head, batch) = (head(view), &view.batch);
        let records = PacketRecord::slice_as_bytes(&batch.records);
        self.call(Call::OnPackets, self.limits.call_time, |store, _| {
            aggregate.call_on_packets(store, head, records, &batch.payload)
        })
    }

    /// Hand over a batch to a filter. A plugin of another role is not called, and keeps nothing.
    pub fn keep(&mut self, view: &View) -> Result<Bitmap, CallError> {
        let records = view.batch.len();
        let Some(Work::Filter(filter)) = self.work.clone() else {
            return Ok(Bitmap::nothing(records));
        };
        let (head, batch) = (head(view), &view.batch);
        let bytes = PacketRecord::slice_as_bytes(&batch.records);
        self.call(Call::Keep, self.limits.call_time, |store, _| {
            let bits = filter.call_keep(store, head, bytes, &batch.payload)?;
            Ok(Bitmap::new(bits, records)?)
        })
    }

    /// Hand over events to an exporter. A plugin of another role is not called.
    pub fn on_events(&mut self, events: &[Event]) -> Result<(), CallError> {
        let Some(Work::Exporter(exporter)) = self.work.clone() else { return Ok(()) };
        let rows: Vec<_> = events.iter().map(received).collect();
        self.call(Call::OnEvents, self.limits.call_time, |store, _| {
            exporter.call_on_events(store, &rows)
        })
    }

    /// Have the next call end as one that has used up its CPU time when it looks for the
    /// `ends_at`-th time, from 1, whether it has any left. It looks at the entry of each function and
    /// at each turn of a loop, which makes it slow. For tests of what such a call leaves behind.
    pub fn set_fuse(&mut self, ends_at: u64) {
        self.store.data_mut().bounds.set_fuse(ends_at);
    }

    /// Take the fuse out again, for the calls that follow. Returns how often the call looked.
    pub fn take_fuse(&mut self) -> u64 {
        self.store.data_mut().bounds.take_fuse()
    }

    /// Count allocations from now on, which makes calls slow. What can't be counted is said by
    /// [`allocators`](crate::allocators).
    pub fn count_allocations(&mut self) {
        self.store.data_mut().bounds.count_allocations();
    }

    /// Stop counting: what was counted.
    pub fn take_allocations(&mut self) -> Allocations {
        self.store.data_mut().bounds.take_allocations()
    }

    /// How often its memories have grown so far, at the start included.
    pub fn memory_grows(&self) -> u64 {
        self.store.data().bounds.limiter.grows()
    }

    /// The role in which it is given something to work on.
    pub(crate) fn role(&self) -> Option<Role> {
        self.plugin.work()
    }

    /// What the plugin has used over time.
    pub(crate) fn meter(&self) -> &Arc<Meter> {
        self.store.data().meter()
    }

    /// What the plugin knows, for the version that replaces it; it may go on afterwards. `Ok(Err(_))`
    /// is its own refusal. What it did meanwhile through capabilities is undone. Only for a plugin
    /// with the role [`State`](crate::Role::State).
    pub fn save(&mut self) -> Result<Result<Vec<u8>, String>, CallError> {
        let Some(state) = self.state.clone() else { return Ok(Ok(Vec::new())) };
        let answer =
            self.attempt(Call::Save, self.limits.lifecycle_time, |store, _| state.call_save(store));
        self.store.data_mut().roll_back();
        let answer = answer?;
        Ok(answer.map_err(|refusal| printable(&refusal)))
    }

    /// Give it what the version before has saved, in the form `schema`, before it is given anything
    /// else. `Ok(Err(_))` is its own refusal.
    pub fn restore(&mut self, schema: u32, saved: &[u8]) -> Result<Result<(), String>, CallError> {
        let Some(state) = self.state.clone() else { return Ok(Ok(())) };
        let answer = self.call(Call::Restore, self.limits.lifecycle_time, |store, _| {
            state.call_restore(store, schema, saved)
        })?;
        Ok(answer.map_err(|refusal| printable(&refusal)))
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
        self.store.data().clock.captured_until().unwrap_or(0)
    }

    /// Move the time of a capture forward.
    pub fn advance(&mut self, to_ns: u64) {
        self.store.data_mut().advance(to_ns);
    }

    pub fn plugin(&self) -> &Arc<Plugin> {
        &self.plugin
    }

    /// Bytes that its memories and tables take.
    pub fn memory_bytes(&self) -> usize {
        self.store.data().bounds.limiter.bytes()
    }

    /// One call, whole or not at all: its effects are committed or undone.
    fn call<T>(
        &mut self,
        call: Call,
        limit: Duration,
        run: impl FnOnce(&mut Store<Host>, &lifecycle::Guest) -> wasmtime::Result<T>,
    ) -> Result<T, CallError> {
        let answer = self.attempt(call, limit, run)?;
        self.store.data_mut().end_call();
        Ok(answer)
    }

    /// One call, whose effects are undone if it fails, and wait to be committed if it returns.
    fn attempt<T>(
        &mut self,
        call: Call,
        limit: Duration,
        run: impl FnOnce(&mut Store<Host>, &lifecycle::Guest) -> wasmtime::Result<T>,
    ) -> Result<T, CallError> {
        bounds::begin(&mut self.store, limit);
        let result = run(&mut self.store, &self.lifecycle);
        let host = self.store.data_mut();
        host.returned();
        result.map_err(|error| {
            host.roll_back();
            CallError::new(call, limit, &host.bounds, error)
        })
    }
}

fn received(event: &Event) -> exporter::Received {
    let field = |(name, value): &(String, Value)| (name.clone(), value.clone().into());
    let fields = event.fields.iter().map(field).collect();
    let (kind, time_ns) = (event.kind.clone(), event.time_ns);
    exporter::Received {
        plugin: event.plugin.to_string(),
        event: types::Event { kind, time_ns, fields },
    }
}

fn head(view: &View) -> types::Batch {
    types::Batch {
        sequence: view.sequence,
        shed_before: view.shed_before,
        clock_offset_ns: view.batch.clock_offset_ns,
        record_size: size_of::<PacketRecord>() as u32,
        count: u32::try_from(view.batch.len()).unwrap_or(u32::MAX),
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
