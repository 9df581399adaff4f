//! These run on this machine, with a host that keeps what it is told: `cargo test`.

use ringtap_plugin::{
    TcpFlags, Value,
    testing::{Harness, Record},
};

use super::Protocols;

const SECOND: u64 = 1_000_000_000;

fn host(config: &str) -> Harness<Protocols> {
    Harness::new(config).unwrap()
}

#[test]
fn packets_are_counted_by_protocol() {
    let mut host = host("");
    let udp = Record::udp("192.0.2.1:5000", "192.0.2.2:53").len(100);
    host.packets(&[
        udp,
        udp,
        Record::tcp("192.0.2.1:5000", "192.0.2.2:80", TcpFlags::SYN).len(60),
    ]);
    let metric = |name, protocol| host.metric(name, &[("protocol", protocol)]);
    assert_eq!(metric("{{ident}}_packets_total", "udp"), Some(2.0));
    assert_eq!(metric("{{ident}}_bytes_total", "udp"), Some(200.0));
    assert_eq!(metric("{{ident}}_packets_total", "tcp"), Some(1.0));
    assert_eq!(metric("{{ident}}_packets_total", "icmp"), None);
}

#[test]
fn reports_come_when_the_config_says() {
    let mut host = host("report_seconds = 2");
    host.packets(&[Record::udp("192.0.2.1:5000", "192.0.2.2:53").len(100)]);
    host.tick(10 * SECOND);
    host.tick(11 * SECOND);
    assert_eq!(host.take_events(), []);
    host.tick(12 * SECOND);
    let events = host.take_events();
    assert_eq!(events.len(), 1);
    assert_eq!(
        events[0].value("protocol"),
        Some(&Value::from("udp".to_owned()))
    );
    assert_eq!(events[0].value("bytes"), Some(&Value::Uint(100)));
}

#[test]
fn what_is_no_key_is_refused() {
    let refusal = Harness::<Protocols>::new("report_secs = 2").unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "config key `report_secs` is not known; there are: report_seconds"
    );
}

#[test]
fn the_next_version_goes_on_counting() {
    let packet = Record::udp("192.0.2.1:5000", "192.0.2.2:53").len(100);
    let mut host = host("");
    host.packets(&[packet]);
    host.reload("").unwrap();
    host.packets(&[packet]);
    host.stop(SECOND);
    let events = host.take_events();
    assert_eq!(events[0].value("packets"), Some(&Value::Uint(2)));
}

#[test]
fn a_damaged_state_is_refused() {
    assert!(super::saved::restore(b"-\nudp 1 2").is_ok());
    for saved in [
        "",
        "soon",
        "-\n",
        "5\nudp 1",
        "5\nudp 1 2 3",
        "5\nudp one 2",
        "-\nudp 1 2\nudp 3 4",
    ] {
        assert!(
            super::saved::restore(saved.as_bytes()).is_err(),
            "{saved:?}"
        );
    }
}
