use ringtap_lab::{Family, Side};
use ringtap_tests::{Flow, PluginDirectory, Wish, wanting};

use crate::bench::{Bench, Taps};

#[test]
fn each_plugin_gets_what_it_asks_for_and_nothing_else() {
    let plugins = PluginDirectory::new(&["interest-web", "interest-two"]);
    plugins.put("dns.wasm", &wanting(&[Wish::new("dns", "udp port 53")]));
    plugins.put("replies.wasm", &wanting(&[Wish::new("replies", "inbound and src port 443")]));
    let Some(bench) = Bench::new(plugins, "") else { return };
    let flow = |port| Flow::new(Side::Near, 40000, port);
    let web = flow(443).tcp(b"hello");
    let bytes = 7 * web.len() as u64;
    bench.send(
        Side::Near,
        &[
            (7, web),
            (5, flow(80).tcp(b"")),
            (11, flow(53).udp(b"")),
            (13, Flow { family: Family::V6, ..flow(9999) }.udp(b"")),
            (17, flow(0).echo()),
        ],
    );
    bench.send(
        Side::Far,
        &[
            (3, flow(443).reversed().tcp(b"")),
            (19, flow(53).reversed().udp(b"")),
            (2, flow(80).reversed().tcp(b"")),
        ],
    );
    let records = [
        ("interest-web", 7),
        ("interest-two", 11 + 13 + 17 + 19),
        ("dns", 11 + 19),
        ("replies", 3),
    ];
    let (metrics, taps) = bench.delivered(&records);
    let published = 7 + 11 + 13 + 17 + 3 + 19;
    assert_eq!(taps, Taps { uninterested: 5 + 2, sampled_out: 0, published });
    let web = [("plugin", "interest-web")];
    assert_eq!(metrics.sum("guest_packets_total", &web), 7);
    assert_eq!(metrics.sum("guest_bytes_total", &web), bytes);
    for (interest, count) in [("udp", 11 + 13 + 19), ("icmp", 17), ("none", 0)] {
        assert_eq!(metrics.sum("guest_records_total", &[("interest", interest)]), count);
    }
    bench.finish(&records);
}

/// Also where other plugins' rules come first in the tables.
#[test]
fn the_bits_of_a_record_are_the_interests_that_took_it() {
    let plugins = PluginDirectory::new(&["interest-bits", "counts"]);
    let first = ["tcp dst port 1", "ip6", "inbound and udp"];
    let first: Vec<_> =
        first.iter().zip(0..).map(|(it, n)| Wish::new(&format!("{n}"), it)).collect();
    plugins.put("a-first.wasm", &wanting(&first));
    let Some(bench) = Bench::new(plugins, "[plugins.counts]\nfilter = \"tcp\"") else { return };
    let flow = |port| Flow::new(Side::Near, 40000, port);
    bench.send(
        Side::Near,
        &[
            (1, flow(53).udp(b"")),
            (2, flow(9999).udp(b"")),
            (3, flow(53).tcp(b"")),
            (4, flow(0).echo()),
        ],
    );
    bench.send(
        Side::Far,
        &[
            (5, flow(53).reversed().udp(b"")),
            (6, flow(9999).reversed().udp(b"")),
            (7, flow(53).reversed().tcp(b"")),
            (8, flow(80).reversed().tcp(b"")),
            (9, flow(0).reversed().echo()),
        ],
    );
    let bits = [(0b111, 1), (0b101, 2), (0b110, 3), (0b100, 4), (0b011, 5), (0b001, 6), (0b010, 7)];
    let total = bits.iter().map(|(_, count)| count).sum();
    let records = [("interest-bits", total), ("a-first", 5 + 6), ("counts", 3 + 7 + 8)];
    let (metrics, taps) = bench.delivered(&records);
    assert_eq!(taps, Taps { uninterested: 9, sampled_out: 0, published: total + 8 });
    for (matched, count) in bits {
        let labels = [("matched", &*matched.to_string()), ("plugin", "interest-bits")];
        assert_eq!(metrics.sum("guest_records_total", &labels), count, "{matched:#b}");
    }
    bench.finish(&records);
}
