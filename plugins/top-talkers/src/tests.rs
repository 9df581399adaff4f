use ringtap_plugin::testing::{Harness, Record};

use crate::TopTalkers;

const SECOND: u64 = 1_000_000_000;

fn start(config: &str) -> Harness<TopTalkers> {
    Harness::new(config).unwrap()
}

fn packet(host: u32, len: u32) -> Record {
    let [_, a, b, c] = host.to_be_bytes();
    Record::udp(&format!("10.{a}.{b}.{c}:1"), "192.0.2.1:2").len(len)
}

fn bytes_of(host: &Harness<TopTalkers>, src: &str) -> Option<f64> {
    host.metric("top_talkers_bytes_total", &[("src", src), ("dst", "192.0.2.1")])
}

fn untracked(host: &Harness<TopTalkers>, reason: &str) -> f64 {
    host.metric("top_talkers_untracked_bytes_total", &[("reason", reason)]).unwrap()
}

#[test]
fn a_pair_has_its_bytes_and_packets() {
    let mut host = start("");
    host.packets(&[packet(1, 100), packet(1, 50), packet(2, 70), Record::frame().len(60)]);
    host.stop(SECOND);
    assert_eq!(
        (bytes_of(&host, "10.0.0.1"), bytes_of(&host, "10.0.0.2")),
        (Some(150.0), Some(70.0))
    );
    let labels = [("dst", "192.0.2.1"), ("src", "10.0.0.1")];
    assert_eq!(host.metric("top_talkers_packets_total", &labels), Some(2.0));
    assert_eq!(host.metric("top_talkers_seen_bytes_total", &[]), Some(280.0));
    assert_eq!(host.metric("top_talkers_seen_packets_total", &[]), Some(4.0));
    assert_eq!(untracked(&host, "not_ip"), 60.0);
    assert_eq!(host.metric("top_talkers_pairs", &[]), Some(2.0));
}

#[test]
fn only_the_top_is_shown_and_a_pair_that_comes_back_goes_on() {
    let mut host = start("top = 1");
    host.packets(&[packet(1, 100), packet(2, 70)]);
    host.tick(SECOND);
    assert_eq!((bytes_of(&host, "10.0.0.1"), bytes_of(&host, "10.0.0.2")), (Some(100.0), None));
    host.packets(&[packet(2, 70)]);
    host.tick(2 * SECOND);
    assert_eq!((bytes_of(&host, "10.0.0.1"), bytes_of(&host, "10.0.0.2")), (None, Some(140.0)));
    host.packets(&[packet(1, 100)]);
    host.tick(3 * SECOND);
    assert_eq!((bytes_of(&host, "10.0.0.1"), bytes_of(&host, "10.0.0.2")), (Some(200.0), None));
}

#[test]
fn a_sample_is_scaled_up() {
    let mut host = start("");
    host.packets(&[packet(1, 100).sampled(50), packet(2, 70), Record::frame().len(60).sampled(2)]);
    host.stop(SECOND);
    assert_eq!(
        (bytes_of(&host, "10.0.0.1"), bytes_of(&host, "10.0.0.2")),
        (Some(5000.0), Some(70.0))
    );
    assert_eq!(host.metric("top_talkers_seen_packets_total", &[]), Some(53.0));
    assert_eq!(untracked(&host, "not_ip"), 120.0);
}

#[test]
fn old_bytes_lose_weight() {
    let mut host = start("top = 1\nhalf_life = 10");
    host.packets(&[packet(1, 1000)]);
    host.tick(SECOND);
    host.packets(&[packet(2, 300)]);
    host.tick(2 * SECOND);
    assert_eq!(bytes_of(&host, "10.0.0.2"), None);
    host.tick(12 * SECOND);
    host.packets(&[packet(2, 400)]);
    host.tick(13 * SECOND);
    assert_eq!((bytes_of(&host, "10.0.0.1"), bytes_of(&host, "10.0.0.2")), (None, Some(700.0)));
}

#[test]
fn a_full_table_drops_light_pairs_and_no_byte() {
    let mut host = start("top = 4\ntable = 64");
    host.packets(&[packet(0, 1500), packet(1, 1400)]);
    host.tick(SECOND);
    for first in (100..10_100).step_by(500) {
        let flood: Vec<_> = (first..first + 500).map(|host| packet(host, 60)).collect();
        host.packets(&flood);
    }
    host.packets(&[packet(0, 1500), packet(1, 1400)]);
    host.stop(2 * SECOND);
    assert_eq!(bytes_of(&host, "10.0.0.0"), Some(3000.0));
    assert_eq!(bytes_of(&host, "10.0.0.1"), Some(2800.0));
    let pairs = host.metric("top_talkers_pairs", &[]).unwrap();
    assert!((4.0..=64.0).contains(&pairs), "{pairs}");
    let tracked = 5800.0 + (pairs - 2.0) * 60.0;
    let seen = host.metric("top_talkers_seen_bytes_total", &[]).unwrap();
    assert_eq!((seen, untracked(&host, "table_full")), (605_800.0, 605_800.0 - tracked));
    assert_eq!(host.metrics("top_talkers_bytes_total").len(), 4);
}

#[test]
fn a_limit_on_series_costs_no_count() {
    let mut host = start("top = 2");
    host.limit_series(9);
    host.packets(&[packet(1, 100), packet(2, 70)]);
    host.tick(SECOND);
    host.tick(2 * SECOND);
    let shown = |host: &Harness<_>| ["10.0.0.1", "10.0.0.2"].map(|src| bytes_of(host, src));
    assert_eq!(shown(&host), [Some(100.0), None]);
    assert_eq!(host.take_log().len(), 1);
    host.limit_series(11);
    host.stop(3 * SECOND);
    assert_eq!(shown(&host), [Some(100.0), Some(70.0)]);
    let overflow =
        host.metric("top_talkers_bytes_total", &[("src", "(overflow)"), ("dst", "(overflow)")]);
    assert_eq!(overflow, Some(0.0));
}

#[test]
fn a_bad_config_is_refused_with_its_key() {
    let refusal = |config| Harness::<TopTalkers>::new(config).unwrap_err().to_string();
    let range = "won't do, it must be a whole number from 1 to";
    assert_eq!(refusal("top = 0"), format!("config key `top`: 0 {range} 1000"));
    assert_eq!(refusal("table = 64\ntop = 17"), format!("config key `top`: 17 {range} 16"));
    assert_eq!(
        refusal("tops = 3"),
        "config key `tops` is not known; there are: table, top, half_life"
    );
}
