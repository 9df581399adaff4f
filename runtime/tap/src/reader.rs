use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, Thread},
    time::Duration,
};

use aya::maps::{MapData, RingBuf};
use ringtap_interest::{RuleSet, Tables};
use ringtap_pipeline::{
    batch::Collected,
    fanout::Fanout,
    judge::{InstallError, Judge},
};
use rustix::time::{ClockId, Timespec, clock_gettime};

use crate::ring;

/// Drains the rings into batches, on a thread of its own.
///
/// The taps never wake it: it looks every `interval`, and again at once while there is something.
pub struct Reader {
    rings: Vec<RingBuf<MapData>>,
    interval: Duration,
    fanout: Arc<Fanout>,
    judge: Arc<KeepAll>,
    stop: Arc<AtomicBool>,
}

/// To be replaced by tables in the kernel: keeps every packet by every rule of the last tables, by
/// their generation; 0 before the first.
#[derive(Debug, Default)]
struct KeepAll(RwLock<u32>);

impl Judge for KeepAll {
    fn install(&self, generation: u32, _: &Arc<Tables>) -> Result<(), InstallError> {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = generation;
        Ok(())
    }
}

/// Makes a reader end, once it has read all that is in the rings.
#[derive(Clone, Debug)]
pub struct ReaderStop(Arc<AtomicBool>);

impl ReaderStop {
    /// Ask `reader`, the reader's thread, to end. Detach the taps before: what they publish later
    /// stays unread.
    pub fn stop(&self, reader: &Thread) {
        self.0.store(true, Ordering::Release);
        reader.unpark();
    }
}

impl Reader {
    pub(crate) fn new(
        rings: Vec<RingBuf<MapData>>,
        interval: Duration,
        fanout: Arc<Fanout>,
    ) -> Self {
        Self { rings, interval, fanout, judge: Arc::default(), stop: Arc::default() }
    }

    /// What judges the packets that are read here.
    pub fn judge(&self) -> Arc<dyn Judge> {
        Arc::clone(&self.judge) as _
    }

    pub fn stop_handle(&self) -> ReaderStop {
        ReaderStop(Arc::clone(&self.stop))
    }

    /// Read until stopped.
    pub fn run(mut self) {
        loop {
            // Asked before the drain, so that what was published before the stop is read.
            let last = self.stop.load(Ordering::Acquire);
            while self.drain() {}
            if last {
                return;
            }
            thread::park_timeout(self.interval);
        }
    }

    /// Publish one batch from each ring. Whether there was any. [`run`](Self::run) does nothing else;
    /// this is for who has to read at a certain time.
    pub fn drain(&mut self) -> bool {
        let clock_offset_ns = clock_offset_ns();
        let mut any = false;
        for ring in &mut self.rings {
            let mut records = Vec::new();
            ring::read(ring, &mut records);
            any |= !records.is_empty();
            // Held until they are published: what installs other tables waits for that.
            let generation = self.judge.0.read().unwrap_or_else(PoisonError::into_inner);
            if *generation != 0 {
                let kept = vec![RuleSet([u64::MAX; 4]); records.len()];
                let (generation, payload) = (*generation, Vec::new());
                let collected = Collected { generation, records, kept, payload, clock_offset_ns };
                self.fanout.publish(collected);
            }
        }
        any
    }
}

/// What to add to the taps' clock, which runs from boot, for Unix time.
fn clock_offset_ns() -> i64 {
    nanoseconds(clock_gettime(ClockId::Realtime)) - nanoseconds(clock_gettime(ClockId::Monotonic))
}

fn nanoseconds(time: Timespec) -> i64 {
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}
