//! The taps of a status.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::SystemTime,
};

use ringtap_pipeline::ledger::{LossReason, TapCounts};
use ringtap_record::{Direction, Hook};
use ringtap_tap::{Sight, TapError, TapInfo, TapReading, TapVisibility, Taps};

use super::unix_ms;
use crate::{
    app::accounts::SharedTaps,
    control::{SightReport, TapReport},
};

/// Taps count while they are read, so a reading can catch a packet between two of its counters.
const READINGS: usize = 8;

/// What is told as one: interface, hook and direction.
type Labels = (String, Hook, Direction);

/// One for each interface, hook and direction. What can't be told is among the problems.
pub(super) fn reports(taps: &SharedTaps, problems: &mut Vec<String>) -> Vec<TapReport> {
    let mut sights = sights(taps).unwrap_or_else(|error| {
        problems.push(format!("what runs before the taps can't be told: {error}"));
        BTreeMap::new()
    });
    let readings = readings(taps).unwrap_or_else(|error| {
        problems.push(format!("what the taps counted can't be read: {error}"));
        BTreeMap::new()
    });
    let report = |reading: Reading| {
        let sight = sights.remove(&reading.tap.number).filter(|_| reading.attached);
        tap(reading, sight.map(sight_report))
    };
    readings.into_values().map(report).collect()
}

/// By the tap's number.
fn sights(taps: &SharedTaps) -> Result<BTreeMap<u16, Sight>, TapError> {
    let found = taps.with(|taps| taps.visibility())?.into_iter();
    Ok(found.map(|TapVisibility { tap, sight }| (tap.number, sight)).collect())
}

/// What all taps of the same labels counted.
struct Reading {
    /// The one that is attached, else the last one.
    tap: TapInfo,
    counts: TapCounts,
    attached: bool,
}

/// Once more while a tap's counts don't close, as long as that may help.
fn readings(taps: &SharedTaps) -> Result<BTreeMap<Labels, Reading>, TapError> {
    let mut readings = taps.with(|taps| read(taps))?;
    for _ in 1..READINGS {
        if readings.values().all(|reading| reading.counts.closes()) {
            break;
        }
        readings = taps.with(|taps| read(taps))?;
    }
    Ok(readings)
}

fn read(taps: &Taps) -> Result<BTreeMap<Labels, Reading>, TapError> {
    // With its name: a tap that counts under a new one has left counts behind under the old.
    let attached: BTreeSet<_> = taps.attached().map(|tap| (tap.number, &tap.interface)).collect();
    let mut sums = BTreeMap::new();
    for reading in taps.readings()? {
        let attached = attached.contains(&(reading.tap.number, &reading.tap.interface));
        add(&mut sums, reading, attached);
    }
    Ok(sums)
}

fn add(sums: &mut BTreeMap<Labels, Reading>, reading: TapReading, attached: bool) {
    let TapReading { tap, counts } = reading;
    let rank = |tap: &TapInfo, attached: bool| -> (bool, SystemTime) { (attached, tap.since) };
    let labels = (tap.interface.clone(), tap.hook, tap.direction);
    let Some(known) = sums.get_mut(&labels) else {
        sums.insert(labels, Reading { tap, counts, attached });
        return;
    };
    known.counts += counts;
    if rank(&tap, attached) > rank(&known.tap, known.attached) {
        (known.tap, known.attached) = (tap, attached);
    }
}

fn sight_report(sight: Sight) -> SightReport {
    let (state, behind, passed) = match sight {
        Sight::Clear => ("clear", Vec::new(), None),
        Sight::Behind(behind) => ("behind", behind, None),
        Sight::Blind { passed, behind } => ("blind", behind, Some(passed)),
    };
    let behind = behind.iter().map(ToString::to_string).collect();
    SightReport { state: state.to_owned(), behind, passed }
}

fn tap(Reading { tap, counts, attached }: Reading, sight: Option<SightReport>) -> TapReport {
    let TapInfo { interface, ifindex, hook, direction, how, since, .. } = tap;
    let TapCounts { seen, uninterested, sampled_out, published, lost } = counts;
    let lost_total = counts.lost_total();
    let ended = counts.ended();
    let lost = LossReason::ALL.into_iter().zip(lost);
    TapReport {
        interface,
        ifindex,
        hook: hook.name().to_owned(),
        direction: direction.name().to_owned(),
        how: how.to_owned(),
        attached,
        sight,
        since_ms: unix_ms(since),
        seen,
        uninterested,
        sampled_out,
        lost: lost.map(|(reason, count)| (reason.name().to_owned(), count)).collect(),
        lost_total,
        published,
        in_flight: seen.saturating_sub(ended),
        closes: counts.closes(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn info(ifindex: u32, since_ms: u64) -> TapInfo {
        TapInfo {
            number: ifindex as u16,
            interface: "eth0".to_owned(),
            ifindex,
            hook: Hook::Tc,
            direction: Direction::Egress,
            how: "TCX link",
            since: UNIX_EPOCH + Duration::from_millis(since_ms),
        }
    }

    fn report(counts: TapCounts) -> TapReport {
        tap(Reading { tap: info(2, 1500), counts, attached: true }, None)
    }

    #[test]
    fn taps_of_the_same_name_are_one() {
        let counts = TapCounts { seen: 3, published: 3, ..TapCounts::default() };
        // The clock of the system may have been set back meanwhile.
        let taps = [(2, 10, false), (3, 5, true), (1, 20, false)];
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            let mut sums = BTreeMap::new();
            for (ifindex, since_ms, attached) in order.map(|at| taps[at]) {
                add(&mut sums, TapReading { tap: info(ifindex, since_ms), counts }, attached);
            }
            let reports: Vec<_> = sums.into_values().map(|sum| tap(sum, None)).collect();
            let [report] = &reports[..] else { panic!("{reports:?}") };
            assert_eq!((report.ifindex, report.since_ms, report.attached), (3, 5, true));
            assert_eq!((report.seen, report.published, report.closes), (9, 9, true));
        }
    }

    #[test]
    fn what_has_not_ended_is_in_flight_and_does_not_close() {
        let counts =
            TapCounts { seen: 10, uninterested: 1, sampled_out: 2, published: 3, lost: [1, 1, 0] };
        let open = report(counts);
        assert_eq!((open.in_flight, open.lost_total, open.closes), (2, 2, false));
        let lost = [("no_ring", 1), ("ring_busy", 0), ("ring_full", 1)];
        assert_eq!(open.lost, lost.map(|(reason, count)| (reason.to_owned(), count)).into());
        assert_eq!(open.since_ms, 1500);
        let whole = report(TapCounts { seen: 8, ..counts });
        assert_eq!((whole.in_flight, whole.closes), (0, true));
        // More ends than beginnings: read while it counted.
        let torn = report(TapCounts { seen: 7, ..counts });
        assert_eq!((torn.in_flight, torn.closes), (0, false));
    }
}
