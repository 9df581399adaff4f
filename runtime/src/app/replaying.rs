//! A runtime over captures instead of taps.

use std::{path::PathBuf, sync::Arc};

use ringtap_pipeline::{fanout::Fanout, metrics::Registry, subscriptions::Subscriptions};
use ringtap_plugin::{Graph, KvStores, Meters, Services, Supervisor, SupervisorConfig};

use super::{
    accounts::{CaptureCounts, Readings, TapAccounts},
    events::EventSink,
    feed::Feed,
    judging::CaptureJudge,
    names::Names,
    plugins::{self, Mode},
    progress,
    stopping::Stopping,
};
use crate::{
    config::Config,
    exit::{Exit, Failure, OrExit},
};

/// All that runs. Give captures to `feed`, then end it with [`Replaying::finish`].
pub(crate) struct Replaying {
    pub(crate) feed: Feed,
    pub(crate) registry: Arc<Registry>,
    counts: Arc<CaptureCounts>,
    supervisor: Supervisor,
    events: EventSink,
    mode: Mode,
    /// Whether every plugin that was asked for is there.
    plugins: Result<(), Failure>,
    /// Whether a plugin's failure is to end the replay.
    pub(crate) stopping: Stopping,
}

impl Replaying {
    /// Load the plugins that the configuration names, or just `plugin_files`. `mode` is one of
    /// captures.
    pub(crate) fn start(
        config: &Config,
        plugin_files: &[PathBuf],
        mode: Mode,
        events: impl FnOnce(&Registry) -> anyhow::Result<EventSink>,
    ) -> anyhow::Result<Self> {
        let registry = Arc::new(Registry::default());
        let counts = Arc::new(CaptureCounts::default());
        registry.register(Arc::new(TapAccounts(Arc::clone(&counts))));
        let events = events(&registry)?;
        let fanout = Arc::new(Fanout::default());
        let judge = Arc::new(CaptureJudge::new(Arc::clone(&fanout), mode.seed()));
        let subscriptions = Arc::new(Subscriptions::new(fanout, Arc::clone(&judge) as _));
        registry.register(Arc::clone(&subscriptions) as _);
        let names = Names::default();
        let services = Services {
            registry: Arc::clone(&registry),
            meters: Meters::registered(&registry),
            events: events.sender(),
            interfaces: names.for_plugins(),
            graph: Graph::default(),
            // A capture that is replayed twice says the same twice.
            kv: KvStores::in_memory(),
        };
        registry.register(Arc::new(services.kv.clone()));
        let stopping = Stopping::default();
        let sources = plugins::sources(config, plugin_files, mode, None);
        let sources = SupervisorConfig { on_stop: stopping.on_stop(), ..sources };
        let supervisor = plugins::start(config, sources, services, &subscriptions)?;
        supervisor.settle(None);
        registry.register(supervisor.collector());
        let plugins = all_there(&supervisor);
        let feed = Feed::new(judge, subscriptions, names, Arc::clone(&counts));
        Ok(Self { feed, registry, counts, supervisor, events, mode, plugins, stopping })
    }

    /// Let the plugins work everything off, and say where everything went. The registry is left to
    /// be looked at.
    pub(crate) fn finish(self) -> (Arc<Registry>, Result<(), Failure>) {
        for name in self.feed.missing_interfaces() {
            tracing::warn!(
                "a filter names interface {name:?}, and no packet came from one of that name"
            );
        }
        self.supervisor.shutdown(self.mode.grace());
        progress::say_ledger(&self.counts.readings(), &self.supervisor);
        drop(self.supervisor);
        self.events.finish();
        (self.registry, self.plugins)
    }
}

/// A plugin that was asked for and is not there makes a replay worth less than it looks.
fn all_there(supervisor: &Supervisor) -> Result<(), Failure> {
    let refused = supervisor.status().into_iter().filter_map(|plugin| {
        plugin.reason.map(|reason| format!("plugin {}: {reason}", plugin.name))
    });
    let refused: Vec<_> = refused.chain(supervisor.problems()).collect();
    match refused.is_empty() {
        true => Ok(()),
        false => Err(anyhow::anyhow!("{}", refused.join("; "))).or_exit(Exit::Input),
    }
}
