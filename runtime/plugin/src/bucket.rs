use std::num::NonZeroU32;

/// What may come at once, and how much again each second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub per_second: NonZeroU32,
    pub burst: NonZeroU32,
}

impl Rate {
    /// `None` where one of them is 0.
    pub const fn new(per_second: u32, burst: u32) -> Option<Self> {
        match (NonZeroU32::new(per_second), NonZeroU32::new(burst)) {
            (Some(per_second), Some(burst)) => Some(Self { per_second, burst }),
            _ => None,
        }
    }
}

/// A bucket of tokens. Its time is what the caller says, in ns from any moment on.
#[derive(Debug)]
pub(crate) struct Bucket {
    rate: Rate,
    /// Billionths of a token, so that sums are exact.
    fill: u128,
    filled_ns: u64,
}

const TOKEN: u128 = 1_000_000_000;

impl Bucket {
    /// A full one.
    pub(crate) fn new(rate: Rate, now_ns: u64) -> Self {
        Self { rate, fill: u128::from(rate.burst.get()) * TOKEN, filled_ns: now_ns }
    }

    /// Take `wanted` tokens, or as many as there are. Time that goes back is as if it stood still.
    pub(crate) fn take(&mut self, wanted: u64, now_ns: u64) -> u64 {
        let passed = now_ns.saturating_sub(self.filled_ns);
        let gained = u128::from(passed) * u128::from(self.rate.per_second.get());
        self.fill = (self.fill + gained).min(u128::from(self.rate.burst.get()) * TOKEN);
        self.filled_ns = self.filled_ns.max(now_ns);
        let taken = u64::try_from(self.fill / TOKEN).unwrap_or(u64::MAX).min(wanted);
        self.fill -= u128::from(taken) * TOKEN;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_burst_passes_and_then_so_many_a_second() {
        let mut bucket = Bucket::new(Rate::new(2, 3).unwrap(), 7);
        assert_eq!((bucket.take(10, 7), bucket.take(1, 7)), (3, 0));
        assert_eq!(bucket.take(1, 7 + SECOND / 2 - 1), 0);
        assert_eq!(bucket.take(1, 7 + SECOND / 2), 1);
        assert_eq!(bucket.take(u64::MAX, u64::MAX), 3);
        assert_eq!(bucket.take(1, 0), 0, "time that goes back fills nothing");
    }

    #[test]
    fn over_a_long_time_the_rate_is_exact() {
        let mut bucket = Bucket::new(Rate::new(7, 3).unwrap(), 0);
        let taken: u64 = (0..=1_000_000).map(|n| bucket.take(1, n * SECOND / 1000)).sum();
        assert_eq!(taken, 3 + 7 * 1000);
    }
}
