use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use super::{CompileError, Compiled, Compiler, process::Cancel};
use crate::{digest::Digest, engine::Engine, plugin::LoadError, privileges};

/// A compilation in the background. Dropped, it is cancelled: its child is ended, and the outcome
/// is given to nobody.
pub struct CompileJob(Arc<Job>);

/// How far a compilation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// For its turn, or for compiled code to be read from the cache.
    Waiting,
    Compiling {
        /// Wall time since it began.
        elapsed: Duration,
        /// Size of the component.
        component_bytes: usize,
    },
    Done,
}

struct Job {
    cancel: AtomicBool,
    component_bytes: usize,
    stage: Mutex<Stage>,
    /// Taken by whoever comes first: the end of the compilation, or that of the job.
    done: Mutex<Option<Done>>,
}

#[derive(Clone, Copy)]
enum Stage {
    Waiting,
    Compiling { since: Instant },
    Done,
}

type Done = Box<dyn FnOnce(Result<Compiled, LoadError>) + Send>;

impl Compiler {
    /// Compile `wasm`, whose digest is `digest`, on a thread of its own, and give the outcome to
    /// `done` there, unless the job is dropped before. Returns at once. Of all compilations of this
    /// compiler and its clones, as many have a child at a time as [`Turns`](super::Turns) allows.
    pub fn start(
        &self,
        engine: &Engine,
        wasm: Arc<[u8]>,
        digest: Digest,
        done: impl FnOnce(Result<Compiled, LoadError>) + Send + 'static,
    ) -> CompileJob {
        let job = Arc::new(Job {
            cancel: AtomicBool::new(false),
            component_bytes: wasm.len(),
            stage: Mutex::new(Stage::Waiting),
            done: Mutex::new(Some(Box::new(done))),
        });
        let (compiler, engine, work) = (self.clone(), engine.clone(), Arc::clone(&job));
        let started = thread::Builder::new().name("compile".into()).spawn(move || {
            privileges::drop_all_or_say();
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                let cancel = Cancel { own: &work.cancel, all: &compiler.cancel };
                compiler.attempt(&engine, &wasm, digest, cancel, || {
                    *work.stage() = Stage::Compiling { since: Instant::now() };
                })
            }));
            // Its memory is wanted elsewhere by now.
            drop(wasm);
            work.end(outcome.unwrap_or(Err(CompileError::Panicked.into())));
        });
        if let Err(source) = started {
            job.end(Err(CompileError::Thread(source).into()));
        }
        CompileJob(job)
    }
}

impl CompileJob {
    pub fn progress(&self) -> Progress {
        match *self.0.stage() {
            Stage::Waiting => Progress::Waiting,
            Stage::Compiling { since } => Progress::Compiling {
                elapsed: since.elapsed(),
                component_bytes: self.0.component_bytes,
            },
            Stage::Done => Progress::Done,
        }
    }
}

impl Drop for CompileJob {
    fn drop(&mut self) {
        self.0.cancel.store(true, Relaxed);
        drop(self.0.take_done());
    }
}

impl Job {
    fn end(&self, outcome: Result<Compiled, LoadError>) {
        *self.stage() = Stage::Done;
        if let Some(done) = self.take_done() {
            done(outcome);
        }
    }

    fn take_done(&self) -> Option<Done> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for CompileJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CompileJob").field(&self.progress()).finish()
    }
}
