use std::net::{IpAddr, Ipv4Addr};

use super::*;
use crate::{bindings::capabilities::ringtap::plugin::types::Batch as Head, testing::Record};

/// What `look` sees of a record in a batch of a host whose records are 8 bytes longer.
fn see<T>(record: Record, look: impl FnOnce(Packet<'_>) -> T) -> T {
    let record_size = RECORD_SIZE as u32 + 8;
    let head = Head { sequence: 0, shed_before: 0, clock_offset_ns: 1000, record_size, count: 2 };
    let mut records = Vec::new();
    for record in [Record::frame(), record] {
        records.extend_from_slice(&record.placed(&mut Vec::new()));
        records.extend_from_slice(&[0xff; 8]);
    }
    let batch = Batch::new(head, &records, b"payload");
    assert_eq!(batch.len(), 2);
    look(batch.packets().nth(1).unwrap())
}

#[test]
fn what_a_packet_does_not_have_is_none() {
    see(Record::frame(), |packet| {
        assert_eq!((packet.src(), packet.dst(), packet.protocol()), (None, None, None));
        assert_eq!((packet.src_port(), packet.dst_port(), packet.tcp_flags()), (None, None, None));
        assert_eq!((packet.eth_src(), packet.eth_type(), packet.direction()), (None, None, None));
        assert_eq!((packet.ttl(), packet.ip_id(), packet.icmp_type()), (None, None, None));
        assert_eq!((packet.payload(), packet.arp(), packet.gso()), (&[][..], None, None));
        assert_eq!(packet.vlan_ids().count(), 0);
        assert_eq!((packet.hook(), packet.packets(), packet.wire_bytes()), (Hook::Replay, 1, 100));
    });
}

#[test]
fn an_address_needs_a_whole_header() {
    let record = Record::udp("10.0.0.1:1", "10.0.0.2:2").set("ip_len", 0);
    see(record, |packet| assert_eq!((packet.src(), packet.ip_version()), (None, Some(4))));
}

#[test]
fn a_tcp_packet() {
    let flags = TcpFlags::SYN | TcpFlags::ACK;
    see(Record::tcp("[fc00::1]:80", "[fc00::2]:1234", flags).at(5), |packet| {
        assert_eq!(packet.src(), "fc00::1".parse().ok());
        assert_eq!(packet.dst(), "fc00::2".parse().ok());
        assert_eq!((packet.src_port(), packet.dst_port()), (Some(80), Some(1234)));
        assert_eq!((packet.protocol(), packet.tcp_flags()), (Some(6), Some(flags)));
        assert_eq!(packet.time_ns(), 1005);
        assert_eq!((packet.ip_id(), packet.flow_label()), (None, Some(0)));
    });
}

#[test]
fn vlan_tags_are_taken_apart() {
    let record = Record::frame().vlan(0xb00a).vlan(20).mark(mark::SERVICE_TAG);
    see(record, |packet| {
        let service = VlanTag { id: 10, priority: 5, drop_eligible: true, service: true };
        let customer = VlanTag { id: 20, priority: 0, drop_eligible: false, service: false };
        assert_eq!(packet.vlan_tags().collect::<Vec<_>>(), [service, customer]);
    });
    let more = Record::frame().set("vlan_count", 9);
    see(more, |packet| assert_eq!(packet.vlan_ids().count(), 4));
}

#[test]
fn a_super_packet_counts_as_its_segments() {
    let record = Record::udp("10.0.0.1:1", "10.0.0.2:2").len(3042);
    let record = record.mark(mark::GSO).set("gso_size", 1000).set("gso_segments", 3);
    let record = record.set("l7_offset", 42);
    see(record, |packet| assert_eq!((packet.packets(), packet.wire_bytes()), (3, 3042 + 84)));
    let tagged = record.mark(mark::VLAN_IN_METADATA);
    see(tagged, |packet| assert_eq!(packet.wire_bytes(), 3042 + 92));
    let widest = tagged.set("l7_offset", 0xffff).set("gso_segments", 0xffff).len(u32::MAX);
    see(widest, |packet| assert_eq!(packet.wire_bytes(), 0xffff_ffff + 0xfffe * 0x1_0003));
    let none = record.set("gso_segments", 0);
    see(none, |packet| assert_eq!((packet.packets(), packet.wire_bytes()), (1, 3042)));
}

#[test]
fn mac_addresses_are_put_together() {
    let record = Record::frame().mark(mark::ETH_SRC);
    see(record.set("eth_src_hi", 0x0200_0003).set("eth_src_lo", 0x0405), |packet| {
        assert_eq!(packet.eth_src().unwrap().to_string(), "02:00:00:03:04:05");
    });
}

#[test]
fn arp_has_addresses_of_its_own() {
    let record = Record::frame().mark(mark::ARP).set("icmp_type", 1).set("src_lo", 0x0a00_0001);
    see(record, |packet| {
        let sender = Ipv4Addr::new(10, 0, 0, 1);
        let arp = Arp { operation: 1, sender, target: Ipv4Addr::UNSPECIFIED };
        assert_eq!((packet.arp(), packet.src()), (Some(arp), None::<IpAddr>));
    });
}

#[test]
fn payload_outside_the_batch_is_empty() {
    see(Record::frame().set("payload_offset", 1).set("payload_len", 3), |packet| {
        assert_eq!(packet.payload(), b"ayl");
    });
    for (offset, len) in [(5, 3), (100, 1), (0xffff_ffff, 0xffff)] {
        let record = Record::frame().set("payload_offset", offset).set("payload_len", len);
        see(record, |packet| assert_eq!(packet.payload(), b""));
    }
}

#[test]
fn a_sampled_record_counts_for_those_left_out() {
    let record = Record::frame().len(100).sampled(1000);
    see(record, |packet| {
        assert_eq!((packet.sample_one_in(), packet.wire_len()), (1000, 100));
        assert_eq!((packet.packets(), packet.wire_bytes()), (1000, 100_000));
    });
    let record = record.mark(mark::GSO).set("gso_segments", 3).set("l7_offset", 42);
    see(record, |packet| assert_eq!((packet.packets(), packet.wire_bytes()), (3000, 184_000)));
    see(record.set("sample_one_in", 0), |packet| assert_eq!(packet.packets(), 3));
    let most = record.set("gso_segments", 0xffff).set("l7_offset", 0xffff).len(u32::MAX);
    see(most.sampled(u32::MAX), |packet| assert_eq!(packet.wire_bytes(), u64::MAX));
}

#[test]
fn interests_are_told_by_their_bits() {
    see(Record::frame().matched(1 << 63 | 1 << 1), |packet| {
        let matching: Vec<_> = (0..200).filter(|i| packet.matches(*i)).collect();
        assert_eq!(matching, [1, 63]);
        assert!(!packet.matches(usize::MAX));
    });
}
