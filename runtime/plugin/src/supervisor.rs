use std::{
    fmt, io,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use ringtap_pipeline::{metrics::Collect, name::PluginName, subscriptions::Subscriptions};

use crate::{
    compile::Compiler,
    engine::{Engine, THREAD_STACK},
    host::Services,
    loader::{Loader, LoaderHost},
    policy::Policy,
    shared::Shared,
    slot::PluginStatus,
    sources::{BundledPlugin, Sources},
    watch::{Looks, Wake, Watch},
};

/// How the supervisor works, and with which plugins.
#[derive(Clone, Debug)]
pub struct SupervisorConfig {
    pub policy: Policy,
    pub bundled: Vec<BundledPlugin>,
    /// Single component files. Each is its stem's plugin and is kept when it goes.
    pub files: Vec<PathBuf>,
    /// Its plugins come and go with their files. It need not exist yet.
    pub directory: Option<PathBuf>,
    /// Whether to follow changes; otherwise plugins are loaded once.
    pub follow: bool,
    /// Told when the runtime is to end because of a plugin; see
    /// [`OnFailure::StopRuntime`](crate::OnFailure::StopRuntime).
    pub on_stop: OnStop,
}

/// Takes the name of a plugin that failed, and why. Must not block.
#[derive(Clone)]
pub struct OnStop(pub Arc<Tell>);

type Tell = dyn Fn(&PluginName, &str) + Send + Sync;

/// Loads plugins, runs each on its own thread, and keeps them in step with their files.
///
/// Also its own [`Collect`]: the `ringtap_plugin_*` metrics and `ringtap_reloads_total`. Dropped
/// without [`shutdown`](Self::shutdown) it ends all plugins without waiting for their queues.
#[derive(Debug)]
pub struct Supervisor {
    shared: Arc<Shared>,
    wakes: Sender<Wake>,
    cancel: Arc<AtomicBool>,
    /// Closed when every plugin was tried once.
    settled: Mutex<Receiver<()>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Supervisor {
    /// Start loading plugins, on a thread of its own, and subscribe each to what it wants.
    pub fn start(
        config: SupervisorConfig,
        engine: Engine,
        compiler: Compiler,
        services: Services,
        subscriptions: Arc<Subscriptions>,
    ) -> io::Result<Self> {
        let shared = Arc::<Shared>::default();
        let cancel = Arc::clone(&compiler.cancel);
        let (wakes, woken) = channel();
        let (settle, settled) = channel();
        let SupervisorConfig { policy, bundled, files, directory, follow, on_stop } = config;
        let watch = Watch::new(woken, wakes.clone(), follow);
        let host = LoaderHost {
            policy,
            sources: Sources::new(bundled, files, directory),
            engine,
            compiler,
            services,
            subscriptions,
            shared: Arc::clone(&shared),
            wakes: wakes.clone(),
            on_stop,
        };
        let loader = Loader::new(host);
        let thread = thread::Builder::new()
            .name("plugin-loader".into())
            .stack_size(THREAD_STACK)
            .spawn(move || run(loader, watch, follow, settle))?;
        let (settled, thread) = (Mutex::new(settled), Mutex::new(Some(thread)));
        Ok(Self { shared, wakes, cancel, settled, thread })
    }

    /// Wait until every plugin that was there at the start has been loaded or refused, for
    /// `patience` at most. Whether that is so.
    pub fn settle(&self, patience: Option<Duration>) -> bool {
        let settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        // Nothing is ever sent; that the sender goes is the answer.
        match patience {
            None => settled.recv().is_err(),
            Some(time) => settled.recv_timeout(time) == Err(RecvTimeoutError::Disconnected),
        }
    }

    /// Other interfaces are tapped than before: try those plugins again that were refused because
    /// one that they ask for was not. Returns at once.
    pub fn interfaces_changed(&self) {
        // Nobody listens any more during a shutdown.
        self.wakes.send(Wake::Interfaces).ok();
    }

    /// Every plugin, by name.
    pub fn status(&self) -> Vec<PluginStatus> {
        self.shared.status()
    }

    /// What is wrong with the places that plugins come from, in words for the operator.
    pub fn problems(&self) -> Vec<String> {
        self.shared.problems()
    }

    /// What to register for scrapes.
    pub fn collector(&self) -> Arc<dyn Collect> {
        Arc::clone(&self.shared) as Arc<dyn Collect>
    }

    /// Stop following changes, let the plugins work off their queues for `grace` (`None`: as long
    /// as it takes), call `stop` in each and end their threads. What is published from now on, and
    /// what is still queued after `grace`, is shed. Blocks; a second call does nothing.
    pub fn shutdown(&self, grace: Option<Duration>) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return };
        self.cancel.store(true, Relaxed);
        // Not sent means that the thread is gone; joining it tells why.
        self.wakes.send(Wake::Shutdown { grace }).ok();
        if thread.join().is_err() {
            tracing::error!("the plugin loader panicked: this is a bug in ringtap");
        }
    }
}

impl Default for OnStop {
    /// Nobody is told.
    fn default() -> Self {
        Self(Arc::new(|_, _| {}))
    }
}

impl fmt::Debug for OnStop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnStop")
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.shutdown(Some(Duration::ZERO));
    }
}

fn run(mut loader: Loader, mut watch: Watch, follow: bool, settle: Sender<()>) {
    let (mut settle, mut interfaces_changed) = (Some(settle), false);
    let mut looks = Looks::new(follow, Instant::now());
    let grace = loop {
        let now = Instant::now();
        if looks.is_due(now) {
            // Before looking, so that no change falls between.
            watch.keep_watching(loader.watched());
            if loader.look(std::mem::take(&mut interfaces_changed)) {
                looks.look_soon(now);
            }
        }
        loader.do_due(now);
        if !loader.is_compiling() {
            drop(settle.take());
        }
        match watch.wait(looks.next().into_iter().chain(loader.next_due()).min()) {
            Some(Wake::Shutdown { grace }) => break grace,
            Some(Wake::Changed) => looks.hear(Instant::now()),
            Some(Wake::Interfaces) => {
                interfaces_changed = true;
                looks.hear(Instant::now());
            }
            Some(Wake::Compiled { plugin, ticket, outcome }) => {
                loader.compiled(&plugin, ticket, outcome);
            }
            Some(Wake::Verdict { plugin, winner, reason }) => {
                loader.verdict(&plugin, winner, reason);
            }
            Some(Wake::Failed { plugin }) => loader.failed(&plugin),
            None => {}
        }
    };
    loader.shut_down(grace);
}
