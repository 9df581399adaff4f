use std::collections::BTreeMap;

use ringtap_lab::{Family, Side};
use ringtap_tests::{Flow, PluginDirectory};
use serde_json::Value;

use crate::bench::{Bench, Taps};

const NEAR: Flow = Flow::new(Side::Near, 40000, 9000);

/// Bytes that tell where they stand.
fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at * 7 + len) as u8).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a plugin's events have under `key`, in order of length, which is how packets differ here.
fn told(events: &[Value], plugin: &str, key: &str) -> Vec<String> {
    let events = events.iter().filter(|event| event["plugin"] == plugin);
    let mut told: Vec<_> =
        events.filter_map(|event| Some(event.get(key)?.as_str()?.to_owned())).collect();
    told.sort_by_key(|text| (text.len(), text.clone()));
    told
}

#[test]
fn each_plugin_has_the_bytes_that_it_asked_for_and_was_granted() {
    let plugins = PluginDirectory::new(&["interest-payload", "emits-packets"]);
    plugins.install("less", "interest-payload");
    plugins.install("nothing", "interest-payload");
    let config = "[plugins.interest-payload]\npayload = 1500\n[plugins.less]\npayload = 5\n\
                  [plugins.nothing]\npayload = 0\n[plugins.emits-packets]\npayload = 1500\n";
    let Some(bench) = Bench::new(plugins, config) else { return };
    let sizes = [0, 1, 4, 5, 63, 64, 65, 1400];
    let v6 = Flow { family: Family::V6, ..NEAR };
    let frame = |(number, size): (usize, &usize)| match number % 3 {
        0 => NEAR.udp(&bytes(*size)),
        1 => v6.udp(&bytes(*size)),
        _ => NEAR.reversed().udp(&bytes(*size)),
    };
    let (mut out, mut back) = (Vec::new(), Vec::new());
    for (number, size) in sizes.iter().enumerate() {
        let side = if number % 3 == 2 { &mut back } else { &mut out };
        side.push((1, frame((number, size))));
    }
    // Others' payload is nobody's business.
    out.push((3, NEAR.tcp(&bytes(100))));
    bench.send(Side::Near, &out);
    bench.send(Side::Far, &back);
    let udp = sizes.len() as u64;
    let records =
        [("interest-payload", udp), ("less", udp), ("nothing", udp), ("emits-packets", udp + 3)];
    let (metrics, taps) = bench.delivered(&records);
    assert_eq!(taps, Taps { uninterested: 0, sampled_out: 0, published: udp + 3 });
    let cut = |most: usize| {
        let some = sizes.iter().filter(|size| **size > 0);
        let mut all: Vec<_> = some.map(|size| hex(&bytes(*size)[..most.min(*size)])).collect();
        all.sort_by_key(|text| (text.len(), text.clone()));
        all
    };
    for (plugin, most) in [("interest-payload", 64), ("less", 5), ("nothing", 0)] {
        let expected = sizes.iter().map(|size| *size.min(&most) as u64).sum::<u64>();
        let labels = [("plugin", plugin)];
        assert_eq!(metrics.sum("guest_payload_bytes_total", &labels), expected, "{plugin}");
    }
    let (_, events) = bench.finish(&records);
    assert_eq!(told(&events, "interest-payload", "bytes"), cut(64));
    assert_eq!(told(&events, "less", "bytes"), cut(5));
    assert_eq!(told(&events, "nothing", "bytes"), [""; 0]);
    assert_eq!(told(&events, "emits-packets", "hook").len() as u64, udp + 3);
    assert_eq!(told(&events, "emits-packets", "payload"), [""; 0], "it asked for none");
}

/// Large and many: they leave the ring in batches, and each has its own bytes.
#[test]
fn every_packet_of_many_has_its_own_bytes() {
    const PACKETS: u32 = 3000;
    let plugins = PluginDirectory::new(&["interest-ports", "counts"]);
    let config = "[plugins.interest-ports]\npayload = 4\n[limits]\ncall_deadline = \"10s\"\n";
    let Some(bench) = Bench::new(plugins, config) else { return };
    let to = |port| Flow::new(Side::Near, 40000, port);
    let frames: Vec<_> = (0..PACKETS)
        .flat_map(|number| {
            let number = number.to_be_bytes();
            [to(7001), to(7002), to(7003)].map(|flow| (1, flow.udp(&number)))
        })
        .collect();
    bench.send(Side::Near, &frames);
    let sent = u64::from(PACKETS);
    let records = [("interest-ports", 2 * sent), ("counts", 3 * sent)];
    bench.delivered(&records);
    let (_, events) = bench.finish(&records);
    let mut seen = BTreeMap::<_, u64>::new();
    for event in &events {
        let number = |key: &str| event[key].as_u64().unwrap();
        *seen.entry((number("port"), number("number"))).or_default() += 1;
    }
    let expected = [7001, 7003].into_iter().flat_map(|port| (0..sent).map(move |n| ((port, n), 1)));
    assert_eq!(seen, expected.collect());
}

#[test]
fn without_a_grant_a_plugin_that_asks_is_refused() {
    let plugins = PluginDirectory::new(&["interest-payload", "counts"]);
    let Some(bench) = Bench::new(plugins, "") else { return };
    let line = bench.running.log_line("plugin=interest-payload");
    let why = "interest `udp`: it asks for 64 payload bytes of each packet, which is not granted: \
               grant them with `payload = 64`, or fewer with a smaller number";
    assert!(line.contains("ERROR") && line.contains(why), "{line}");
    assert_eq!(bench.running.metrics().state("interest-payload"), "quarantined");
    bench.send(Side::Near, &[(5, NEAR.udp(b"secret"))]);
    bench.delivered(&[("counts", 5), ("interest-payload", 0)]);
    bench.finish(&[("counts", 5)]);
}
