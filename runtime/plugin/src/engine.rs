use std::{
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use wasmtime::Config;

use crate::privileges;

/// Guests look at their deadline this often. A call can overrun it by as much.
const EPOCH: Duration = Duration::from_millis(2);

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
    _ticker: Arc<Ticker>,
}

impl Engine {
    pub fn new() -> Result<Self, EngineError> {
        let wasmtime = wasmtime::Engine::new(&config()).map_err(EngineError::Engine)?;
        let ticker = Ticker::start(wasmtime.clone()).map_err(EngineError::Thread)?;
        Ok(Self { wasmtime, _ticker: Arc::new(ticker) })
    }

    pub(crate) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.wasmtime
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
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    fn start(engine: wasmtime::Engine) -> std::io::Result<Self> {
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new().name("plugin-epoch".into()).spawn(move || {
            privileges::drop_all_or_say();
            while stopped.recv_timeout(EPOCH) == Err(RecvTimeoutError::Timeout) {
                engine.increment_epoch();
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The thread can't have panicked: it does nothing that could.
            thread.join().ok();
        }
    }
}
