//! Every format that is read, by captures that hold the same packets in each.

mod support;

use ringtap_capture::Link;
use ringtap_record::{Direction, PacketRecord};
use support::{capture, frames, read};

/// A pcap file of one packet.
fn pcap(magic: u32, version: [u16; 2], link_type: u32, packet: &[u32], bytes: &[u8]) -> Vec<u8> {
    let mut file = magic.to_le_bytes().to_vec();
    file.extend(version.iter().flat_map(|part| part.to_le_bytes()));
    let words = [0, 0, 65_535, link_type].into_iter().chain(packet.iter().copied());
    file.extend(words.flat_map(u32::to_le_bytes));
    file.extend(bytes);
    file
}

fn records(name: &str) -> Vec<PacketRecord> {
    frames(name).iter().map(|frame| ringtap_capture::record(&frame.frame())).collect()
}

/// What must not depend on how the packet was captured.
fn essence(record: &PacketRecord) -> impl PartialEq + std::fmt::Debug {
    let addresses = (record.src(), record.dst(), record.src_port, record.dst_port);
    let ip = (record.ip_version, record.protocol, record.ip_len, record.ip_id, record.frag_offset);
    (addresses, ip, record.tcp_seq, record.tcp_flags, record.icmp_type)
}

#[test]
fn byte_order_and_resolution() {
    let (micro, nano) = (frames("swapped.pcap"), frames("nano.pcap"));
    assert_eq!(micro.len(), 26);
    for (micro, nano) in micro.iter().zip(&nano) {
        assert_eq!(micro.timestamp_ns, nano.timestamp_ns / 1000 * 1000);
        assert_eq!((&micro.bytes, micro.wire_len), (&nano.bytes, nano.wire_len));
    }
    assert_eq!(nano[1].timestamp_ns, 1_767_225_600_011_234_567);
    assert_eq!((nano[1].number, nano[1].interface), (2, 1));
}

#[test]
fn every_link_type_gives_the_same_packets() {
    let raw = records("raw.pcap");
    assert_eq!(raw.len(), 23);
    for name in ["null.pcap", "loop.pcap", "cooked.pcap", "cooked2.pcap"] {
        let records = records(name);
        assert_eq!(records.len(), raw.len(), "{name}");
        for (record, raw) in records.iter().zip(&raw) {
            assert_eq!(essence(record), essence(raw), "{name}");
            assert_eq!(record.marks & 3, 0, "{name}");
        }
    }
    assert!(records("cooked.pcap").iter().all(|record| record.direction == 2));
    assert!(records("cooked2.pcap").iter().all(|record| record.direction == 1));
}

#[test]
fn pcapng_sections_interfaces_and_blocks() {
    let outcome = read(capture("mixed.pcapng"));
    assert!(outcome.error.is_none());
    let interfaces = outcome.capture.as_ref().unwrap().interfaces();
    let seen: Vec<_> = interfaces
        .iter()
        .map(|interface| (interface.name.as_deref(), interface.link_type.0, interface.packets))
        .collect();
    let expected = [
        (Some("eth0"), 1, 26),
        (Some("tun0"), 101, 23),
        (Some("wlan0"), 127, 1),
        (Some("eth0"), 1, 52),
    ];
    assert_eq!(seen, expected);
    assert_eq!(outcome.capture.as_ref().unwrap().refused().count(), 1);
    assert_eq!(outcome.capture.as_ref().unwrap().interface_name(2), Some("tun0"));
    assert_eq!(outcome.capture.as_ref().unwrap().interface_name(0), None);

    let nano = frames("nano.pcap");
    let of = |interface| outcome.frames.iter().filter(move |frame| frame.interface == interface);
    for (at, (frame, nano)) in of(1).zip(&nano).enumerate() {
        assert_eq!((frame.timestamp_ns, &frame.bytes), (nano.timestamp_ns, &nano.bytes));
        let direction = if at % 2 == 0 { Direction::Ingress } else { Direction::Egress };
        assert_eq!(frame.direction, Some(direction));
    }
    assert!(of(2).all(|frame| frame.link == Link::Ip && frame.direction.is_none()));
    let second: Vec<_> = of(4).collect();
    for (pair, nano) in second.chunks(2).zip(&nano) {
        assert_eq!((pair[0].timestamp_ns, &pair[0].bytes), (0, &nano.bytes));
        let micro = nano.timestamp_ns / 1000 * 1000;
        assert_eq!((pair[1].timestamp_ns, &pair[1].bytes), (micro, &nano.bytes));
    }
    // The one that was passed over counts in the numbers.
    assert_eq!((second[0].number, outcome.frames.len()), (51, 101));
}

#[test]
fn a_frame_check_sequence_in_the_link_type() {
    let file = pcap(0xa1b2_c3d4, [2, 4], 0x2400_0001, &[1, 2, 3, 3], b"abc");
    let outcome = read(file);
    assert_eq!(
        (outcome.frames[0].link, outcome.frames[0].timestamp_ns),
        (Link::Ethernet, 1_000_002_000)
    );
}

#[test]
fn lengths_of_old_versions() {
    for (minor, lengths, wire_len) in
        [(2, [9, 3], 9), (3, [9, 3], 9), (3, [3, 9], 9), (4, [3, 9], 9), (4, [3, 2], 2)]
    {
        let file = pcap(0xa1b2_c3d4, [2, minor], 1, &[0, 0, lengths[0], lengths[1]], b"abc");
        let outcome = read(file);
        assert!(outcome.error.is_none(), "2.{minor} {lengths:?}");
        assert_eq!(outcome.frames[0].bytes, b"abc", "2.{minor} {lengths:?}");
        assert_eq!(outcome.frames[0].wire_len, wire_len, "2.{minor} {lengths:?}");
    }
}

#[test]
fn the_patched_format() {
    let outcome = read(pcap(0xa1b2_cd34, [2, 4], 1, &[0, 0, 3, 3, 7, 7], b"abc"));
    assert_eq!(outcome.frames[0].bytes, b"abc");
}

#[test]
fn times_at_and_beyond_their_bounds() {
    for (seconds, fraction, expected) in [
        (u32::MAX, 999_999, 4_294_967_295_999_999_000),
        (1, 1_000_000, 2_000_000_000),
        (u32::MAX, u32::MAX, 4_294_967_295_000_000_000 + 4_294_967_295_000),
    ] {
        let file = pcap(0xa1b2_c3d4, [2, 4], 1, &[seconds, fraction, 0, 0], b"");
        assert_eq!(read(file).frames[0].timestamp_ns, expected);
    }
}
