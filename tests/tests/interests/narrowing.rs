use std::collections::BTreeMap;

use ringtap_lab::{Family, Side};
use ringtap_tests::{Flow, Metrics, PluginDirectory};
use serde_json::Value;

use crate::bench::{Bench, Taps};

const NEAR: Flow = Flow::new(Side::Near, 40000, 9000);

#[test]
fn a_configured_filter_takes_away_and_never_adds() {
    let plugins = PluginDirectory::new(&["interest-web", "interest-two", "counts"]);
    let config = "[plugins.interest-web]\nfilter = \"less 100 or udp\"\n\
                  [plugins.interest-two]\nfilter = \"outbound and not port 53\"\n\
                  [plugins.counts]\nfilter = \"tcp\"\n";
    let Some(bench) = Bench::new(plugins, config) else { return };
    let port = |port| Flow { ports: (40000, port), ..NEAR };
    bench.send(
        Side::Near,
        &[
            (7, port(443).tcp(b"small")),
            (5, port(443).tcp(&[0; 200])),
            (11, port(53).udp(b"")),
            (13, port(80).udp(b"")),
            (3, port(0).echo()),
        ],
    );
    bench.send(Side::Far, &[(2, NEAR.reversed().udp(b"")), (4, NEAR.reversed().tcp(b""))]);
    let records = [("interest-web", 7), ("interest-two", 13 + 3), ("counts", 7 + 5 + 4)];
    let (metrics, taps) = bench.delivered(&records);
    let published = 7 + 5 + 4 + 13 + 3;
    assert_eq!(taps, Taps { uninterested: 11 + 2, sampled_out: 0, published });
    for (interest, count) in [("udp", 13), ("icmp", 3), ("none", 0)] {
        assert_eq!(metrics.sum("guest_records_total", &[("interest", interest)]), count);
    }
    bench.finish(&records);
}

/// What is kept is a matter of chance. That it lies outside of these bounds happens less than once in
/// a billion runs.
#[test]
fn a_sample_by_packet_is_scaled_up_by_its_rate() {
    const MATCHING: u64 = 10_000;
    let plugins = PluginDirectory::new(&["counts", "interest-sampled"]);
    let config = "[plugins.counts]\nfilter = \"udp\"\nsample = \"1/4\"\n\
                  [plugins.interest-sampled]\nfilter = \"tcp\"\nsample = \"1/2\"\n";
    let Some(bench) = Bench::new(plugins, config) else { return };
    let count = MATCHING as usize;
    bench.send(Side::Near, &[(count, NEAR.udp(b"")), (100, NEAR.echo()), (count, NEAR.tcp(b""))]);
    let published = |metrics: &Metrics| metrics.sum("ringtap_packets_published_total", &[]);
    let metrics = bench.running.metrics_when("all is delivered", |metrics| {
        let delivered = |plugin| metrics.records(plugin)[3];
        metrics.sum("ringtap_packets_seen_total", &[]) == 2 * MATCHING + 100
            && delivered("counts") + delivered("interest-sampled") == published(metrics)
    });
    let taps = Taps::of(&metrics);
    assert_eq!((taps.uninterested, taps.sampled_out + taps.published), (100, 2 * MATCHING));
    // The plugin's own one in ten is less than what the configuration leaves.
    for (plugin, one_in, bounds) in
        [("counts", 4, 2000..=3000), ("interest-sampled", 10, 750..=1250)]
    {
        let labels = [("plugin", plugin)];
        let records = metrics.records(plugin)[3];
        assert!(bounds.contains(&records), "{plugin}: {records}");
        assert_eq!(metrics.sum("guest_records_total", &labels), records);
        assert_eq!(metrics.sum("guest_packets_total", &labels), one_in * records);
    }
    let records = ["counts", "interest-sampled"].map(|plugin| (plugin, metrics.records(plugin)[3]));
    bench.finish(&records);
}

#[test]
fn a_sample_by_flow_keeps_whole_flows_in_both_directions() {
    const FLOWS: u16 = 400;
    let (there, back) = (3, 2);
    let plugins = PluginDirectory::new(&["emits-packets"]);
    let config = "[plugins.emits-packets]\nfilter = \"port 53\"\nsample = \"1/4\"\n\
                  sample_by = \"flow\"\n[limits]\ncall_deadline = \"10s\"\n";
    let Some(bench) = Bench::new(plugins, config) else { return };
    let flows = (0..FLOWS).map(|number| {
        let family = if number % 2 == 0 { Family::V4 } else { Family::V6 };
        Flow { family, ..Flow::new(Side::Near, 10_000 + number, 53) }
    });
    let is_tcp = |flow: Flow| flow.ports.0.max(flow.ports.1).is_multiple_of(3);
    let frame = |flow: Flow| if is_tcp(flow) { flow.tcp(b"") } else { flow.udp(b"") };
    let requests: Vec<_> = flows.clone().map(|flow| (there, frame(flow))).collect();
    let answers: Vec<_> = flows.map(|flow| (back, frame(flow.reversed()))).collect();
    bench.send(Side::Near, &requests);
    bench.send(Side::Far, &answers);
    let all = u64::from(FLOWS) * (there + back) as u64;
    let metrics = bench.running.metrics_when("all is delivered", |metrics| {
        let published = metrics.sum("ringtap_packets_published_total", &[]);
        metrics.sum("ringtap_packets_seen_total", &[]) == all
            && metrics.records("emits-packets")[3] == published
    });
    let taps = Taps::of(&metrics);
    assert_eq!((taps.uninterested, taps.sampled_out + taps.published), (0, all));
    let (_, events) = bench.finish(&[("emits-packets", taps.published)]);
    assert_eq!(events.len() as u64, taps.published);
    let mut kept = BTreeMap::<_, usize>::new();
    for event in &events {
        let port = |key: &str| event[key].as_u64().unwrap();
        *kept.entry(port("src_port").max(port("dst_port"))).or_default() += 1;
        assert_eq!(event["packets"], Value::from(4));
    }
    let cut: Vec<_> = kept.iter().filter(|(_, packets)| **packets != there + back).collect();
    assert_eq!(cut, [], "flows that were kept in part");
    assert!((40..=160).contains(&kept.len()), "{} flows of {FLOWS}", kept.len());
}
