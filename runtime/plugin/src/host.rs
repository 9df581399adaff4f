use std::{sync::Arc, time::Instant};

use ringtap_pipeline::{
    event::EventSender,
    metrics::{Registry, SeriesLimits},
    name::PluginName,
};

use crate::{
    bounds::Bounds,
    capability::{Clock, Events, InterfaceNames, Interfaces, Log, Metrics},
    graph::Graph,
    limits::Limits,
    meter::{Meter, Meters},
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
}

impl Host {
    pub(crate) fn new(
        name: &PluginName,
        limits: &Limits,
        services: &Services,
        clock: Clock,
    ) -> Self {
        let series = SeriesLimits { max: limits.metric_series, expiry: limits.series_expiry };
        let metrics = services.registry.plugin(name, series);
        let meter = services.meters.of(name, limits, clock.source());
        let host = Self {
            bounds: Bounds::new(limits),
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
        };
        host.tell_time();
        host
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

    /// Count what the last call took of the CPU, where there is a budget: it costs to ask.
    pub(crate) fn note_cpu(&self) {
        if self.meter.has_budget() {
            self.meter.spend(self.bounds.spent(), Instant::now());
        }
    }

    pub(crate) fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    fn commit(&mut self) {
        self.metrics.commit();
        self.events.commit();
    }

    /// A call failed: it leaves no trace, and of an instance on trial none of its calls does.
    pub(crate) fn roll_back(&mut self) {
        self.metrics.roll_back();
        self.events.roll_back();
    }
}

impl Drop for Host {
    /// What was never committed, such as the `init` of an instance that did not come into use.
    fn drop(&mut self) {
        self.roll_back();
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
