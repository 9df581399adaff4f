//! The captures in `tests/captures`: made from nothing, the same bytes every time.

mod format;
mod traffic;

use std::{fs, path::Path};

use anyhow::Context;

use format::{Endian, Pcap, Pcapng, Resolution};
use traffic::{Body, Packet};

const NULL: u32 = 0;
const ETHERNET: u32 = 1;
const RAW: u32 = 101;
const RADIOTAP: u16 = 127;
const LOOP: u32 = 108;
const COOKED: u32 = 113;
const COOKED_2: u32 = 276;

/// As `tcpdump -s 128` would keep them: all headers, little payload.
const DEMO_SNAP_LEN: usize = 128;

/// Write every capture into `directory`.
pub(crate) fn write(directory: &Path) -> anyhow::Result<()> {
    for (name, bytes) in files() {
        let path = directory.join(name);
        fs::write(&path, bytes).with_context(|| format!("can't write {}", path.display()))?;
    }
    Ok(())
}

/// Fail unless every capture in `directory` is what [`write`] would write.
pub(crate) fn check(directory: &Path) -> anyhow::Result<()> {
    for (name, bytes) in files() {
        let path = directory.join(name);
        let found = fs::read(&path).with_context(|| format!("can't read {}", path.display()))?;
        let hint = "run `cargo xtask captures` and commit what changed";
        anyhow::ensure!(found == bytes, "{} is not what its source makes: {hint}", path.display());
    }
    Ok(())
}

fn files() -> Vec<(&'static str, Vec<u8>)> {
    let variety = traffic::variety();
    vec![
        ("demo.pcap", demo()),
        ("swapped.pcap", ethernet(Pcap::new(Endian::Big, Resolution::Micro, ETHERNET), &variety)),
        ("nano.pcap", ethernet(Pcap::new(Endian::Little, Resolution::Nano, ETHERNET), &variety)),
        ("raw.pcap", framed(RAW, &variety, |_| Some(Vec::new()))),
        ("null.pcap", framed(NULL, &variety, |body| address_family(body, u32::to_le_bytes))),
        ("loop.pcap", framed(LOOP, &variety, |body| address_family(body, u32::to_be_bytes))),
        ("cooked.pcap", framed(COOKED, &variety, |body| Some(cooked(body)))),
        ("cooked2.pcap", framed(COOKED_2, &variety, |body| Some(cooked_2(body)))),
        ("mixed.pcapng", mixed(&variety)),
    ]
}

fn demo() -> Vec<u8> {
    let mut file = Pcap::new(Endian::Little, Resolution::Micro, ETHERNET);
    for packet in traffic::demo() {
        let frame = packet.frame();
        let kept = &frame[..frame.len().min(DEMO_SNAP_LEN)];
        file.packet(packet.time_ns, frame.len(), kept);
    }
    file.into_bytes()
}

fn ethernet(mut file: Pcap, packets: &[Packet]) -> Vec<u8> {
    for packet in packets {
        let frame = packet.frame();
        file.packet(packet.time_ns, frame.len(), &frame);
    }
    file.into_bytes()
}

/// The bodies that `header` has something to put before.
fn framed(
    link_type: u32,
    packets: &[Packet],
    header: impl Fn(&Body) -> Option<Vec<u8>>,
) -> Vec<u8> {
    let mut file = Pcap::new(Endian::Little, Resolution::Micro, link_type);
    for packet in packets.iter().filter(|packet| packet.body.is_ip()) {
        if let Some(mut frame) = header(&packet.body) {
            frame.extend_from_slice(&packet.body.bytes);
            file.packet(packet.time_ns, frame.len(), &frame);
        }
    }
    file.into_bytes()
}

/// macOS has 30 for IPv6.
fn address_family(body: &Body, order: fn(u32) -> [u8; 4]) -> Option<Vec<u8>> {
    let family = if body.ether_type == traffic::IPV6 { 30 } else { 2 };
    Some(order(family).to_vec())
}

/// Sent by us, over Ethernet.
fn cooked(body: &Body) -> Vec<u8> {
    let [high, low] = body.ether_type.to_be_bytes();
    vec![0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, high, low]
}

/// Sent to us, over Ethernet, on interface 2.
fn cooked_2(body: &Body) -> Vec<u8> {
    let [high, low] = body.ether_type.to_be_bytes();
    vec![high, low, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0]
}

/// Two sections of different byte order, four interfaces, of which one is not supported, and every
/// kind of packet block.
fn mixed(packets: &[Packet]) -> Vec<u8> {
    let mut file = Pcapng::default();
    file.section(Endian::Little);
    file.interface(ETHERNET as u16, "eth0", Some(9));
    file.interface(RAW as u16, "tun0", None);
    file.interface(RADIOTAP, "wlan0", None);
    file.name_resolution();
    for (at, packet) in packets.iter().enumerate() {
        let direction = 1 + (at % 2) as u32;
        file.enhanced_packet(0, packet.time_ns, &packet.frame(), direction);
        if packet.body.is_ip() {
            file.enhanced_packet(1, packet.time_ns / 1000, &packet.body.bytes, 0);
        }
    }
    file.enhanced_packet(2, 1, &[0, 0, 8, 0, 0, 0, 0, 0], 0);
    file.section(Endian::Big);
    file.interface(ETHERNET as u16, "eth0", None);
    for packet in packets {
        file.simple_packet(&packet.frame());
        file.old_packet(0, packet.time_ns / 1000, &packet.frame());
    }
    file.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn committed_captures_are_what_their_source_makes() {
        check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/captures")).unwrap();
    }
}
