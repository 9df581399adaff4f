//! Components are compiled in a child process: a hostile one can take gigabytes and minutes, or
//! abort the compiler, and must not take the host with it. What came of it is kept on disk.

mod cache;
mod child;
mod job;
mod outcome;
mod process;
mod sniff;
mod turns;

use std::{
    ffi::OsString,
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
    thread,
    time::Duration,
};

use wasmtime::component::Component;

use self::process::Cancel;
pub(crate) use self::sniff::sniff;
pub use self::{
    cache::{Cache, CacheError},
    child::compile_child,
    job::{CompileJob, Progress},
    outcome::CompileError,
    sniff::NotAComponent,
    turns::Turns,
};
use crate::{digest::Digest, engine::Engine, plugin::LoadError, privileges};

/// Compiles components, each in a process of its own that runs `program` with `args`. There,
/// [`compile_child`] has to be the first thing called.
#[derive(Clone, Debug)]
pub struct Compiler {
    pub program: PathBuf,
    pub args: Vec<OsString>,
    pub limits: CompileLimits,
    /// Set to have compilations end early, as failures: the runtime shuts down.
    pub cancel: Arc<AtomicBool>,
    /// How many children there are at a time.
    pub turns: Arc<Turns>,
    /// Compiled code of earlier runs; by default none. What is in it runs with all that this process
    /// may do, and its owner could have put it there: a process that was given more than its user
    /// has, such as by file capabilities, is to do without.
    pub cache: Option<Arc<Cache>>,
}

/// A component, compiled for this host. What it asks for was not looked at yet.
#[derive(Clone)]
pub struct Compiled {
    pub(crate) component: Component,
    pub(crate) digest: Digest,
}

/// What one compilation may use. The defaults are the fields' documented values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompileLimits {
    /// Address space: 4 GiB.
    pub memory_bytes: u64,
    /// CPU time over all threads: 120 s.
    pub cpu_seconds: u64,
    /// Wall time: 120 s.
    pub wall: Duration,
    /// Compiled code, which the host holds twice for a moment: 256 MiB.
    pub code_bytes: u64,
}

impl Default for CompileLimits {
    fn default() -> Self {
        Self {
            memory_bytes: 4 << 30,
            cpu_seconds: 120,
            wall: Duration::from_secs(120),
            code_bytes: 256 << 20,
        }
    }
}

impl Compiler {
    /// A compiler that runs this very executable with `argument`.
    pub fn of_this_executable(argument: &str) -> Self {
        Self::new("/proc/self/exe", [argument.into()])
    }

    pub fn new(program: impl Into<PathBuf>, args: impl IntoIterator<Item = OsString>) -> Self {
        Self {
            program: program.into(),
            args: args.into_iter().collect(),
            limits: CompileLimits::default(),
            cancel: Arc::default(),
            turns: Arc::default(),
            cache: None,
        }
    }

    /// Compile `wasm`, or take its code from the cache. Blocks until the child is done or has used up
    /// what it may.
    pub fn compile(&self, engine: &Engine, wasm: &[u8]) -> Result<Compiled, LoadError> {
        let never = AtomicBool::new(false);
        thread::scope(|scope| {
            let work = || {
                privileges::drop_all_or_say();
                let cancel = Cancel { own: &never, all: &self.cancel };
                self.attempt(engine, wasm, Digest::of(wasm), cancel, || {})
            };
            let thread = thread::Builder::new().name("compile".into()).spawn_scoped(scope, work);
            let thread = thread.map_err(CompileError::Thread)?;
            thread.join().unwrap_or(Err(CompileError::Panicked.into()))
        })
    }

    /// `begins` is called when a child is about to start.
    fn attempt(
        &self,
        engine: &Engine,
        wasm: &[u8],
        digest: Digest,
        cancel: Cancel<'_>,
        begins: impl FnOnce(),
    ) -> Result<Compiled, LoadError> {
        sniff(wasm)?;
        let cache = self.cache.as_deref();
        if let Some(component) = cache.and_then(|cache| cache.load(engine, digest)) {
            return Ok(Compiled { component, digest });
        }
        let turn = self.turns.wait(cancel)?;
        begins();
        let code = self.run(wasm, cancel)?;
        drop(turn);
        // SAFETY: the bytes come from this executable's own compiler, run on the same settings
        // (`engine::config`), through a pipe that nobody else holds.
        let component = unsafe { Component::deserialize(engine.wasmtime(), &code) };
        let component = component.map_err(LoadError::Code)?;
        if let Some(cache) = cache {
            cache.store(engine, digest, &code);
        }
        Ok(Compiled { component, digest })
    }
}

impl std::fmt::Debug for Compiled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Compiled").field(&self.digest).finish()
    }
}
