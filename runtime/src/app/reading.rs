//! The taps, the threads that read their rings, and the judge that waits for both.

use std::{
    io,
    sync::{Arc, Mutex, OnceLock},
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
    thread: JoinHandle<Result<(Arc<SharedTaps>, Vec<Reader>), TapError>>,
    judge: Arc<LateJudge>,
}

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

    /// What will judge the packets. It lets others wait until the taps are there.
    pub(crate) fn judge(&self) -> Arc<dyn Judge> {
        Arc::clone(&self.judge) as _
    }

    /// Wait for the taps, and read their rings.
    pub(crate) fn finish(self) -> Result<(Arc<SharedTaps>, Reading), Failure> {
        let Self { thread, judge } = self;
        let loaded = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let started = match loaded.or_exit(Exit::Host) {
            Ok((taps, readers)) => match Reading::start(readers) {
                Ok(reading) => Ok((taps, reading)),
                Err(error) => Err(Failure::from(
                    anyhow::Error::from(error).context("start a ring reader's thread"),
                )),
            },
            Err(failure) => Err(failure),
        };
        // Nobody waits for a judge that does not come.
        let ready = started.as_ref().ok().map(|(taps, reading)| TapJudge {
            taps: Arc::clone(taps),
            reader: reading.handle.clone(),
        });
        judge.0.get_or_init(|| ready);
        started
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

/// The judge of taps that may still be on their way; `None`: they won't come.
#[derive(Default)]
struct LateJudge(OnceLock<Option<TapJudge>>);

impl Judge for LateJudge {
    fn install(&self, generation: u32, tables: &Arc<Tables>) -> Result<(), InstallError> {
        match self.0.wait() {
            Some(judge) => judge.install(generation, tables),
            None => Err(InstallError::new("the taps could not be loaded")),
        }
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
