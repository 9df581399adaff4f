use std::{
    num::NonZeroU64,
    os::fd::OwnedFd,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread::{self, Thread},
    time::Duration,
};

use ringtap_pipeline::batch::Collected;
use rustix::{
    thread::{CpuSet, sched_setaffinity, set_current_timer_slack},
    time::{ClockId, Timespec, clock_gettime},
};

use crate::{
    rest::{self, Rest, ring_alarm},
    ring::Ring,
    rings,
};

/// Drains rings into batches, on a thread of its own.
///
/// It looks every `interval`, and again at once while there is something. Once nothing has come for a while
/// it sleeps, and the next tap that publishes wakes it.
pub struct Reader {
    rings: Vec<Ring>,
    /// Where it is to run.
    cpu: Option<u32>,
    interval: Duration,
    take: Arc<Take>,
    /// Where all rings are.
    memory: Arc<rings::Shared>,
    shared: Arc<Shared>,
}

/// What becomes of what was read.
type Take = dyn Fn(Collected) + Send + Sync;

/// What others can ask of running [`Reader`]s.
#[derive(Clone, Debug, Default)]
pub struct ReaderHandle(Vec<Arc<Shared>>);

#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    /// The generation that somebody waits for.
    asked: AtomicU32,
    /// The generation before which all records have been handed on.
    reached: Mutex<u32>,
    moved_on: Condvar,
    thread: OnceLock<Thread>,
    /// `None` where the kernel gives none: then it never sleeps for long.
    alarm: OnceLock<Option<OwnedFd>>,
}

impl ReaderHandle {
    /// Ask the reader to end. Detach the taps before: what they publish later stays unread.
    pub fn stop(&self) {
        for reader in &self.0 {
            reader.stop.store(true, Ordering::Release);
            reader.wake();
        }
    }

    /// Wait until every record that tables before `generation` kept has been handed on. No packet
    /// may be judged by those any more. Returns at once when the reader has ended.
    pub fn catch_up(&self, generation: u32) {
        for reader in &self.0 {
            reader.asked.fetch_max(generation, Ordering::AcqRel);
            reader.wake();
        }
        let behind = |reached: &mut u32| *reached < generation;
        for reader in &self.0 {
            let reached = reader.moved_on.wait_while(reader.reached(), behind);
            drop(reached.unwrap_or_else(PoisonError::into_inner));
        }
    }
}

impl FromIterator<Self> for ReaderHandle {
    /// One that asks all of them.
    fn from_iter<I: IntoIterator<Item = Self>>(handles: I) -> Self {
        Self(handles.into_iter().flat_map(|handle| handle.0).collect())
    }
}

impl Shared {
    fn wake(&self) {
        // Without a thread it has not begun, and will look at all of this when it does.
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
        if let Some(Some(alarm)) = self.alarm.get() {
            ring_alarm(alarm);
        }
    }

    fn reached(&self) -> MutexGuard<'_, u32> {
        self.reached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reach(&self, generation: u32) {
        let mut reached = self.reached();
        if *reached < generation {
            *reached = generation;
            self.moved_on.notify_all();
        }
    }
}

impl Reader {
    pub(crate) fn new(
        rings: Vec<Ring>,
        cpu: Option<u32>,
        interval: Duration,
        memory: Arc<rings::Shared>,
        take: Arc<Take>,
    ) -> Self {
        Self { rings, cpu, interval, memory, take, shared: Arc::default() }
    }

    pub fn handle(&self) -> ReaderHandle {
        ReaderHandle(vec![Arc::clone(&self.shared)])
    }

    /// Read until stopped.
    pub fn run(mut self) {
        // Only a second `run` could have set it, and that takes a second reader.
        self.shared.thread.set(thread::current()).ok();
        let shared = Arc::clone(&self.shared);
        let alarm = shared.alarm.get_or_init(|| rest::alarm().ok()).as_ref();
        let mut rest = Rest::new(self.interval, Arc::clone(&self.memory), alarm);
        self.settle_in();
        loop {
            // Asked before the drain, so that what was published before the stop is read.
            let last = self.shared.stop.load(Ordering::Acquire);
            let mut had_records = false;
            while self.drain() {
                had_records = true;
            }
            if last {
                return;
            }
            rest.pass(&self.rings, had_records);
        }
    }

    /// Have the thread be where and what it is to be.
    fn settle_in(&self) {
        if let Some(cpu) = self.cpu {
            let mut set = CpuSet::new();
            set.set(cpu as usize);
            if let Err(error) = sched_setaffinity(None, &set) {
                tracing::warn!("the ring of CPU {cpu} is read from any other: {error}");
            }
        }
        // Else the kernel adds 50 µs to each sleep, to wake up for several threads at once.
        if self.interval < Duration::from_millis(1) {
            set_current_timer_slack(NonZeroU64::new(1)).ok();
        }
    }

    /// Hand on one batch from each ring. Whether there was any. [`run`](Self::run) does nothing else;
    /// this is for who has to read at a certain time.
    pub fn drain(&mut self) -> bool {
        let clock_offset_ns = clock_offset_ns();
        let asked = self.shared.asked.load(Ordering::Acquire);
        let mut any = false;
        for ring in &mut self.rings {
            if let Some(collected) = ring.read(asked) {
                any = true;
                (self.take)(Collected { clock_offset_ns, ..collected });
            }
        }
        let caught_up = self.rings.iter().map(|ring| ring.caught_up_with).min();
        self.shared.reach(caught_up.unwrap_or(asked));
        any
    }
}

impl Drop for Reader {
    /// Nobody may wait for a reader that is gone.
    fn drop(&mut self) {
        self.shared.reach(u32::MAX);
    }
}

/// What to add to the taps' clock, which runs from boot, for Unix time.
fn clock_offset_ns() -> i64 {
    nanoseconds(clock_gettime(ClockId::Realtime)) - nanoseconds(clock_gettime(ClockId::Monotonic))
}

fn nanoseconds(time: Timespec) -> i64 {
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}
