//! The taps, the threads that read their rings, and the judge that waits for both.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
};

use anyhow::Context;
use ringtap_interest::Tables;
use ringtap_pipeline::{
    fanout::Fanout,
    judge::{InstallError, Judge},
};
use ringtap_tap::{Reader, ReaderHandle, TapError, Taps};

use super::accounts::SharedTaps;
use crate::{
    config,
    exit::{Exit, Failure, OrExit},
    privileges,
};

/// Taps on their way. Making their maps takes longer than loading a plugin, so both go on at once.
pub(crate) struct Loading {
    thread: JoinHandle<Result<Loaded, TapError>>,
    judge: Arc<LateJudge>,
}

/// Taps, and what is to read their rings.
type Loaded = (Arc<SharedTaps>, Vec<Reader>);

impl Loading {
    /// Begin, with what the calling thread may do. The rings' records go to `fanout`.
    pub(crate) fn start(config: &config::Taps, fanout: &Arc<Fanout>) -> Result<Self, Failure> {
        ringtap_tap::may_load().or_exit(Exit::Host)?;
        for reaped in ringtap_tap::reap(|_| true).or_exit(Exit::Host)? {
            let (interface, name) = (reaped.interface, reaped.name);
            tracing::warn!("{interface}: removed {name}, which a dead process left");
        }
        let (config, fanout) = (config.for_loading(), Arc::clone(fanout));
        let load = move || {
            let mut taps = Taps::load(config)?;
            let readers = taps.readers(move |collected| fanout.publish(collected));
            Ok((Arc::new(SharedTaps(Mutex::new(taps))), readers))
        };
        let thread = thread::Builder::new().name("load-taps".into()).spawn(load);
        let thread = thread.context("start the thread that loads the taps")?;
        Ok(Self { thread, judge: Arc::default() })
    }

    /// What will judge the packets. Until the taps are there it remembers by what.
    pub(crate) fn judge(&self) -> Arc<dyn Judge> {
        Arc::clone(&self.judge) as _
    }

    /// Wait for the taps, have them judge by the tables that were installed so far, and read their rings.
    pub(crate) fn finish(self) -> Result<(Arc<SharedTaps>, Reading), Failure> {
        let Self { thread, judge } = self;
        let loaded = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let (taps, readers) = loaded.or_exit(Exit::Host)?;
        let reading = Reading::start(readers).context("start a ring reader's thread")?;
        let reader = reading.handle.clone();
        judge.begin(TapJudge { taps: Arc::clone(&taps), reader }).or_exit(Exit::Host)?;
        Ok((taps, reading))
    }
}

/// The threads that read rings. Dropped, they end once they have read what is in there.
pub(crate) struct Reading {
    threads: Vec<JoinHandle<()>>,
    handle: ReaderHandle,
}

impl Reading {
    fn start(readers: Vec<Reader>) -> io::Result<Self> {
        let handle = readers.iter().map(Reader::handle).collect();
        let mut reading = Self { threads: Vec::new(), handle };
        for reader in readers {
            let read = || {
                privileges::drop_all();
                reader.run();
            };
            reading.threads.push(thread::Builder::new().name("ring-reader".into()).spawn(read)?);
        }
        Ok(reading)
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.handle.stop();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a ring reader panicked: this is a bug in ringtap");
            }
        }
    }
}

/// The judge of taps that may still be on their way.
#[derive(Default)]
struct LateJudge(Mutex<Phase>);

enum Phase {
    /// No packet is seen yet, so the last tables are all that counts.
    Awaited(Option<(u32, Arc<Tables>)>),
    There(Arc<TapJudge>),
}

impl Default for Phase {
    fn default() -> Self {
        Self::Awaited(None)
    }
}

impl LateJudge {
    fn begin(&self, judge: TapJudge) -> Result<(), InstallError> {
        let mut phase = self.lock();
        if let Phase::Awaited(Some((generation, tables))) = &*phase {
            judge.install(*generation, tables)?;
        }
        *phase = Phase::There(Arc::new(judge));
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Phase> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Judge for LateJudge {
    fn install(&self, generation: u32, tables: &Arc<Tables>) -> Result<(), InstallError> {
        let judge = match &mut *self.lock() {
            Phase::Awaited(last) => {
                *last = Some((generation, Arc::clone(tables)));
                return Ok(());
            }
            Phase::There(judge) => Arc::clone(judge),
        };
        judge.install(generation, tables)
    }
}

struct TapJudge {
    taps: Arc<SharedTaps>,
    reader: ReaderHandle,
}

impl Judge for TapJudge {
    fn install(&self, generation: u32, tables: &Arc<Tables>) -> Result<(), InstallError> {
        self.taps.with(|taps| taps.install(tables, generation)).map_err(InstallError::new)?;
        self.reader.catch_up(generation);
        Ok(())
    }
}
