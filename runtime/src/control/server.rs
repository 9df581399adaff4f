use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::{UnixListener, UnixStream},
    runtime::Runtime,
    sync::oneshot,
    task::{JoinHandle, JoinSet},
};

use super::{
    connection::{self, refusal},
    directory::{Bound, Directory},
    error::ControlError,
    protocol::{Answer, Request, Response},
};

/// Connections that are served at a time; more are refused, and told so.
const MAX_CONNECTIONS: usize = 8;

const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Answers requests. Called where it may block.
pub(crate) type Answers = Arc<dyn Fn(Request) -> Answer + Send + Sync>;

/// The control socket of this process. Finish it, or the socket stays until somebody looks.
#[derive(Debug)]
pub(crate) struct Server {
    bound: Bound,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Server {
    /// Bind in `directory`, after what dead processes left there is removed.
    pub(crate) fn start(
        directory: &Path,
        answers: Answers,
        runtime: &Runtime,
    ) -> Result<Self, ControlError> {
        let directory = Directory::for_socket(directory)?;
        directory.reap()?;
        let (listener, bound) = directory.bind()?;
        let _inside = runtime.enter();
        let failed = |source: io::Error| ControlError::Bind { path: bound.path(), source };
        let listener = UnixListener::from_std(listener).map_err(failed)?;
        let (stop, stopped) = oneshot::channel();
        let task = runtime.spawn(async {
            tokio::select! {
                () = run(listener, answers) => {}
                _ = stopped => {}
            }
        });
        Ok(Self { bound, stop, task })
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.bound.path()
    }

    /// Close every connection and remove the socket.
    pub(crate) fn finish(self, runtime: &Runtime) {
        // A task that is gone needs no stop.
        self.stop.send(()).ok();
        if runtime.block_on(self.task).is_err() {
            tracing::error!("the control socket panicked: this is a bug in ringtap");
        }
    }
}

async fn run(listener: UnixListener, answers: Answers) {
    let mut connections = JoinSet::new();
    let mut failing = false;
    loop {
        let stream = tokio::select! {
            Some(_) = connections.join_next() => continue,
            accepted = accept(&listener, &mut failing) => accepted,
        };
        let Some(stream) = stream else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        match refusal(&stream).or_else(|| busy(connections.len())) {
            None => {
                connections.spawn(connection::serve(stream, Arc::clone(&answers)));
            }
            Some(response) => connection::refuse(stream, &response),
        }
    }
}

fn busy(connections: usize) -> Option<Response<Answer>> {
    let full = connections >= MAX_CONNECTIONS;
    full.then(|| Response::busy(format!("{connections} others are asking: try again")))
}

/// The next connection, or `None` when there is reason to pause. Said once per episode.
async fn accept(listener: &UnixListener, failing: &mut bool) -> Option<UnixStream> {
    match listener.accept().await {
        Ok((stream, _)) => {
            *failing = false;
            Some(stream)
        }
        Err(error) => {
            if !std::mem::replace(failing, true) {
                tracing::warn!(%error, "the control socket can't accept connections; trying again");
            }
            None
        }
    }
}
