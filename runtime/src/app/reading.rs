//! The thread that reads the rings, and the judge that waits for it.

use std::{
    io,
    sync::Arc,
    thread::{self, JoinHandle},
};

use ringtap_interest::Tables;
use ringtap_pipeline::judge::{InstallError, Judge};
use ringtap_tap::{Reader, ReaderHandle};

use super::accounts::SharedTaps;
use crate::privileges;

/// The reader's thread. Dropped, it ends once it has read what is in the rings.
pub(crate) struct Reading {
    thread: Option<JoinHandle<()>>,
    handle: ReaderHandle,
}

impl Reading {
    pub(crate) fn start(reader: Reader) -> io::Result<Self> {
        let handle = reader.handle();
        let read = || {
            privileges::drop_all();
            reader.run();
        };
        let thread = thread::Builder::new().name("ring-reader".into()).spawn(read)?;
        Ok(Self { thread: Some(thread), handle })
    }

    /// What judges the packets that are read here.
    pub(crate) fn judge(&self, taps: &Arc<SharedTaps>) -> Arc<dyn Judge> {
        Arc::new(TapJudge { taps: Arc::clone(taps), reader: self.handle.clone() })
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.handle.stop();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the ring reader panicked: this is a bug in ringtap");
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
