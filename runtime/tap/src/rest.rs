//! How a reader passes the time in which there is nothing to read.

use std::{
    mem::MaybeUninit,
    os::fd::{AsFd, OwnedFd},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rustix::{
    event::{EventfdFlags, Timespec, epoll, eventfd},
    io,
};

use crate::{ring::Ring, rings::Shared};

/// Without a record for so long, a reader stops looking and goes to sleep: to wake it costs a tap more than a
/// look costs a reader.
const LOOKS_FOR: Duration = Duration::from_millis(100);

/// A tap that is at work when the reader goes to sleep may not see it and not wake it. By this time it
/// has published, and the reader looks once more.
const DOZES_FOR: Duration = Duration::from_millis(4);

/// Sleeps, at most: should a tap take longer than that, since its virtual CPU does not run.
const SLEEPS_FOR: Duration = Duration::from_millis(250);

/// A reader's rest, between two looks at its rings.
pub(crate) struct Rest {
    /// Between looks while records come.
    interval: Duration,
    /// `None` where the kernel does not give what sleeping takes.
    bed: Option<Bed>,
    /// Whether taps are to wake it.
    sleeps: bool,
    last_record: Instant,
}

/// Where a reader sleeps until it is woken.
struct Bed {
    epoll: OwnedFd,
    shared: Arc<Shared>,
}

impl Rest {
    /// With what wakes the reader besides the bell.
    pub(crate) fn new(interval: Duration, shared: Arc<Shared>, alarm: Option<&OwnedFd>) -> Self {
        let bed = alarm.and_then(|alarm| {
            let bed = Bed::new(shared, alarm);
            bed.inspect_err(|error| tracing::warn!("{error}: rings are looked at all the time"))
                .ok()
        });
        Self { interval, bed, sleeps: false, last_record: Instant::now() }
    }

    /// Let time pass after a look at the rings, which had records or not.
    pub(crate) fn pass(&mut self, rings: &[Ring], had_records: bool) {
        if had_records {
            self.last_record = Instant::now();
            if std::mem::replace(&mut self.sleeps, false) {
                set_asleep(rings, false);
            }
        }
        let bed = match &self.bed {
            Some(bed) if self.last_record.elapsed() >= LOOKS_FOR => bed,
            _ => return thread::park_timeout(self.interval),
        };
        if std::mem::replace(&mut self.sleeps, true) {
            bed.sleep(SLEEPS_FOR);
        } else {
            set_asleep(rings, true);
            bed.sleep(DOZES_FOR);
        }
    }
}

fn set_asleep(rings: &[Ring], asleep: bool) {
    rings.iter().for_each(|ring| ring.set_asleep(asleep));
}

impl Bed {
    fn new(shared: Arc<Shared>, alarm: &OwnedFd) -> io::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        // Edges: both stay readable.
        let edges = epoll::EventFlags::IN | epoll::EventFlags::ET;
        epoll::add(&epoll, &shared.bell, epoll::EventData::new_u64(0), edges)?;
        epoll::add(&epoll, alarm, epoll::EventData::new_u64(1), edges)?;
        Ok(Self { epoll, shared })
    }

    /// Until the bell or the alarm rings, or that time is over.
    fn sleep(&self, most: Duration) {
        let mut events = [MaybeUninit::<epoll::Event>::uninit(); 2];
        let most = Timespec::try_from(most).ok();
        // Whatever it says, the reader looks at its rings.
        epoll::wait(&self.epoll, &mut events, most.as_ref()).ok();
        self.shared.bell.heard();
    }
}

/// What wakes a reader by [`ring_alarm`].
pub(crate) fn alarm() -> io::Result<OwnedFd> {
    eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
}

/// Wake the reader that sleeps by this alarm, or have it not fall asleep.
pub(crate) fn ring_alarm(alarm: impl AsFd) {
    // It fails after 2^64 - 2 times.
    io::write(alarm, &1_u64.to_ne_bytes()).ok();
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread::JoinHandle};

    use ringtap_interest::{Interest, Tables};
    use ringtap_net::interfaces;

    use super::*;
    use crate::{
        Attachment, Config, TapError, Taps, TcMode,
        test_run::{register, test_run},
    };

    const PATIENCE: Duration = Duration::from_secs(30);
    const TAP: Attachment = Attachment::TcIngress(TcMode::Auto);
    const FRAME: [u8; 60] = [0; 60];

    /// A tap that wants everything. `None`, said aloud, where the kernel does not let us.
    fn taps() -> Option<Taps> {
        let mut taps = match Taps::load(Config { ring_bytes: 1 << 20, ..Config::default() }) {
            Err(error @ TapError::Privilege { .. }) => {
                eprintln!("SKIPPED: {error}");
                return None;
            }
            loaded => loaded.unwrap(),
        };
        let interfaces = interfaces().unwrap();
        let loopback = interfaces.iter().find(|interface| interface.index == 1).unwrap();
        register(&mut taps, loopback, TAP).unwrap();
        taps.install(&Tables::compile(&[&Interest::everything()], &[]).unwrap(), 1).unwrap();
        Some(taps)
    }

    fn until(what: &str, mut is_so: impl FnMut() -> bool) {
        let begin = Instant::now();
        while !is_so() {
            assert!(begin.elapsed() < PATIENCE, "{what}");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Somebody who goes to sleep for much longer than anybody waits here.
    fn sleeper(taps: &Taps, alarm: &OwnedFd) -> JoinHandle<()> {
        let bed = Bed::new(Arc::clone(&taps.rings.shared), alarm).unwrap();
        // What was rung before wakes it at once.
        bed.sleep(Duration::ZERO);
        thread::spawn(move || bed.sleep(Duration::from_secs(3600)))
    }

    #[test]
    fn a_packet_wakes_everybody_who_sleeps_and_once() {
        let Some(mut taps) = taps() else { return };
        let alarm = alarm().unwrap();
        let shared = Arc::clone(&taps.rings.shared);
        // More often than there is room for.
        for _ in 0..300 {
            let sleepers = [sleeper(&taps, &alarm), sleeper(&taps, &alarm)];
            taps.rings.unread.iter().for_each(|ring| ring.set_asleep(true));
            let before = shared.bell.written();
            test_run(&mut taps, TAP, &FRAME, 10).unwrap();
            assert_eq!(shared.bell.written() - before, 16, "nobody sleeps after the first packet");
            until("nobody wakes", || sleepers.iter().all(JoinHandle::is_finished));
        }
    }

    #[test]
    fn an_alarm_wakes_who_sleeps_and_who_is_about_to() {
        let Some(taps) = taps() else { return };
        let alarm = alarm().unwrap();
        for wait in [Duration::ZERO, Duration::from_millis(20)] {
            let sleeper = sleeper(&taps, &alarm);
            thread::sleep(wait);
            ring_alarm(&alarm);
            until("it does not wake", || sleeper.is_finished());
        }
    }

    #[test]
    fn a_reader_sleeps_when_nothing_comes_and_loses_nothing() {
        let Some(mut taps) = taps() else { return };
        let (send, collected) = mpsc::channel();
        let reader = taps.reader(move |batch| send.send(batch.records.len()).unwrap());
        let shared = Arc::clone(&taps.rings.shared);
        let handle = reader.handle();
        let thread = thread::spawn(|| reader.run());
        let sleeps = || {
            let cpus = (0..ringtap_record::abi::MAX_CPUS).filter_map(|cpu| shared.sleeps(cpu));
            cpus.map(|sleeps| sleeps.load(std::sync::atomic::Ordering::Acquire)).sum::<u64>() > 0
        };
        for _ in 0..3 {
            until("it never sleeps", sleeps);
            test_run(&mut taps, TAP, &FRAME, 100).unwrap();
            let mut records = 0;
            while records < 100 {
                records += collected.recv_timeout(PATIENCE).unwrap();
            }
            assert_eq!(records, 100);
        }
        until("it never sleeps", sleeps);
        handle.catch_up(2);
        handle.stop();
        thread.join().unwrap();
    }
}
