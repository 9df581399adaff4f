use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use anyhow::Context;
use ringtap_pipeline::metrics::Registry;
use ringtap_plugin::{PluginState, Supervisor};
use ringtap_sink::http::{self, Endpoint, HealthCheck};
use tokio::{runtime::Runtime, sync::oneshot, task::JoinHandle};

use crate::config::Listen;

/// `/metrics` and `/healthz`, if they are wanted.
pub(crate) struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), http::HttpError>>,
}

/// Take the port, so that one that is in use is said before anything else starts.
pub(crate) fn bind(listen: Listen) -> Result<Option<TcpListener>, http::HttpError> {
    listen.address().map(http::bind).transpose()
}

impl Served {
    pub(crate) fn start(
        listener: TcpListener,
        registry: &Arc<Registry>,
        health: HealthCheck,
        runtime: &Runtime,
    ) -> anyhow::Result<Self> {
        let _inside = runtime.enter();
        let endpoint =
            Endpoint::new(http::Config::default(), listener, Arc::clone(registry), health)?;
        registry.register(endpoint.stats());
        let address = endpoint.address();
        let (stop, stopped) = oneshot::channel();
        let task = runtime.spawn(endpoint.run(async {
            stopped.await.ok();
        }));
        Ok(Self { address, stop, task })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Let answers that are under way end.
    pub(crate) fn finish(self, runtime: &Runtime) -> anyhow::Result<()> {
        // A task that is gone needs no stop; waiting for it tells why.
        self.stop.send(()).ok();
        runtime.block_on(self.task).context("serve /metrics")?.context("serve /metrics")
    }
}

/// What is wrong, for `/healthz`.
pub(crate) fn health(supervisor: &Arc<Supervisor>) -> HealthCheck {
    let supervisor = Arc::clone(supervisor);
    Box::new(move || {
        let troubled = supervisor.status().into_iter().filter(|plugin| {
            matches!(plugin.state, PluginState::Backoff | PluginState::Quarantined)
        });
        let troubles = troubled.map(|plugin| {
            let reason = plugin.reason.unwrap_or_default();
            format!("plugin {} is {}: {reason}", plugin.name, plugin.state.name())
        });
        troubles.chain(supervisor.problems()).collect()
    })
}
