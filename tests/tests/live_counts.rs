//! What is sent with real sockets is what taps, plugins, `/metrics` and interfaces count: equal, for
//! every kind of packet, at every hook.

use std::{fs, net::UdpSocket};

use ringtap_lab::{
    Family, Lab, LabConfig, Side,
    traffic::{self, Path},
};
use ringtap_net::LinkStatistics;
use ringtap_tests::{ForeignProgram, Metrics, PluginDirectory, Running, lab, until};
use serde_json::Value;
use tempfile::TempDir;

const ETHERNET: u64 = 14;

/// What the tests send of each kind.
const COUNT: u64 = 200;

/// A tap for what comes in: the flag that asks for it, what labels it, and how it says it is on.
#[derive(Clone, Copy)]
struct Ingress {
    flag: &'static str,
    hook: &'static str,
    how: &'static str,
}

const TC: Ingress = Ingress { flag: "tc", hook: "tc", how: "tc ingress by TCX link" };
const XDP_NATIVE: Ingress =
    Ingress { flag: "xdp-native", hook: "xdp", how: "xdp ingress by native XDP" };
const XDP_GENERIC: Ingress =
    Ingress { flag: "xdp-generic", hook: "xdp", how: "xdp ingress by generic XDP" };

/// A runtime with the guest `counts` on the near side of a lab, and what was counted before.
struct Bench {
    lab: Lab,
    ingress: Ingress,
    running: Running,
    _plugins: PluginDirectory,
    before: Counted,
}

/// Everything that counts the same packets.
#[derive(Clone)]
struct Counted {
    metrics: Metrics,
    link: LinkStatistics,
}

/// Packets and bytes in each direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    ingress: u64,
    egress: u64,
    bytes: u64,
}

impl Bench {
    fn new(config: LabConfig, ingress: Ingress) -> Option<Self> {
        let lab = lab(config)?;
        let plugins = PluginDirectory::new(&["counts"]);
        let arguments = ["--ingress", ingress.flag, "--plugins", plugins.as_str()];
        let running = Running::start(&lab, &arguments);
        running.log_line(ingress.how);
        running.log_line("tc egress by TCX link");
        let before = count(&lab, &running);
        Some(Self { lab, ingress, running, _plugins: plugins, before })
    }

    /// What came since the last look, after checking that the taps, the plugin and the interface
    /// agree on it and that it is all of this protocol.
    fn seen(&mut self, protocol: &str, family: Family) -> Seen {
        let now = count(&self.lab, &self.running);
        let before = std::mem::replace(&mut self.before, now.clone());
        let grown = |name: &str, labels: &[(&str, &str)]| {
            now.metrics.sum(name, labels) - before.metrics.sum(name, labels)
        };
        let tap = |direction, hook| {
            let labels = [("interface", "near0"), ("hook", hook), ("direction", direction)];
            let seen = grown("ringtap_packets_seen_total", &labels);
            assert_eq!(grown("ringtap_packets_published_total", &labels), seen);
            seen
        };
        let (ingress, egress) = (tap("ingress", self.ingress.hook), tap("egress", "tc"));
        let ip_version = if family == Family::V4 { "4" } else { "6" };
        let labels = [("protocol", protocol), ("ip_version", ip_version)];
        let packets = grown("guest_packets_total", &labels);
        assert_eq!(packets, ingress + egress, "the plugin and the taps, {labels:?}");
        assert_eq!(grown("guest_packets_total", &[]), packets, "other packets than {labels:?}");
        assert_eq!(grown("guest_records_total", &[]), packets);
        assert_eq!(now.link.rx_packets - before.link.rx_packets, ingress, "the interface");
        assert_eq!(now.link.tx_packets - before.link.tx_packets, egress, "the interface");
        let bytes = grown("guest_bytes_total", &labels);
        let link_bytes = now.link.rx_bytes + now.link.tx_bytes;
        let link_bytes = link_bytes - before.link.rx_bytes - before.link.tx_bytes;
        // A veth with native XDP counts what it receives without the Ethernet header.
        let uncounted = if self.ingress.flag == "xdp-native" { ingress * ETHERNET } else { 0 };
        assert_eq!(bytes, link_bytes + uncounted, "the interface");
        Seen { ingress, egress, bytes }
    }

    fn finish(self) {
        assert_eq!(self.before.metrics.sum("guest_sequence_errors_total", &[]), 0);
        let ended = self.running.terminate();
        ended.assert_clean();
    }
}

/// All that was sent so far, which has to have arrived.
fn count(lab: &Lab, running: &Running) -> Counted {
    let metrics = running.settled(&["counts"]);
    Counted { metrics, link: lab.statistics(Side::Near).unwrap() }
}

/// Packets one way, as the near side sees them.
fn one_way(from: Side, packets: u64, bytes: u64) -> Seen {
    match from {
        Side::Near => Seen { ingress: 0, egress: packets, bytes },
        Side::Far => Seen { ingress: packets, egress: 0, bytes },
    }
}

fn ip_header(family: Family) -> u64 {
    if family == Family::V4 { 20 } else { 40 }
}

fn paths(lab: &Lab) -> Vec<Path> {
    let families = [Family::V4, Family::V6].into_iter();
    let families = families.filter(|family| lab.has_ipv6() || *family == Family::V4);
    families.flat_map(|family| Side::BOTH.map(|from| Path::new(from, family))).collect()
}

fn every_kind_counts(ingress: Ingress, mtu: u32) {
    let config = LabConfig { mtu, offloads: false };
    let Some(mut bench) = Bench::new(config, ingress) else { return };
    for path in paths(&bench.lab) {
        datagrams(&mut bench, path, u64::from(mtu));
        fragments(&mut bench, path, u64::from(mtu));
        echoes(&mut bench, path);
        segments(&mut bench, path);
    }
    bench.finish();
}

/// Small ones, and some that fill the MTU; those of a jumbo MTU are in several pieces of memory.
fn datagrams(bench: &mut Bench, path: Path, mtu: u64) {
    let header = ip_header(path.family) + 8;
    for size in [1, mtu - header] {
        assert_eq!(traffic::udp(&bench.lab, path, COUNT, size as usize).unwrap(), COUNT);
        let expected = one_way(path.from, COUNT, COUNT * (ETHERNET + header + size));
        assert_eq!(bench.seen("17", path.family), expected, "{path:?}, {size} bytes");
    }
}

/// Of a datagram that needs three packets, all count as UDP, and two have no UDP header.
fn fragments(bench: &mut Bench, path: Path, mtu: u64) {
    let size = 2 * mtu + 100;
    assert_eq!(traffic::udp(&bench.lab, path, COUNT, size as usize).unwrap(), COUNT);
    let fragment_header = if path.family == Family::V4 { 0 } else { 8 };
    let headers = 3 * (ETHERNET + ip_header(path.family) + fragment_header) + 8;
    let expected = one_way(path.from, 3 * COUNT, COUNT * (headers + size));
    assert_eq!(bench.seen("17", path.family), expected, "{path:?}");
}

fn echoes(bench: &mut Bench, path: Path) {
    assert_eq!(traffic::icmp_echo(&bench.lab, path, COUNT).unwrap(), COUNT);
    let bytes = 2 * COUNT * (ETHERNET + ip_header(path.family) + 8 + 56);
    let protocol = if path.family == Family::V4 { "1" } else { "58" };
    let expected = Seen { ingress: COUNT, egress: COUNT, bytes };
    assert_eq!(bench.seen(protocol, path.family), expected, "{path:?}");
}

/// How many packets TCP takes is its own business; that all count the same is checked by `seen`.
fn segments(bench: &mut Bench, path: Path) {
    let payload = traffic::tcp(&bench.lab, path.to_port(443), 2, 100_001).unwrap();
    assert_eq!(payload, 200_002);
    let seen = bench.seen("6", path.family);
    let headers = (seen.ingress + seen.egress) * (ETHERNET + ip_header(path.family) + 20);
    assert!(seen.bytes >= payload + headers, "{seen:?}");
    assert!(seen.ingress >= 6 && seen.egress >= 6, "{seen:?}");
}

#[test]
fn on_tc_every_packet_counts() {
    every_kind_counts(TC, 1500);
}

#[test]
fn on_tc_every_jumbo_packet_counts() {
    every_kind_counts(TC, 9000);
}

#[test]
fn on_native_xdp_every_packet_counts() {
    every_kind_counts(XDP_NATIVE, 1500);
}

#[test]
fn on_native_xdp_every_jumbo_packet_counts() {
    every_kind_counts(XDP_NATIVE, 9000);
}

#[test]
fn on_generic_xdp_every_packet_counts() {
    every_kind_counts(XDP_GENERIC, 1500);
}

#[test]
fn on_generic_xdp_every_jumbo_packet_counts() {
    every_kind_counts(XDP_GENERIC, 9000);
}

/// A runtime with `counts` and one tap, on either side.
struct OneTap {
    running: Running,
    _plugins: PluginDirectory,
}

/// Records, packets and bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sums {
    records: u64,
    packets: u64,
    bytes: u64,
}

impl OneTap {
    fn start(lab: &Lab, side: Side, ingress: &str, egress: &str) -> Self {
        let plugins = PluginDirectory::new(&["counts"]);
        let arguments = ["--ingress", ingress, "--egress", egress, "--plugins", plugins.as_str()];
        Self { running: Running::start_on(lab, side, &arguments), _plugins: plugins }
    }

    fn sums(&self) -> Sums {
        let metrics = self.running.settled(&["counts"]);
        let [records, packets, bytes] = ["records", "packets", "bytes"]
            .map(|what| metrics.sum(&format!("guest_{what}_total"), &[]));
        Sums { records, packets, bytes }
    }
}

/// Large packets that a tap sees before they are cut count as what a tap on the other side sees
/// after the cut, and as what the interface says it sent.
#[test]
fn super_packets_count_as_the_packets_they_become() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    // Native XDP on one end of a veth pair makes the kernel cut what the other end sends.
    let cut = OneTap::start(&lab, Side::Far, "xdp-native", "none");
    let whole = OneTap::start(&lab, Side::Near, "none", "tc");
    for family in paths(&lab).into_iter().map(|path| path.family) {
        let path = Path::new(Side::Near, family);
        assert_eq!(traffic::udp_gso(&lab, path, 5, 40, 1000).unwrap(), 200);
        assert_eq!(traffic::tcp(&lab, path.to_port(443), 3, 300_000).unwrap(), 900_000);
        let (sent, received) = (whole.sums(), cut.sums());
        assert_eq!((sent.packets, sent.bytes), (received.packets, received.bytes));
        assert_eq!(received.records, received.packets);
        assert!(sent.records < sent.packets / 4, "nothing was left to cut: {sent:?}");
        assert_eq!(lab.statistics(Side::Near).unwrap().tx_packets, sent.packets);
    }
    whole.running.terminate().assert_clean();
    cut.running.terminate().assert_clean();
}

/// As above, but the packets stay large all the way: ingress counts them as egress did.
#[test]
fn super_packets_count_alike_at_both_ends() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let sender = OneTap::start(&lab, Side::Far, "none", "tc");
    let receiver = OneTap::start(&lab, Side::Near, "tc", "none");
    for family in paths(&lab).into_iter().map(|path| path.family) {
        let path = Path::new(Side::Far, family);
        let before = receiver.sums();
        assert_eq!(traffic::udp_gso(&lab, path, 5, 40, 1000).unwrap(), 200);
        let seen = receiver.sums();
        let frame = ETHERNET + ip_header(family) + 8 + 1000;
        let of_datagrams = Sums { records: 5, packets: 200, bytes: 200 * frame };
        assert_eq!(seen, before + of_datagrams);

        assert_eq!(traffic::tcp(&lab, path.to_port(443), 3, 300_000).unwrap(), 900_000);
        let seen = receiver.sums();
        assert_eq!(seen, sender.sums());
        assert!(seen.records < seen.packets, "no super-packets: {seen:?}");
    }
    sender.running.terminate().assert_clean();
    receiver.running.terminate().assert_clean();
}

impl std::ops::Add for Sums {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            records: self.records + other.records,
            packets: self.packets + other.packets,
            bytes: self.bytes + other.bytes,
        }
    }
}

/// Frames with tags from a packet socket, of either size: the larger ones have everything but the
/// Ethernet header in another piece of memory.
mod tagged {
    use etherparse::{
        EtherType, Ethernet2Header, IpNumber, Ipv4Header, SingleVlanHeader, UdpHeader, VlanId,
    };

    use super::*;

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
            std::net::IpAddr::V4(address) => address.octets(),
            std::net::IpAddr::V6(_) => unreachable!(),
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
        UdpHeader::without_ipv4_checksum(1234, 5678, payload.len())
            .unwrap()
            .write(&mut frame)
            .unwrap();
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

    fn tags_are_told(ingress: Ingress) {
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
    fn on_tc() {
        tags_are_told(TC);
    }

    #[test]
    fn on_native_xdp() {
        tags_are_told(XDP_NATIVE);
    }

    #[test]
    fn on_generic_xdp() {
        tags_are_told(XDP_GENERIC);
    }
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
