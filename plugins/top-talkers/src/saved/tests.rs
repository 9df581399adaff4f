use ringtap_plugin::{
    State,
    testing::{Harness, Record, Rng},
};

use crate::TopTalkers;

const SECOND: u64 = 1_000_000_000;
const CALLS: u64 = 150;

/// Few hosts send much, many send little.
fn packet(rng: &mut Rng) -> Record {
    let src = match rng.below(3) {
        0 => rng.below(5),
        1 => 100 + rng.below(40),
        _ => 1000 + rng.below(3000),
    };
    let [.., a, b] = src.to_be_bytes();
    let packet = match rng.below(9) {
        0 => Record::frame(),
        1 => Record::udp(&format!("[fc00::{src}]:1"), "[fc00::1]:2"),
        _ => Record::udp(&format!("10.0.{a}.{b}:1"), "192.0.2.1:2"),
    };
    packet.len(60 + rng.below(1400) as u32)
}

type Shown = Vec<(Vec<(String, String)>, f64)>;

/// Every series, in an order that does not depend on when it was defined.
fn series(host: &Harness<TopTalkers>) -> Vec<Shown> {
    let names = [
        "top_talkers_bytes_total",
        "top_talkers_packets_total",
        "top_talkers_seen_bytes_total",
        "top_talkers_untracked_bytes_total",
        "top_talkers_untracked_packets_total",
        "top_talkers_pairs",
    ];
    let sorted = |name| {
        let mut series = host.metrics(name);
        series.sort_by(|a, b| a.0.cmp(&b.0));
        series
    };
    names.map(sorted).into()
}

/// What the operator sees after each tick. Where `reloads`, between some calls a new instance takes
/// over.
fn seen(seed: u64, reloads: bool) -> Vec<Vec<Shown>> {
    const CONFIG: &str = "top = 5\ntable = 64\nhalf_life = 3";
    let mut host = Harness::<TopTalkers>::new(CONFIG).unwrap();
    let (mut rng, mut when) = (Rng::new(seed), Rng::new(!seed));
    let mut after_each = Vec::new();
    for call in 1..=CALLS {
        if call % 5 == 0 {
            host.tick(call * SECOND / 3);
            after_each.push(series(&host));
        } else {
            host.packets(&(0..20).map(|_| packet(&mut rng)).collect::<Vec<_>>());
        }
        if reloads && when.below(3) == 0 {
            host.reload(CONFIG).unwrap();
        }
    }
    after_each
}

#[test]
fn reloads_change_nothing_that_can_be_seen() {
    for seed in 1..=20 {
        let (with, without) = (seen(seed, true), seen(seed, false));
        for (tick, (with, without)) in with.iter().zip(&without).enumerate() {
            assert_eq!(with, without, "seed {seed}, tick {tick}");
        }
    }
}

#[test]
fn a_smaller_table_drops_light_pairs_and_no_byte() {
    let mut host = Harness::<TopTalkers>::new("top = 100\ntable = 1000").unwrap();
    let packet =
        |host: u32| Record::udp(&format!("10.0.{}.{}:1", host / 250, host % 250), "192.0.2.1:2");
    let packets: Vec<_> = (0..900).map(|host| packet(host).len(60 + host)).collect();
    host.packets(&packets);
    host.tick(SECOND);
    assert_eq!(host.metrics("top_talkers_bytes_total").len(), 100);
    host.reload("top = 2\ntable = 16").unwrap();
    host.stop(2 * SECOND);
    let pairs = host.metric("top_talkers_pairs", &[]).unwrap();
    assert!((2.0..=16.0).contains(&pairs), "{pairs}");
    assert_eq!(host.metrics("top_talkers_bytes_total").len(), 2);
    let bytes = |src| host.metric("top_talkers_bytes_total", &[("src", src), ("dst", "192.0.2.1")]);
    assert_eq!((bytes("10.0.3.149"), bytes("10.0.3.148")), (Some(959.0), Some(958.0)));
    let full = [("reason", "table_full")];
    let dropped = host.metric("top_talkers_untracked_packets_total", &full).unwrap();
    assert_eq!(dropped + pairs, 900.0);
}

#[test]
fn garbage_is_refused_and_ends_nothing() {
    let mut host = Harness::<TopTalkers>::new("").unwrap();
    let mut rng = Rng::new(7);
    host.packets(&(0..60).map(|_| packet(&mut rng)).collect::<Vec<_>>());
    host.tick(SECOND);
    let saved = host.save().unwrap();
    let restore = |saved: &[u8]| {
        let mut host = Harness::<TopTalkers>::new("").unwrap();
        host.restore(TopTalkers::SCHEMA, saved).map(|()| host.plugin().table.len())
    };
    assert!(restore(&saved).unwrap() > 20);
    for len in 0..saved.len() {
        assert!(restore(&saved[..len]).is_err(), "the first {len} bytes");
    }
    assert!(restore(&[&saved[..], b"\0"].concat()).is_err());
    // Shown never, and as many pairs as a number can tell.
    assert!(restore(&[0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]).is_err());
    for _ in 0..5000 {
        let mut damaged = saved.clone();
        let at = rng.below(saved.len() as u64) as usize;
        damaged[at] ^= 1 << rng.below(8);
        // Some damage makes another pair. It must not make a panic.
        restore(&damaged).ok();
    }
}
