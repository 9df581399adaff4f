use std::collections::BTreeMap;

use ringtap_pipeline::ledger::TapCounts;
use ringtap_record::{Direction, Hook};

use crate::{tally::TapReading, taps::TapInfo};

/// Series that are kept by name, at most. A host where containers come and go sees names without
/// end.
const MAX_SERIES: usize = 1024;

/// The interface that stands for those beyond [`MAX_SERIES`].
const RELEASED: &str = "(released)";

/// What was counted by taps that are off, or under names that their interfaces no longer have.
#[derive(Debug, Default)]
pub(crate) struct Past {
    series: BTreeMap<Labels, Series>,
    /// How often something was added.
    additions: u64,
}

type Labels = (String, Hook, Direction);

#[derive(Debug)]
struct Series {
    /// The last one that counted here.
    tap: TapInfo,
    counts: TapCounts,
    /// [`Past::additions`] when it was last added to.
    added: u64,
}

impl Past {
    /// Keep what a tap counted under its present name. No count is ever given up: beyond
    /// [`MAX_SERIES`], the series that has waited longest is added to those of [`RELEASED`].
    pub(crate) fn add(&mut self, tap: &TapInfo, counts: TapCounts) {
        self.additions += 1;
        self.put(tap, counts, self.additions);
        if self.series.len() > MAX_SERIES
            && let Some(oldest) = self.oldest()
            && let Some(series) = self.series.remove(&oldest)
        {
            let tap = TapInfo { interface: RELEASED.to_owned(), ..series.tap };
            self.put(&tap, series.counts, u64::MAX);
        }
    }

    /// A reading for each series.
    pub(crate) fn readings(&self) -> impl Iterator<Item = TapReading> {
        self.series
            .values()
            .map(|series| TapReading { tap: series.tap.clone(), counts: series.counts })
    }

    fn put(&mut self, tap: &TapInfo, counts: TapCounts, added: u64) {
        let labels = (tap.interface.clone(), tap.hook, tap.direction);
        let series = self.series.entry(labels).or_insert_with(|| Series {
            tap: tap.clone(),
            counts: TapCounts::default(),
            added,
        });
        series.tap = tap.clone();
        series.counts += counts;
        series.added = added;
    }

    fn oldest(&self) -> Option<Labels> {
        let oldest = self.series.iter().min_by_key(|(_, series)| series.added);
        oldest.map(|(labels, _)| labels.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tap(interface: &str) -> TapInfo {
        let (hook, direction) = (Hook::Tc, Direction::Ingress);
        let interface = interface.to_owned();
        let since = std::time::UNIX_EPOCH;
        TapInfo { number: 1, interface, ifindex: 7, hook, direction, how: "", since }
    }

    fn counts(seen: u64) -> TapCounts {
        TapCounts { seen, published: seen, ..TapCounts::default() }
    }

    fn seen(past: &Past, interface: &str) -> Option<u64> {
        past.readings().find(|it| it.tap.interface == interface).map(|it| it.counts.seen)
    }

    #[test]
    fn one_name_is_one_series() {
        let mut past = Past::default();
        past.add(&tap("a"), counts(3));
        past.add(&tap("b"), counts(5));
        past.add(&TapInfo { number: 9, ..tap("a") }, counts(4));
        assert_eq!((seen(&past, "a"), seen(&past, "b")), (Some(7), Some(5)));
        assert_eq!(past.readings().find(|it| it.tap.interface == "a").unwrap().tap.number, 9);
    }

    #[test]
    fn names_without_end_are_bounded_and_no_count_is_given_up() {
        let mut past = Past::default();
        let names = MAX_SERIES as u64 * 3;
        past.add(&tap("first"), counts(1));
        for name in 1..names {
            past.add(&tap(&format!("veth{name}")), counts(1));
            past.add(&tap("first"), counts(0));
        }
        assert!(past.readings().count() <= MAX_SERIES);
        assert_eq!(past.readings().map(|it| it.counts.seen).sum::<u64>(), names);
        assert_eq!(seen(&past, "first"), Some(1), "what is in use stays");
        assert_eq!(seen(&past, "veth1"), None);
        let kept = past.readings().count() as u64;
        assert_eq!(seen(&past, RELEASED), Some(names - (kept - 1)));
    }
}
