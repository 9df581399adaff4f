use std::{
    fs,
    net::{IpAddr, UdpSocket},
};

use etherparse::{
    EtherType, Ethernet2Header, IpNumber, Ipv4Header, SingleVlanHeader, UdpHeader, VlanId,
};
use ringtap_lab::{
    Family, LabConfig, Side,
    traffic::{self, Path},
};
use ringtap_tests::{ForeignProgram, PluginDirectory, Running, lab, until};
use serde_json::Value;
use tempfile::TempDir;

use crate::{COUNT, ETHERNET, Ingress, TC, XDP_GENERIC, XDP_NATIVE};

/// Of nobody: what is sent there is seen by taps and by nothing else.
const NOBODY: [u8; 6] = [0x02, 0x72, 0x74, 0, 0, 0x99];
const SIZES: [usize; 2] = [100, 7000];

/// A tag protocol and an id, outermost first.
type Tags = &'static [(EtherType, u16)];
const Q: EtherType = EtherType::VLAN_TAGGED_FRAME;
const AD: EtherType = EtherType::PROVIDER_BRIDGING;
const STACKS: [Tags; 5] =
    [&[], &[(Q, 42)], &[(AD, 1000)], &[(AD, 1000), (Q, 42)], &[(Q, 1), (Q, 2)]];

fn frame(from: Side, tags: Tags, payload: usize) -> Vec<u8> {
    let payload = vec![0x5a; payload];
    let ip_len = (UdpHeader::LEN + payload.len()) as u16;
    let hosts = [from, from.other()].map(|side| match side.address(Family::V4, 1) {
        IpAddr::V4(address) => address.octets(),
        IpAddr::V6(_) => unreachable!(),
    });
    let types: Vec<_> = tags.iter().map(|(kind, _)| *kind).chain([EtherType::IPV4]).collect();
    let mut frame = Vec::new();
    let ethernet =
        Ethernet2Header { source: from.mac().0, destination: NOBODY, ether_type: types[0] };
    ethernet.write(&mut frame).unwrap();
    for ((_, id), ether_type) in tags.iter().zip(&types[1..]) {
        let vlan_id = VlanId::try_new(*id).unwrap();
        let tag = SingleVlanHeader { vlan_id, ether_type: *ether_type, ..Default::default() };
        tag.write(&mut frame).unwrap();
    }
    let ip = Ipv4Header::new(ip_len, 64, IpNumber::UDP, hosts[0], hosts[1]).unwrap();
    ip.write(&mut frame).unwrap();
    UdpHeader::without_ipv4_checksum(1234, 5678, payload.len()).unwrap().write(&mut frame).unwrap();
    frame.extend(payload);
    frame
}

fn is_tagged_so(packet: &Value, tags: Tags) -> bool {
    let ids: Vec<_> = tags.iter().map(|(_, id)| id.to_string()).collect();
    match ids.is_empty() {
        true => packet.get("vlans").is_none(),
        false => packet["vlans"] == ids.join(","),
    }
}

/// Frames with tags from a packet socket, of either size: the larger ones have everything but the
/// Ethernet header in another piece of memory.
fn tags_in_frames_are_told(ingress: Ingress) {
    let Some(lab) = lab(LabConfig { mtu: 9000, ..LabConfig::default() }) else { return };
    let directory = TempDir::new().unwrap();
    let events = directory.path().join("events");
    let plugins = PluginDirectory::new(&["counts", "emits-packets"]);
    let running = Running::start(
        &lab,
        &[
            "--ingress",
            ingress.flag,
            "--plugins",
            plugins.as_str(),
            "--events",
            events.to_str().unwrap(),
        ],
    );
    running.log_line(ingress.how);
    let mut sent = Vec::new();
    for from in Side::BOTH {
        for size in SIZES {
            for tags in STACKS {
                let frame = frame(from, tags, size);
                sent.push((from, tags, frame.len()));
                assert_eq!(traffic::frames(&lab, from, &[frame]).unwrap(), 1);
            }
        }
    }
    let metrics = running.settled(&["counts", "emits-packets"]);
    let udp = [("protocol", "17"), ("ip_version", "4")];
    assert_eq!(metrics.sum("guest_packets_total", &udp), sent.len() as u64);
    let bytes: usize = sent.iter().map(|(_, _, length)| length).sum();
    assert_eq!(metrics.sum("guest_bytes_total", &udp), bytes as u64);
    let ended = running.terminate();
    ended.assert_clean();

    let text = fs::read_to_string(events).unwrap();
    let packets: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(packets.len(), sent.len());
    // One CPU's ring may be read before another's, so only the numbers within are in order.
    for (from, tags, length) in sent {
        let (direction, hook) = match from {
            Side::Near => ("egress", "tc"),
            Side::Far => ("ingress", ingress.hook),
        };
        let is_it = |packet: &&Value| {
            packet["direction"] == direction
                && packet["hook"] == hook
                && packet["len"] == length
                && is_tagged_so(packet, tags)
                && packet["eth_type"] == 0x0800
                && packet["src"] == from.address(Family::V4, 1).to_string()
                && packet["dst"] == from.other().address(Family::V4, 1).to_string()
                && (&packet["src_port"], &packet["dst_port"]) == (&1234.into(), &5678.into())
                && packet.get("partial").is_none()
        };
        let found = packets.iter().filter(is_it).count();
        assert_eq!(found, 1, "{from:?} {tags:?} {length} in {text}");
    }
}

#[test]
fn on_tc_tags_are_told() {
    tags_in_frames_are_told(TC);
}

#[test]
fn on_native_xdp_tags_are_told() {
    tags_in_frames_are_told(XDP_NATIVE);
}

#[test]
fn on_generic_xdp_tags_are_told() {
    tags_in_frames_are_told(XDP_GENERIC);
}

/// A tag that the device is to insert, or that it took out, is in the socket buffer's metadata.
#[test]
fn tags_in_metadata_count_as_if_they_were_in_the_frame() {
    const PAYLOAD: usize = 300;
    let Some(lab) = lab(LabConfig::default()) else { return };
    let directory = TempDir::new().unwrap();
    let events = directory.path().join("events");
    let plugins = PluginDirectory::new(&["counts", "emits-packets"]);
    let events_to = events.to_str().unwrap();
    let running = Running::start(&lab, &["--plugins", plugins.as_str(), "--events", events_to]);
    let _tagging = Side::BOTH.map(|side| ForeignProgram::tagging(&lab, side, 42));
    for from in Side::BOTH {
        // Nobody receives what has a tag, so nothing comes back either.
        let path = Path::new(from, Family::V4);
        let socket = lab.inside(from, || UdpSocket::bind((path.source_address(), 0)));
        let socket = socket.unwrap().unwrap();
        for _ in 0..COUNT {
            socket.send_to(&[0x5a; PAYLOAD], (path.destination_address(), 9000)).unwrap();
        }
    }
    until("all arrived", || lab.statistics(Side::Near).unwrap().rx_packets == COUNT);
    running.metrics_when("the tap saw all", |metrics| {
        metrics.sum("ringtap_packets_seen_total", &[]) == 2 * COUNT
    });
    let metrics = running.settled(&["counts", "emits-packets"]);
    let frame = ETHERNET + 4 + 20 + 8 + PAYLOAD as u64;
    assert_eq!(metrics.sum("guest_packets_total", &[]), 2 * COUNT);
    assert_eq!(metrics.sum("guest_bytes_total", &[]), 2 * COUNT * frame);
    running.terminate().assert_clean();
    let text = fs::read_to_string(events).unwrap();
    for direction in ["ingress", "egress"] {
        let packets = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let right = packets.filter(|packet| {
            packet["direction"] == direction && packet["vlans"] == "42" && packet["len"] == frame
        });
        assert_eq!(right.count() as u64, COUNT, "{direction}");
    }
}
