//! The kernel judges packets as the host does, by whole tables only, and samples as it should.

mod bench;
#[path = "../../interest/tests/support/mod.rs"]
mod support;

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use bench::{Bench, TAPS, skip};
use ringtap_interest::{Filter, Interest, Keys, RuleSet, SampleBy, Sampling, Tables};
use ringtap_pipeline::{batch::Collected, ledger::TapCounts};
use ringtap_record::{PacketRecord, Start, parse};
use ringtap_tap::{
    Attachment, Config, TapError, Taps, XdpMode,
    test_run::{register, runs},
};
use support::{Dialect, Packet, filters, packets, samples};

/// Filters that are judged by at the same time.
const TOGETHER: usize = 5;
const ROUNDS: usize = 400;
const PACKETS_A_ROUND: usize = 10;

fn interest(text: &str) -> Interest {
    Filter::parse(text).unwrap_or_else(|error| panic!("{error}")).into()
}

fn sampled(text: &str, one_in: u32, by: SampleBy) -> Interest {
    Interest { sampling: Sampling::new(one_in, by).unwrap(), ..interest(text) }
}

/// What the host makes of a packet that a tap sees on the loopback interface.
fn on_the_host(tap: Attachment, frame: &[u8]) -> Keys {
    let mut record = PacketRecord {
        wire_len: frame.len() as u32,
        ifindex: 1,
        hook: tap.hook() as u8,
        direction: tap.direction() as u8,
        ..PacketRecord::default()
    };
    parse(frame, Start::Ethernet, 0, &mut record);
    Keys::of(&record)
}

#[test]
fn kernel_and_host_agree_on_thousands_of_filters_and_packets() {
    let Some(mut bench) = Bench::new() else { return };
    let texts = samples(&filters(Dialect::Ours), ROUNDS * TOGETHER);
    let frames: Vec<_> =
        samples(&packets(), ROUNDS * PACKETS_A_ROUND).iter().map(Packet::frame).collect();
    let (mut used, mut matched, mut judged) = (0, 0, 0);
    for (texts, frames) in texts.chunks(TOGETHER).zip(frames.chunks(PACKETS_A_ROUND)) {
        // Some contradict themselves, and have no rules.
        let parsed = texts.iter().filter_map(|text| Filter::parse(text).ok());
        let interests: Vec<Interest> = parsed.map(Interest::from).collect();
        let all: Vec<_> = interests.iter().collect();
        let Ok(_) = Tables::compile(&all, &[]) else { continue };
        bench.install(&all);
        used += interests.len();
        for (frame, tap) in frames.iter().flat_map(|frame| TAPS.map(|tap| (frame, tap))) {
            let expected = bench.tables.classify(&on_the_host(tap, frame));
            let kept = bench.see(tap, frame).map_or(RuleSet::EMPTY, |seen| seen.kept);
            assert_eq!(kept, expected, "{tap:?} {texts:?} {frame:02x?}");
            judged += 1;
            matched += u32::from(!kept.is_empty());
        }
    }
    assert!(used > ROUNDS * TOGETHER / 2, "only {used} filters could be used");
    assert!((judged / 10..judged * 99 / 100).contains(&matched), "{matched} of {judged} matched");
    let counts = bench.counts();
    assert_eq!(
        (counts.published, counts.uninterested),
        (matched.into(), (judged - matched).into())
    );
}

#[test]
fn a_sample_by_packet_leaves_out_what_it_should() {
    const TIMES: u32 = 2_000;
    let Some(mut bench) = Bench::new() else { return };
    let all = samples(&packets(), 1);
    bench.install(&[&sampled("", 4, SampleBy::Packet), &sampled("", 20, SampleBy::Packet)]);
    let [fourth, twentieth] = [0, 1].map(|number| bench.tables.interest(number).unwrap());
    let seen: Vec<_> =
        (0..20).flat_map(|_| bench.see_again(TAPS[0], &all[0].frame(), TIMES)).collect();
    let counts = bench.counts();
    assert_eq!((counts.seen, counts.lost), (20 * u64::from(TIMES), [0; 3]));
    assert_eq!(counts.sampled_out, counts.seen - seen.len() as u64);
    // Within six standard deviations, which chance leaves once in 500 million runs.
    assert!((9_480..10_520).contains(&seen.len()), "{}", seen.len());
    assert!(seen.iter().all(|one| one.kept.meets(fourth)));
    let both = seen.iter().filter(|one| one.kept.meets(twentieth)).count();
    assert!((1_738..2_262).contains(&both), "{both}");
}

#[test]
fn a_sample_by_flow_keeps_whole_flows_in_both_directions() {
    let Some(mut bench) = Bench::new() else { return };
    bench.install(&[&sampled("udp", 4, SampleBy::Flow)]);
    let udp = |src: [u8; 6], dst: [u8; 6]| {
        let mut frame = vec![2; 12];
        frame.extend([8, 0, 0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0, 0]);
        frame.extend([&src[..4], &dst[..4], &src[4..], &dst[4..], &[0, 8, 0, 0]].concat());
        frame
    };
    let mut kept = 0;
    for flow in 0..400_u16 {
        let [hi, lo] = flow.to_be_bytes();
        let (here, there) = ([10, 0, 0, 1, 4 + hi, lo], [10, 0, 0, 2, 0, 53]);
        let there_and_back = [udp(here, there), udp(there, here)];
        let seen =
            there_and_back.map(|frame| TAPS.map(|tap| bench.see_again(tap, &frame, 3).len()));
        assert!(seen == [[3; 3]; 2] || seen == [[0; 3]; 2], "flow {flow}: {seen:?}");
        kept += u32::from(seen[0][0] == 3);
    }
    // 100 of 400, within six standard deviations.
    assert!((48..152).contains(&kept), "{kept}");
    let counts = bench.counts();
    assert_eq!((counts.published, counts.uninterested), (u64::from(kept) * 18, 0));
    assert_eq!(counts.sampled_out, counts.seen - counts.published);
}

/// Sets of interests that have as little as possible in common. All take the packet, by rules of
/// other numbers that are behind other nodes and sets. They are three, so that none is twice in a
/// row in the same one of two places.
fn takers() -> [Vec<Interest>; 3] {
    let behind = |others: u16, own: &[&str]| {
        let rule = |n| format!("udp dst port {n} and src port {}", 2 * n);
        let others = (1000..1000 + others).map(rule);
        others.chain(own.iter().map(|own| (*own).to_owned())).map(|text| interest(&text)).collect()
    };
    [
        behind(30, &["src net 10.0.0.0/9 and dst port 53 and ttl 64", "dst host 10.0.0.2"]),
        behind(45, &["dst net 10.0.0.0/24 and src port 1024"]),
        behind(60, &["udp and less 200", "src host 10.0.0.1 and ip", "inbound and iface lo"]),
    ]
}

#[test]
fn no_packet_is_judged_by_half_of_a_table() {
    const INSTALLS: u32 = 100;
    let mut taps = match Taps::load(Config { ring_bytes: 4 << 20, ..Config::default() }) {
        Err(error @ TapError::Privilege { .. }) => return skip(format_args!("{error}")),
        loaded => loaded.unwrap(),
    };
    let mut frame = vec![2; 12];
    frame.extend([8, 0, 0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    frame.extend([4, 0, 0, 53, 0, 8, 0, 0]);
    let tap = Attachment::XdpIngress(XdpMode::Auto);
    let tables =
        takers().map(|set| Tables::compile(&set.iter().collect::<Vec<_>>(), &[("lo", 1)]).unwrap());
    let expected = tables.each_ref().map(|tables| tables.classify(&on_the_host(tap, &frame)));
    assert!(
        expected.iter().all(|rules| !rules.is_empty())
            && expected[0] != expected[1]
            && expected[1] != expected[2]
    );

    let (mut right, mut by_generation) = (0_u64, vec![0_u64; INSTALLS as usize + 2]);
    let (done, runs_done) = (AtomicBool::new(false), AtomicU64::new(0));
    let interfaces = ringtap_net::interfaces().unwrap();
    let (send, collected) = std::sync::mpsc::channel::<Collected>();
    let reader = taps.reader(move |collected| send.send(collected).unwrap());
    let handle = reader.handle();
    let loopback = interfaces.iter().find(|interface| interface.index == 1).unwrap();
    register(&mut taps, loopback, tap).unwrap();
    taps.install(&tables[1], 1).unwrap();
    let mut packets = runs(&mut taps, tap).unwrap();
    thread::scope(|scope| {
        let reading = scope.spawn(|| reader.run());
        let traffic = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                packets(&frame, 500).unwrap();
                runs_done.fetch_add(1, Ordering::Relaxed);
            }
        });
        for generation in 2..INSTALLS + 2 {
            taps.install(&tables[generation as usize % 3], generation).unwrap();
            handle.catch_up(generation);
            // One run begins and ends with these tables.
            let enough = runs_done.load(Ordering::Relaxed) + 2;
            let deadline = Instant::now() + Duration::from_secs(20);
            while runs_done.load(Ordering::Relaxed) < enough {
                assert!(Instant::now() < deadline, "no packets came");
                thread::yield_now();
            }
        }
        done.store(true, Ordering::Relaxed);
        traffic.join().unwrap();
        handle.stop();
        reading.join().unwrap();
    });
    for batch in collected {
        for kept in batch.kept.iter() {
            assert_eq!(kept, expected[batch.generation as usize % 3], "{}", batch.generation);
            right += 1;
        }
        by_generation[batch.generation as usize] += batch.records.len() as u64;
    }
    let TapCounts { seen, uninterested, published, lost, .. } = taps.readings().unwrap()[0].counts;
    assert_eq!((uninterested, published, seen), (0, right, published + lost[0]));
    assert!(lost[0] > 0 || by_generation[2..].iter().all(|records| *records >= 500));
}
