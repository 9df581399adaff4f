use ringtap_plugin::{
    TcpFlags, Value,
    testing::{Harness, Record},
};

use crate::TcpHealth;

const MS: u64 = 1_000_000;
const SECOND: u64 = 1000 * MS;
const SERVICE: &str = "192.0.2.1:443";
const SYN_ACK: TcpFlags = TcpFlags(TcpFlags::SYN.0 | TcpFlags::ACK.0);

fn start(config: &str) -> Harness<TcpHealth> {
    Harness::new(config).unwrap()
}

/// A segment with so many bytes of data from the client of this port, or to it.
fn segment(port: u16, up: bool, flags: TcpFlags, seq: u32, data: u64) -> Record {
    let client = format!("198.51.100.7:{port}");
    let (src, dst) = if up { (client.as_str(), SERVICE) } else { (SERVICE, client.as_str()) };
    Record::tcp(src, dst, flags)
        .set("tcp_seq", seq.into())
        .set("tcp_window", 500)
        .set("l3_offset", 14)
        .set("l7_offset", 54)
        .set("ip_len", 40 + data)
}

fn up(seq: u32, data: u64) -> Record {
    segment(1000, true, TcpFlags::ACK, seq, data)
}

fn count(host: &Harness<TcpHealth>, what: &str) -> Option<f64> {
    host.metric(&format!("tcp_health_{what}"), &[("service", SERVICE)])
}

#[test]
fn a_handshake_is_timed_whichever_packet_comes_first() {
    let syn = |port, at| segment(port, true, TcpFlags::SYN, 9, 0).at(at);
    let answer = |port, at| segment(port, false, SYN_ACK, 5, 0).at(at);
    let mut host = start("");
    host.packets(&[syn(1, SECOND), answer(1, SECOND + 20 * MS)]);
    host.packets(&[answer(2, SECOND + 30 * MS), syn(2, SECOND)]);
    // Sent again: from the first one on.
    host.packets(&[syn(3, SECOND), syn(3, 2 * SECOND), answer(3, 2 * SECOND + 10 * MS)]);
    assert_eq!(count(&host, "handshake_seconds"), Some(0.02 + 0.03 + 1.01));
    assert_eq!(count(&host, "connections_total"), Some(3.0));
    assert_eq!(count(&host, "retransmissions_total"), Some(1.0));
}

#[test]
fn data_that_was_sent_before_is_a_retransmission() {
    let mut host = start("");
    host.packets(&[up(100, 50).at(1), up(150, 50).at(2), up(200, 0).at(3)]);
    assert_eq!(count(&host, "retransmissions_total"), None);
    host.packets(&[up(150, 50).at(4), up(100, 100).at(5), up(150, 60).at(6)]);
    assert_eq!(count(&host, "retransmissions_total"), Some(2.0), "the last one has new data");
    assert_eq!(count(&host, "segments_total"), Some(5.0));
    // Sent before those, and seen later: another CPU's.
    host.packets(&[up(180, 20).at(2)]);
    assert_eq!(count(&host, "retransmissions_total"), Some(2.0));
}

#[test]
fn sequence_numbers_wrap_around() {
    let mut host = start("");
    host.packets(&[up(u32::MAX - 9, 20).at(1), up(10, 20).at(2)]);
    assert_eq!(count(&host, "retransmissions_total"), None);
    host.packets(&[up(u32::MAX - 9, 20).at(3)]);
    assert_eq!(count(&host, "retransmissions_total"), Some(1.0));
}

#[test]
fn a_packet_that_passes_two_taps_counts_once() {
    let mut host = start("");
    host.packets(&[up(1, 10).at(1).set("tap", 1), up(1, 10).at(2).set("tap", 2)]);
    assert_eq!(count(&host, "segments_total"), Some(1.0));
    assert_eq!(count(&host, "retransmissions_total"), None);
}

#[test]
fn resets_and_closed_windows_are_counted_once() {
    let mut host = start("");
    let closed = |seq| up(seq, 0).set("tcp_window", 0);
    host.packets(&[up(1, 10), closed(2), closed(2), up(2, 0), closed(2)]);
    assert_eq!(count(&host, "zero_windows_total"), Some(2.0));
    let reset = segment(1000, false, TcpFlags::RST, 1, 0).set("tcp_window", 0);
    host.packets(&[reset, reset]);
    assert_eq!(
        (count(&host, "resets_total"), count(&host, "zero_windows_total")),
        (Some(1.0), Some(2.0))
    );
}

#[test]
fn trouble_is_told_with_its_rate_at_the_end_of_a_window() {
    let mut host = start("window = 2\nleast = 4\nretransmit_percent = 25");
    host.tick(SECOND);
    host.packets(&[up(1, 10).at(1), up(11, 10).at(2), up(1, 10).at(3), up(1, 10).at(4)]);
    host.tick(2 * SECOND);
    assert_eq!(host.take_events(), []);
    host.tick(3 * SECOND);
    let events = host.take_events();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].kind(), "tcp_trouble");
    assert_eq!(events[0].text("service"), Some(SERVICE));
    assert_eq!(events[0].text("what"), Some("retransmissions"));
    assert_eq!((events[0].uint("count"), events[0].uint("of")), (Some(2), Some(4)));
    assert_eq!(events[0].value("percent"), Some(&Value::Float(50.0)));
    host.tick(5 * SECOND);
    assert_eq!(host.take_events(), [], "a window begins with nothing");
}

#[test]
fn services_and_connections_are_bounded() {
    let mut host = start("services = 1\nconnections = 16");
    for port in 0..20 {
        host.packets(&[segment(2000 + port, true, TcpFlags::SYN, 1, 0).at(SECOND)]);
    }
    assert_eq!(host.metric("tcp_health_tracked_connections", &[]), Some(16.0));
    assert_eq!(host.metric("tcp_health_untracked_packets_total", &[]), Some(4.0));
    host.tick(62 * SECOND);
    assert_eq!(host.metric("tcp_health_tracked_connections", &[]), Some(0.0));
    host.packets(&[Record::tcp("10.0.0.1:5", "10.0.0.2:80", TcpFlags::SYN)
        .at(62 * SECOND)
        .set("l3_offset", 14)
        .set("l7_offset", 54)
        .set("ip_len", 40)]);
    assert_eq!(host.metric("tcp_health_connections_total", &[("service", "other")]), Some(1.0));
    // Ten minutes later there is room.
    host.tick(700 * SECOND);
    assert_eq!(count(&host, "connections_total"), None);
}

#[test]
fn a_reload_makes_no_difference() {
    let run = |reload: bool| {
        let mut host = start("window = 2\nleast = 1");
        host.tick(SECOND);
        host.packets(&[segment(1, true, TcpFlags::SYN, 9, 0).at(SECOND), up(1, 10).at(SECOND)]);
        if reload {
            host.reload("window = 2\nleast = 1").unwrap();
        }
        host.packets(&[
            segment(1, false, SYN_ACK, 5, 0).at(SECOND + MS),
            up(1, 10).at(SECOND + MS),
        ]);
        host.tick(3 * SECOND);
        let counts = ["handshake_seconds", "retransmissions_total", "segments_total"];
        (counts.map(|what| count(&host, what)), host.take_events())
    };
    assert_eq!(run(true), run(false));
    assert_eq!(run(true).0, [Some(0.001), Some(1.0), Some(2.0)]);
}

#[test]
fn what_an_earlier_version_showed_is_forgotten_too() {
    let mut host = start("");
    host.packets(&[up(1, 10).at(SECOND)]);
    host.reload("").unwrap();
    host.tick(SECOND);
    host.tick(700 * SECOND);
    assert_eq!(count(&host, "segments_total"), None);
}

#[test]
fn a_damaged_state_is_refused() {
    let mut host = start("");
    host.packets(&[up(1, 10)]);
    let saved = host.save().unwrap();
    for end in 0..saved.len() {
        assert!(start("").restore(1, &saved[..end]).is_err(), "{end}");
    }
    assert!(start("").restore(1, &[&saved[..], &[0]].concat()).is_err());
}
