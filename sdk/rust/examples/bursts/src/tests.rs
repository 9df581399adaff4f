use ringtap_plugin::{
    Value,
    testing::{Harness, Record},
};

use super::Bursts;

const SECOND: u64 = 1_000_000_000;

#[test]
fn only_a_second_over_the_limit_is_told() {
    let mut host = Harness::<Bursts>::new("mbit_per_second = 1").unwrap();
    host.name_interface(1, "eth0");
    let packet = Record::udp("192.0.2.1:5000", "192.0.2.2:53").len(1250);

    host.packets(&[packet; 100]);
    host.tick(SECOND);
    assert_eq!(host.take_events(), []);

    host.packets(&[packet; 101]);
    host.tick(2 * SECOND);
    let events = host.take_events();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].kind(), "burst");
    assert_eq!(events[0].value("interface"), Some(&Value::from("eth0".to_owned())));
    assert_eq!(events[0].value("bytes"), Some(&Value::Uint(126_250)));
    assert_eq!(host.metric("bursts_packet_bytes", &[]), Some(251_250.0));
}

#[test]
fn a_key_that_is_misspelt_refuses_the_plugin() {
    let refusal = Harness::<Bursts>::new("mbit_per_secnod = 1").unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "config key `mbit_per_secnod` is not known; there are: mbit_per_second"
    );
}
