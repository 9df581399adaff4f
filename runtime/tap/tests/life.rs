//! Taps that come and go on real interfaces: their numbers, their counts, and who is before them.

use ringtap_interest::{Interest, Tables};
use ringtap_lab::{
    Family, Lab, LabConfig, Side,
    traffic::{self, Path},
};
use ringtap_net::{Interface, interface_named};
use ringtap_pipeline::ledger::TapCounts;
use ringtap_record::abi::MAX_TAPS;
use ringtap_tap::{
    Attachment, Config, Held, Reader, Sight, TapError, TapInfo, TapVisibility, Taps, TcMode,
};
use ringtap_tests::{ForeignProgram, lab, skip};

const INGRESS: Attachment = Attachment::TcIngress(TcMode::Link);
const EGRESS: Attachment = Attachment::TcEgress(TcMode::Link);

/// Taps on the near side of a lab. What they publish fills the rings.
struct Bench {
    lab: Lab,
    taps: Taps,
    _reader: Reader,
}

impl Bench {
    /// `None`, said aloud, where the kernel does not let us.
    fn new() -> Option<Self> {
        let lab = lab(LabConfig::default())?;
        let mut taps = match Taps::load(Config { ring_bytes: 1 << 16, ..Config::default() }) {
            Err(error @ TapError::Privilege { .. }) => {
                skip(format_args!("{error}"));
                return None;
            }
            loaded => loaded.unwrap(),
        };
        let reader = taps.reader(drop);
        let everything = Tables::compile(&[&Interest::everything()], &[]).unwrap();
        taps.install(&everything, 1).unwrap();
        Some(Self { lab, taps, _reader: reader })
    }

    fn attach(&mut self, attachments: &[Attachment]) -> Vec<TapInfo> {
        let Self { lab, taps, .. } = self;
        let attach = || {
            let near = near();
            attachments.iter().map(|it| taps.attach(&near, *it).unwrap()).collect()
        };
        lab.inside(Side::Near, attach).unwrap()
    }

    fn detach(&mut self, ifindex: u32) -> Vec<TapInfo> {
        let Self { lab, taps, .. } = self;
        lab.inside(Side::Near, || taps.detach(&[ifindex])).unwrap().unwrap()
    }

    fn look(&mut self) -> Vec<TapVisibility> {
        let Self { lab, taps, .. } = self;
        lab.inside(Side::Near, || taps.visibility()).unwrap().unwrap()
    }

    fn send(&self, from: Side, packets: u64) {
        assert_eq!(
            traffic::udp(&self.lab, Path::new(from, Family::V4), packets, 10).unwrap(),
            packets
        );
    }

    /// What was counted, by interface.
    fn counts(&self) -> Vec<(String, TapCounts)> {
        let readings = self.taps.readings().unwrap();
        readings.into_iter().map(|it| (it.tap.interface, it.counts)).collect()
    }
}

fn near() -> Interface {
    interface_named(Side::Near.interface()).unwrap().unwrap()
}

fn sum(counts: &[(String, TapCounts)], interface: &str) -> u64 {
    let of = counts.iter().filter(|(name, _)| name == interface);
    of.map(|(_, counts)| counts.seen).sum()
}

#[test]
fn numbers_of_taps_that_went_are_given_again_and_counts_stay_exact() {
    let Some(mut bench) = Bench::new() else { return };
    let all = MAX_TAPS as usize - 1;
    let mut numbers = Vec::new();
    for packets in [10, 20, 3] {
        let tap = bench.attach(&[INGRESS]).remove(0);
        bench.send(Side::Far, packets);
        numbers.push(tap.number);
        assert_eq!(bench.detach(tap.ifindex), [tap]);
        // Attempts that fail take a number each and give it back.
        for _ in 1..all {
            let nowhere =
                Interface { index: 99_999, ..bench.lab.inside(Side::Near, near).unwrap() };
            let attempt = bench.lab.inside(Side::Near, || bench.taps.attach(&nowhere, INGRESS));
            let error = attempt.unwrap().unwrap_err();
            assert!(error.is_gone(), "{error}");
        }
    }
    assert_eq!(numbers, [1, 1, 1], "numbers go round");
    let counts = bench.counts();
    assert_eq!(sum(&counts, "near0"), 33);
    bench.attach(&[INGRESS, EGRESS]);
    bench.send(Side::Far, 7);
    let counts = bench.counts();
    assert_eq!(sum(&counts, "near0"), 40);
    assert!(counts.iter().all(|(_, counts)| counts.closes()), "{counts:?}");
}

#[test]
fn counts_are_split_where_the_name_changes() {
    let Some(mut bench) = Bench::new() else { return };
    let ifindex = bench.attach(&[INGRESS])[0].ifindex;
    for (name, packets) in [("a", 3), ("b", 0), ("a", 5)] {
        bench.taps.rename(ifindex, name).unwrap();
        bench.send(Side::Far, packets);
    }
    let counts = bench.counts();
    assert_eq!(["near0", "a", "b"].map(|name| sum(&counts, name)), [0, 8, 0]);
    bench.detach(ifindex);
    assert_eq!(sum(&bench.counts(), "a"), 8);
    assert!(bench.counts().iter().all(|(_, counts)| counts.closes()));
}

#[test]
fn a_filter_is_behind_tcx_and_other_taps_hide_nothing() {
    let Some(mut bench) = Bench::new() else { return };
    let Some(mut other) = Bench::new() else { return };
    other.lab = bench.lab.clone();
    bench.attach(&[INGRESS, Attachment::TcEgress(TcMode::Filter)]);
    let sights =
        |bench: &mut Bench| bench.look().into_iter().map(|it| it.sight).collect::<Vec<_>>();
    assert_eq!(sights(&mut bench), [Sight::Clear, Sight::Clear]);
    other.attach(&[INGRESS, EGRESS]);
    assert_eq!(sights(&mut bench), [Sight::Clear, Sight::Clear]);
    bench.send(Side::Far, 5);
    assert_eq!(sights(&mut bench), [Sight::Clear, Sight::Clear]);
    assert_eq!([&bench, &other].map(|it| sum(&it.counts(), "near0")), [5, 5]);
}

#[test]
fn a_program_that_ends_the_chain_blinds_the_taps_behind_it() {
    let Some(mut bench) = Bench::new() else { return };
    bench.attach(&[INGRESS, Attachment::TcEgress(TcMode::Filter)]);
    let ending = ForeignProgram::ending(&bench.lab, Side::Near, true);
    let sight = |bench: &mut Bench| {
        let found = bench.look();
        assert_eq!(found[0].sight, Sight::Clear, "that is about the other direction");
        found[1].sight.clone()
    };
    let Sight::Behind(behind) = sight(&mut bench) else { panic!("{:?}", sight(&mut bench)) };
    assert_eq!((behind.len(), &behind[0].how), (1, &Held::Tcx));
    bench.send(Side::Near, 12);
    assert_eq!(sight(&mut bench), Sight::Blind { passed: 12, behind: behind.clone() });
    assert_eq!(sum(&bench.counts(), "near0"), 0);
    drop(ending);
    assert_eq!(sight(&mut bench), Sight::Clear);
    bench.send(Side::Near, 4);
    assert_eq!(sum(&bench.counts(), "near0"), 4);
}
