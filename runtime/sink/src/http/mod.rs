//! The HTTP endpoint: `/metrics`, `/healthz`, and a page at `/` that says what is where.
//!
//! HTTP/1.1, GET and HEAD only. A peer can neither hang nor bloat it: connections, headers and the
//! time that each may take are bounded by [`Config`].

mod answer;
mod connection;
mod stats;

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use ringtap_pipeline::metrics::Registry;
use tokio::{net::TcpStream, sync::watch, task::JoinSet};

pub use answer::HealthCheck;
pub use stats::Stats;

use answer::Answers;

/// After an accept that failed for want of descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// What a peer may take.
#[derive(Clone, Debug)]
pub struct Config {
    /// Open connections; one more is closed at once and counted. Default 32.
    pub max_connections: usize,
    /// From the moment a connection waits for a request to the end of its headers. Default 10 s.
    pub header_timeout: Duration,
    /// A connection takes no new request after this. Default 60 s.
    pub max_age: Duration,
    /// For the request under way when a connection is too old or the endpoint ends. Default 5 s.
    pub grace: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_connections: 32,
            header_timeout: Duration::from_secs(10),
            max_age: Duration::from_secs(60),
            grace: Duration::from_secs(5),
        }
    }
}

/// Why the endpoint can't serve.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error(
        "{address} is in use by another process: end that one (`ss -ltnp 'sport = :{}'` names it) \
         or listen on another address", address.port()
    )]
    InUse { address: SocketAddr, source: io::Error },
    #[error("no interface of this host has the address {}: listen on another one", address.ip())]
    NotLocal { address: SocketAddr, source: io::Error },
    #[error("no right to listen on {address}: ports under 1024 need CAP_NET_BIND_SERVICE")]
    Denied { address: SocketAddr, source: io::Error },
    #[error("can't listen on {address}")]
    Bind { address: SocketAddr, source: io::Error },
    #[error("can't take over the listening socket")]
    Adopt { source: io::Error },
}

/// Claim `address` for an [`Endpoint`], in the network namespace of the calling thread.
pub fn bind(address: SocketAddr) -> Result<TcpListener, HttpError> {
    TcpListener::bind(address).map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => HttpError::InUse { address, source },
        io::ErrorKind::AddrNotAvailable => HttpError::NotLocal { address, source },
        io::ErrorKind::PermissionDenied => HttpError::Denied { address, source },
        _ => HttpError::Bind { address, source },
    })
}

/// Serves one listener.
pub struct Endpoint {
    config: Config,
    listener: TcpListener,
    address: SocketAddr,
    answers: Arc<Answers>,
}

impl Endpoint {
    /// `health` says what is wrong, one line each, and nothing when all is well. It is called for
    /// each request for `/healthz`, on a thread where it may block.
    pub fn new(
        config: Config,
        listener: TcpListener,
        registry: Arc<Registry>,
        health: HealthCheck,
    ) -> Result<Self, HttpError> {
        let adopt = |source| HttpError::Adopt { source };
        listener.set_nonblocking(true).map_err(adopt)?;
        let address = listener.local_addr().map_err(adopt)?;
        Ok(Self { config, listener, address, answers: Arc::new(Answers::new(registry, health)) })
    }

    /// Where it listens; tells the port where 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What was answered, and which connections were turned away. Good for
    /// [`Registry::register`].
    pub fn stats(&self) -> Arc<Stats> {
        Arc::clone(self.answers.stats())
    }

    /// Serve until `shutdown` is ready, then finish what is under way, within [`Config::grace`].
    /// Wants a tokio runtime with I/O and time.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), HttpError> {
        let Self { config, listener, answers, .. } = self;
        let listener = tokio::net::TcpListener::from_std(listener)
            .map_err(|source| HttpError::Adopt { source })?;
        let (ending, ended) = watch::channel(false);
        let mut connections = JoinSet::new();
        let mut failing = false;
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let stream = tokio::select! {
                () = &mut shutdown => break,
                Some(_) = connections.join_next() => continue,
                accepted = accept(&listener, &mut failing) => accepted,
            };
            match stream {
                Some(_) if connections.len() >= config.max_connections => {
                    answers.stats().turn_away()
                }
                Some(stream) => {
                    let answers = Arc::clone(&answers);
                    let serve = connection::serve(stream, config.clone(), answers, ended.clone());
                    connections.spawn(serve);
                }
                None => tokio::time::sleep(ACCEPT_PAUSE).await,
            }
        }
        drop(listener);
        ending.send_replace(true);
        while connections.join_next().await.is_some() {}
        Ok(())
    }
}

/// The next connection, or `None` when there is reason to pause. Said once per episode.
async fn accept(listener: &tokio::net::TcpListener, failing: &mut bool) -> Option<TcpStream> {
    match listener.accept().await {
        Ok((stream, _)) => {
            *failing = false;
            Some(stream)
        }
        Err(error) => {
            if !std::mem::replace(failing, true) {
                tracing::warn!(%error, "the HTTP endpoint can't accept connections; trying again");
            }
            None
        }
    }
}

#[cfg(test)]
mod tests;
