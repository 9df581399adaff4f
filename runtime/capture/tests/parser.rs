//! What holds for the record of any packet, whatever is in it.

mod support;

use proptest::prelude::*;
use ringtap_capture::{Frame, Link, record};
use ringtap_record::{PacketJson, PacketRecord, mark};
use serde_json::{Map, Value};
use support::{ALL, frames};

const LINKS: [Link; 8] = [
    Link::Ethernet,
    Link::Ip,
    Link::Ipv4,
    Link::Ipv6,
    Link::Null,
    Link::Loop,
    Link::Cooked,
    Link::Cooked2,
];

fn json(record: &PacketRecord) -> Map<String, Value> {
    let packet = PacketJson { n: 1, iface: None, ts_ns: record.timestamp_ns, record };
    match serde_json::to_value(packet).unwrap() {
        Value::Object(fields) => fields,
        other => panic!("{other}"),
    }
}

/// Whether a shorter look at a packet may say `cut` where the whole look says `whole`.
fn agrees(key: &str, cut: &Value, whole: Option<&Value>) -> bool {
    match (key, cut, whole) {
        ("caplen" | "partial", ..) => true,
        ("vlans", Value::Array(cut), Some(Value::Array(whole))) => whole.starts_with(cut),
        // Between tags or extension headers, the last type seen stands for the innermost.
        ("eth_type", cut, _) if matches!(cut.as_u64(), Some(0x8100 | 0x88a8)) => true,
        ("protocol", cut, _) if cut == 44 => true,
        (_, cut, whole) => whole == Some(cut),
    }
}

#[test]
fn a_packet_cut_short_says_less_but_nothing_else() {
    for name in ALL {
        for frame in frames(name) {
            let whole = json(&record(&frame.frame()));
            for len in 0..frame.bytes.len() {
                let cut = record(&Frame { bytes: &frame.bytes[..len], ..frame.frame() });
                assert_eq!(cut.marks & mark::MALFORMED, 0, "{name} {} cut to {len}", frame.number);
                for (key, value) in json(&cut) {
                    let place = format!("{name} {} cut to {len}: {key}", frame.number);
                    assert!(agrees(&key, &value, whole.get(&key)), "{place}");
                }
            }
        }
    }
}

fn check(record: &PacketRecord) {
    let fields = json(record);
    let has = |key: &str| fields.contains_key(key);
    if record.frag_offset != 0 {
        assert!(record.has(mark::FRAGMENT), "{record:?}");
        assert!(!has("src_port") && !has("tcp_flags") && !has("icmp_type"), "{record:?}");
    }
    assert_eq!(has("src_port"), has("dst_port"), "{record:?}");
    assert!(has("src") || !has("src_port"), "{record:?}");
    assert!(record.vlan_tags().len() <= 4);
    let ends = [record.l3_offset, record.l4_offset, record.l7_offset];
    let ends = ends.into_iter().filter(|offset| *offset != 0);
    assert!(ends.is_sorted(), "{record:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn noise(
        link in prop::sample::select(LINKS.as_slice()),
        bytes in prop::collection::vec(any::<u8>(), 0..256),
        wire_len in any::<u32>(),
    ) {
        let frame = Frame {
            number: 1, timestamp_ns: 0, wire_len, interface: 1, link, direction: None, bytes: &bytes,
        };
        check(&record(&frame));
        prop_assert_eq!(record(&frame), record(&frame));
    }

    #[test]
    fn damaged_packets(
        file in prop::sample::select(ALL.as_slice()),
        pick in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        wire_len in prop::option::of(any::<u32>()),
    ) {
        let frames = frames(file);
        let mut frame = pick.get(&frames).clone();
        for (at, value) in flips {
            let at = at.index(frame.bytes.len());
            frame.bytes[at] = value;
        }
        frame.wire_len = wire_len.unwrap_or(frame.wire_len);
        check(&record(&frame.frame()));
    }
}
