use ringtap_lab::{
    Family, LabConfig,
    traffic::{self, Path},
};

use crate::{
    COUNT, ETHERNET, Ingress, TC, XDP_GENERIC, XDP_NATIVE,
    bench::{Bench, Seen, one_way},
    ip_header, paths,
};

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
