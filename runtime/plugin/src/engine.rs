use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread::{self, JoinHandle, Thread},
    time::Duration,
};

use wasmtime::Config;

use crate::privileges;

/// Guests look at their deadline this often. A call can overrun it by as much.
const EPOCH: Duration = Duration::from_millis(4);

/// Epochs without a call after which they stop. Waking up for each of many calls would cost more.
const IDLE_EPOCHS: u32 = 3;

/// Stack that a guest's own frames may take. Threads that call guests need more than this.
const MAX_WASM_STACK: usize = 512 << 10;

/// Stack of the threads that call guests: the guest's, and as much again for the host's frames.
pub const THREAD_STACK: usize = 4 * MAX_WASM_STACK;

/// The engine could not be made: this machine or build can't run WebAssembly as configured.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("setting up the WebAssembly engine")]
    Engine(#[source] wasmtime::Error),
    #[error("starting the thread that interrupts plugin calls")]
    Thread(#[source] std::io::Error),
}

/// Runs compiled plugins. Cheap to clone; its epoch thread ends with the last clone.
#[derive(Clone)]
pub struct Engine {
    wasmtime: wasmtime::Engine,
    ticker: Arc<Ticker>,
}

impl Engine {
    pub fn new() -> Result<Self, EngineError> {
        let wasmtime = wasmtime::Engine::new(&config()).map_err(EngineError::Engine)?;
        let ticker = Ticker::start(wasmtime.clone()).map_err(EngineError::Thread)?;
        Ok(Self { wasmtime, ticker: Arc::new(ticker) })
    }

    pub(crate) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.wasmtime
    }

    /// What has to tick while a guest runs.
    pub(crate) fn pulse(&self) -> Arc<Pulse> {
        Arc::clone(&self.ticker.pulse)
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}

/// One set of settings for the host and for the child that compiles: code that was made under
/// others is refused.
pub(crate) fn config() -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        // Plugin calls are synchronous and never overlap; this halves what an empty call costs.
        .concurrency_support(false)
        .epoch_interruption(true)
        .memory_init_cow(true)
        .max_wasm_stack(MAX_WASM_STACK);
    config
}

struct Ticker {
    pulse: Arc<Pulse>,
    thread: Option<JoinHandle<()>>,
}

/// Moves the epochs on while guests run, and rests while none does: an idle runtime costs nothing.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    /// Calls that are under way.
    running: AtomicUsize,
    /// Whether the thread has to be woken by the next call.
    rests: AtomicBool,
    stopped: AtomicBool,
    thread: OnceLock<Thread>,
}

impl Pulse {
    /// A guest is about to run. [`leave`](Self::leave) has to follow.
    pub(crate) fn enter(&self) {
        self.running.fetch_add(1, SeqCst);
        if self.rests.load(SeqCst) {
            self.wake();
        }
    }

    /// The guest has returned.
    pub(crate) fn leave(&self) {
        self.running.fetch_sub(1, SeqCst);
    }

    fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }

    fn run(&self, engine: &wasmtime::Engine) {
        self.thread.get_or_init(thread::current);
        let mut idle = 0;
        while !self.stopped.load(SeqCst) {
            idle = if self.running.load(SeqCst) == 0 { idle + 1 } else { 0 };
            if idle < IDLE_EPOCHS {
                thread::park_timeout(EPOCH);
                engine.increment_epoch();
            } else {
                self.rest();
            }
        }
    }

    /// Wait for the next call.
    fn rest(&self) {
        self.rests.store(true, SeqCst);
        // Whoever comes after this look sees that we rest.
        while self.running.load(SeqCst) == 0 && !self.stopped.load(SeqCst) {
            thread::park();
        }
        self.rests.store(false, SeqCst);
    }
}

impl Ticker {
    fn start(engine: wasmtime::Engine) -> std::io::Result<Self> {
        let pulse = Arc::new(Pulse::default());
        let own = Arc::clone(&pulse);
        let thread = thread::Builder::new().name("plugin-epoch".into()).spawn(move || {
            privileges::drop_all_or_say();
            own.run(&engine);
        })?;
        Ok(Self { pulse, thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.pulse.stopped.store(true, SeqCst);
        self.pulse.wake();
        if let Some(thread) = self.thread.take() {
            // The thread can't have panicked: it does nothing that could.
            thread.join().ok();
        }
    }
}
