use std::sync::Arc;

use ringtap_pipeline::{event::EventSender, metrics::Registry, name::PluginName};

use crate::{
    bounds::Bounds,
    capability::{Clock, Events, InterfaceNames, Interfaces, Kv, Log, Metrics},
    kv::{KvStore, KvStores},
    limits::Limits,
};

/// What the runtime lends to every plugin.
#[derive(Clone)]
pub struct Services {
    pub registry: Arc<Registry>,
    pub events: EventSender,
    pub interfaces: InterfaceNames,
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
    pub(crate) kv: Kv,
}

impl Host {
    pub(crate) fn new(
        name: &PluginName,
        limits: &Limits,
        services: &Services,
        clock: Clock,
        store: Arc<KvStore>,
    ) -> Self {
        let metrics = services.registry.plugin(name, limits.metric_series);
        Self {
            bounds: Bounds::new(limits),
            log: Log::new(name.clone(), limits),
            clock,
            interfaces: Interfaces::new(Arc::clone(&services.interfaces)),
            metrics: Metrics::new(metrics, limits),
            events: Events::new(name.clone(), services.events.clone(), limits),
            kv: Kv::new(store),
        }
    }

    /// A call returned: what it did takes effect.
    pub(crate) fn commit(&mut self) {
        // First: who sees a metric change may take for granted that what it tells of is stored.
        self.kv.commit();
        self.metrics.commit();
        self.events.commit();
    }

    /// A call failed: it leaves no trace.
    pub(crate) fn roll_back(&mut self) {
        self.metrics.roll_back();
        self.events.roll_back();
        self.kv.roll_back();
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
