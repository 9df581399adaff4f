use std::time::{Duration, Instant};

use crate::instance::TimeSource;

/// When a plugin's `tick` is due. Ticks that were missed are not made up for.
#[derive(Debug)]
pub(crate) struct Schedule {
    every: Duration,
    next: Next,
}

#[derive(Debug)]
enum Next {
    Never,
    At(Instant),
    /// A capture's time; it begins with the first mark of it.
    AtCapture(Option<u64>),
}

impl Schedule {
    pub(crate) fn new(tick_ms: Option<u32>, time: TimeSource, now: Instant) -> Self {
        let every = Duration::from_millis(tick_ms.unwrap_or_default().into());
        let next = match (tick_ms, time) {
            (None | Some(0), _) => Next::Never,
            (Some(_), TimeSource::Real) => Next::At(now + every),
            (Some(_), TimeSource::Capture) => Next::AtCapture(None),
        };
        Self { every, next }
    }

    /// When to look again although no batch came.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self.next {
            Next::At(at) => Some(at),
            Next::Never | Next::AtCapture(_) => None,
        }
    }

    /// Whether a tick is due by the clock on the wall; the next one is planned then.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        let Next::At(at) = &mut self.next else { return false };
        let due = now >= *at;
        if due {
            let late = (now - *at).as_nanos() / self.every.as_nanos();
            *at += self.every * u32::try_from(late + 1).unwrap_or(u32::MAX);
        }
        due
    }

    /// Whether a tick is due in a capture that has got to `now_ns`.
    pub(crate) fn is_due_in_capture(&mut self, now_ns: u64) -> bool {
        let Next::AtCapture(next) = &mut self.next else { return false };
        let every = u64::try_from(self.every.as_nanos()).unwrap_or(u64::MAX);
        let at = *next.get_or_insert(now_ns.saturating_add(every));
        let due = now_ns >= at;
        if due {
            *next = Some(now_ns.saturating_add(every - (now_ns - at) % every));
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn missed_ticks_are_not_made_up_for_and_the_beat_is_kept() {
        let start = Instant::now();
        let mut schedule = Schedule::new(Some(10), TimeSource::Real, start);
        assert!(!schedule.is_due(start + 9 * MS));
        assert!(schedule.is_due(start + 10 * MS));
        assert!(schedule.is_due(start + 57 * MS));
        assert!(!schedule.is_due(start + 59 * MS));
        assert_eq!(schedule.deadline(), Some(start + 60 * MS));
    }

    #[test]
    fn a_capture_ticks_by_its_own_time() {
        let mut schedule = Schedule::new(Some(10), TimeSource::Capture, Instant::now());
        assert_eq!(schedule.deadline(), None);
        let due = |schedule: &mut Schedule, ms: u64| schedule.is_due_in_capture(ms * 1_000_000);
        assert!(!due(&mut schedule, 1_000));
        assert!(!due(&mut schedule, 1_009));
        assert!(due(&mut schedule, 1_010));
        assert!(due(&mut schedule, 1_057));
        assert!(!due(&mut schedule, 1_059));
        assert!(due(&mut schedule, 1_060));
        assert!(!schedule.is_due(Instant::now()));
    }

    #[test]
    fn the_end_of_time_is_no_overflow() {
        let mut schedule = Schedule::new(Some(u32::MAX), TimeSource::Capture, Instant::now());
        assert!(!schedule.is_due_in_capture(u64::MAX - 1));
        assert!(schedule.is_due_in_capture(u64::MAX));
    }

    #[test]
    fn no_tick_is_ever_due_where_none_was_asked_for() {
        let now = Instant::now();
        let mut schedule = Schedule::new(None, TimeSource::Real, now);
        assert_eq!((schedule.deadline(), schedule.is_due(now + 1000 * MS)), (None, false));
    }
}
