use std::{io, sync::Arc, time::Instant};

use ringtap_pipeline::{
    event::EventSender,
    metrics::{Registry, SeriesLimits},
};

use crate::{
    bindings::log,
    bounds::Bounds,
    capability::{
        Capability, Clock, Events, Grants, InterfaceNames, Interfaces, Kv, Log, Metrics, Random,
    },
    engine::Engine,
    graph::Graph,
    instance::InstanceConfig,
    kv::{KvStore, KvStores},
    meter::{Meter, Meters},
    wasi::{Ambient, Lines, Output},
};

/// What the runtime lends to every plugin.
#[derive(Clone)]
pub struct Services {
    pub registry: Arc<Registry>,
    pub meters: Meters,
    pub events: EventSender,
    pub interfaces: InterfaceNames,
    /// What plugins give to each other. One for each runtime.
    pub graph: Graph,
    pub kv: KvStores,
}

/// The host's side of one instance: its limits and the state of its capabilities.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) bounds: Bounds,
    pub(crate) log: Log,
    pub(crate) clock: Clock,
    pub(crate) interfaces: Interfaces,
    pub(crate) metrics: Metrics,
    pub(crate) events: Events,
    /// Whether this is the instance of its plugin, and not one on trial.
    in_charge: bool,
    meter: Arc<Meter>,
    pub(crate) random: Random,
    pub(crate) kv: Kv,
    wasi: Wasi,
}

/// What WASI's functions keep of an instance.
#[derive(Debug)]
struct Wasi {
    /// What they share with capabilities, they may only use where that is granted.
    grants: Grants,
    out: Lines,
    err: Lines,
    /// The latest that was told.
    monotonic_ns: u64,
}

impl Host {
    pub(crate) fn new(
        engine: &Engine,
        config: &InstanceConfig,
        clock: Clock,
        grants: &Grants,
        store: Arc<KvStore>,
    ) -> io::Result<Self> {
        let InstanceConfig { name, limits, services, seeds, .. } = config;
        let series = SeriesLimits { max: limits.metric_series, expiry: limits.series_expiry };
        let metrics = services.registry.plugin(name, series);
        let meter = services.meters.of(name, limits, clock.source());
        let random = match grants.has(Capability::Random) {
            true => Random::new(*seeds, name)?,
            false => Random::constant(),
        };
        let (out, err) = Default::default();
        let host = Self {
            bounds: Bounds::new(engine, limits),
            log: Log::new(name.clone(), Arc::clone(&meter)),
            clock,
            interfaces: Interfaces::new(Arc::clone(&services.interfaces)),
            metrics: Metrics::new(metrics, limits),
            events: Events::new(
                name.clone(),
                services.events.clone(),
                Arc::clone(&meter),
                services.graph.outlets(name),
                limits,
            ),
            meter,
            in_charge: false,
            random,
            kv: Kv::new(store),
            wasi: Wasi { grants: grants.clone(), out, err, monotonic_ns: 0 },
        };
        host.tell_time();
        Ok(host)
    }

    /// Move the time of a capture forward.
    pub(crate) fn advance(&mut self, to_ns: u64) {
        self.clock.advance(to_ns);
        self.tell_time();
    }

    /// What goes by time on live traffic goes by that of the capture in a replay.
    fn tell_time(&self) {
        if let Some(now_ns) = self.clock.captured_until() {
            self.meter.tell_time(now_ns);
            self.metrics.tell_time(now_ns);
        }
    }

    /// A call returned: what it did takes effect, now or when the instance takes over.
    pub(crate) fn end_call(&mut self) {
        if self.in_charge {
            self.commit();
        } else {
            self.metrics.end_call();
            self.events.end_call();
        }
    }

    /// Whether an instance on trial holds back as much as one call may do: no more can be asked of
    /// the host's memory.
    pub(crate) fn holds_much(&self) -> bool {
        self.metrics.holds_much() || self.events.holds_much()
    }

    /// What was held back takes effect, and from now on every call does.
    pub(crate) fn take_over(&mut self) {
        self.in_charge = true;
        self.commit();
        self.metrics.drop_gauges_of_others();
    }

    /// The guest has returned. What the call took of the CPU is counted where there is a budget: it
    /// costs to ask.
    pub(crate) fn returned(&mut self) {
        self.bounds.end();
        if self.meter.has_budget() {
            self.meter.spend(self.bounds.spent(), Instant::now());
        }
    }

    pub(crate) fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    fn commit(&mut self) {
        // First: who sees a metric change may take for granted that what it tells of is stored.
        self.kv.commit();
        self.metrics.commit();
        self.events.commit();
    }

    /// A call failed: it leaves no trace, and of an instance on trial none of its calls does.
    pub(crate) fn roll_back(&mut self) {
        self.metrics.roll_back();
        self.events.roll_back();
        self.kv.roll_back();
    }
}

impl Ambient for Host {
    fn print(&mut self, output: Output, bytes: &[u8]) {
        if self.wasi.grants.has(Capability::Log) {
            let (lines, level) = self.wasi.printing(output);
            lines.push(bytes, |line, bytes| self.log.line(level, line, bytes));
        }
    }

    fn time(&self) -> u64 {
        if self.wasi.grants.has(Capability::Clock) { self.clock.now() } else { 0 }
    }

    fn monotonic_time(&mut self) -> u64 {
        // The system's time can be set back.
        self.wasi.monotonic_ns = self.time().max(self.wasi.monotonic_ns);
        self.wasi.monotonic_ns
    }

    fn random(&mut self) -> u64 {
        self.random.next()
    }

    fn random_bytes(&mut self, count: usize) -> Vec<u8> {
        self.random.bytes(count)
    }
}

impl Wasi {
    fn printing(&mut self, output: Output) -> (&mut Lines, log::Level) {
        match output {
            Output::Out => (&mut self.out, log::Level::Info),
            Output::Err => (&mut self.err, log::Level::Warn),
        }
    }
}

impl Drop for Host {
    /// What was never committed, such as the `init` of an instance that did not come into use, is
    /// undone; what was printed is not.
    fn drop(&mut self) {
        self.roll_back();
        for output in [Output::Out, Output::Err] {
            let (lines, level) = self.wasi.printing(output);
            lines.end(|line, bytes| self.log.line(level, line, bytes));
        }
    }
}

impl AsMut<Bounds> for Host {
    fn as_mut(&mut self) -> &mut Bounds {
        &mut self.bounds
    }
}

impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Services").field("registry", &self.registry).finish_non_exhaustive()
    }
}
