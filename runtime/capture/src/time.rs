/// How a pcapng interface counts time: the options `if_tsresol` and `if_tsoffset`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    /// Bit 7: a power of two rather than of ten. Bits 6 to 0: the negative exponent.
    resolution: u8,
    /// In seconds.
    offset: i64,
}

impl Default for Clock {
    /// Microseconds since 1970.
    fn default() -> Self {
        Self { resolution: 6, offset: 0 }
    }
}

impl Clock {
    pub(crate) fn new(resolution: u8, offset: i64) -> Self {
        Self { resolution, offset }
    }

    /// Unix time in ns; the nearest there is for times that don't fit.
    pub(crate) fn ns(self, timestamp: u64) -> u64 {
        let timestamp = u128::from(timestamp);
        let exponent = u32::from(self.resolution & 0x7f);
        let ns = if self.resolution & 0x80 != 0 {
            (timestamp * 1_000_000_000) >> exponent
        } else if exponent <= 9 {
            timestamp * 10_u128.pow(9 - exponent)
        } else {
            // No 64-bit number is as large as the powers that don't fit.
            10_u128.checked_pow(exponent - 9).map_or(0, |divisor| timestamp / divisor)
        };
        let offset = i128::from(self.offset) * 1_000_000_000;
        let ns = i128::try_from(ns).map_or(i128::MAX, |ns| ns.saturating_add(offset));
        u64::try_from(ns.max(0)).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;

    #[test]
    fn powers_of_ten() {
        assert_eq!(Clock::default().ns(1_500_000), 1_500_000_000);
        assert_eq!(Clock::new(0, 0).ns(7), 7_000_000_000);
        assert_eq!(Clock::new(9, 0).ns(7), 7);
        assert_eq!(Clock::new(12, 0).ns(7_999), 7);
        assert_eq!(Clock::new(127, 0).ns(u64::MAX), 0);
    }

    #[test]
    fn powers_of_two() {
        assert_eq!(Clock::new(0x80 | 1, 0).ns(3), 1_500_000_000);
        assert_eq!(Clock::new(0x80 | 32, 0).ns(1 << 31), 500_000_000);
        assert_eq!(Clock::new(0xff, 0).ns(u64::MAX), 0);
    }

    #[test]
    fn offsets_and_times_that_do_not_fit() {
        assert_eq!(Clock::new(9, 10).ns(5), 10_000_000_005);
        assert_eq!(Clock::new(9, -1).ns(1_000_000_005), 5);
        assert_eq!(Clock::new(9, -1).ns(5), 0);
        assert_eq!(Clock::new(0, 0).ns(u64::MAX), u64::MAX);
        assert_eq!(Clock::new(0, i64::MAX).ns(u64::MAX), u64::MAX);
        assert_eq!(Clock::new(0x80, i64::MIN).ns(0), 0);
    }
}
