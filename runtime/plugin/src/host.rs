use std::{io, sync::Arc};

use ringtap_pipeline::{event::EventSender, metrics::Registry, name::PluginName};

use crate::{
    bindings::log,
    bounds::Bounds,
    capability::{
        Capability, Clock, Events, Grants, InterfaceNames, Interfaces, Log, Metrics, Random, Seeds,
    },
    limits::Limits,
    wasi::{Ambient, Lines, Output},
};

/// What the runtime lends to every plugin.
#[derive(Clone)]
pub struct Services {
    pub registry: Arc<Registry>,
    pub events: EventSender,
    pub interfaces: InterfaceNames,
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
    pub(crate) random: Random,
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
        name: &PluginName,
        limits: &Limits,
        services: &Services,
        clock: Clock,
        seeds: Seeds,
        grants: &Grants,
    ) -> io::Result<Self> {
        let metrics = services.registry.plugin(name, limits.metric_series);
        let random = match grants.has(Capability::Random) {
            true => Random::new(seeds, name)?,
            false => Random::constant(),
        };
        let (out, err) = Default::default();
        Ok(Self {
            bounds: Bounds::new(limits),
            log: Log::new(name.clone(), limits),
            clock,
            interfaces: Interfaces::new(Arc::clone(&services.interfaces)),
            metrics: Metrics::new(metrics, limits),
            events: Events::new(name.clone(), services.events.clone(), limits),
            random,
            wasi: Wasi { grants: grants.clone(), out, err, monotonic_ns: 0 },
        })
    }

    /// A call returned: what it did takes effect.
    pub(crate) fn commit(&mut self) {
        self.metrics.commit();
        self.events.commit();
    }

    /// A call failed: it leaves no trace.
    pub(crate) fn roll_back(&mut self) {
        self.metrics.roll_back();
        self.events.roll_back();
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
