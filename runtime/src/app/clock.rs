/// Times that plugins are told are this far apart. A batch covers no more of a capture, so that ticks
/// come close to their time.
pub(crate) const SPAN_NS: u64 = 100_000_000;

/// The time of the captures that are read, told at the same moments whatever plugins want.
#[derive(Debug, Default)]
pub(crate) struct CaptureClock {
    told: Option<u64>,
    latest: u64,
}

impl CaptureClock {
    /// A packet of this Unix time, in ns, is next: what to tell before it, if it is time. Never less
    /// than what any packet before had, nor than what was told.
    pub(crate) fn next(&mut self, timestamp_ns: u64) -> Option<u64> {
        self.latest = self.latest.max(timestamp_ns);
        let is_due = self.told.is_none_or(|told| timestamp_ns >= told.saturating_add(SPAN_NS));
        if is_due { self.tell() } else { None }
    }

    /// What to tell at the end of a capture.
    pub(crate) fn end(&mut self) -> Option<u64> {
        self.told.and_then(|_| self.tell())
    }

    fn tell(&mut self) -> Option<u64> {
        let is_news = self.told != Some(self.latest);
        self.told = Some(self.latest);
        is_news.then_some(self.latest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_told_in_steps_and_never_back() {
        let mut clock = CaptureClock::default();
        assert_eq!(clock.end(), None, "an empty capture has no time");
        assert_eq!(clock.next(1_000), Some(1_000));
        assert_eq!(clock.next(999 + SPAN_NS), None);
        assert_eq!(clock.next(1_000 + SPAN_NS), Some(1_000 + SPAN_NS));
        assert_eq!(clock.next(5), None);
        assert_eq!(clock.end(), None, "that was told");
        assert_eq!(clock.next(1_001 + SPAN_NS), None);
        assert_eq!(clock.next(7), None);
        assert_eq!(clock.end(), Some(1_001 + SPAN_NS));
        // The next capture begins before this one ended.
        assert_eq!(clock.next(7), None);
        assert_eq!(clock.next(u64::MAX), Some(u64::MAX));
        assert_eq!(clock.next(u64::MAX), None);
    }
}
