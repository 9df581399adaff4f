//! Structured random packets: frames that have every header which the parser knows, whole, cut short
//! and contradicting themselves, and marks that no capture has.

use fastrand::Rng;
use ringtap_capture::{Frame, Link};
use ringtap_record::{Direction, PacketRecord, mark};

use crate::app::feed;

/// Ports that plugins ask for, so that filters take something.
const PORTS: [u16; 16] =
    [53, 443, 80, 22, 123, 67, 68, 853, 5353, 8080, 3306, 5432, 6379, 25, 0, u16::MAX];

/// Addresses that plugins may ask for, and the ends of what there is.
const V4: [[u8; 4]; 6] =
    [[198, 51, 100, 1], [192, 0, 2, 1], [10, 0, 0, 1], [0; 4], [255; 4], [224, 0, 0, 251]];

/// Packets without end, the same ones for a seed.
pub(crate) struct Packets {
    random: Rng,
    now_ns: u64,
}

/// A packet, and what was captured of it.
pub(crate) struct Packet {
    pub record: PacketRecord,
    frame: Vec<u8>,
}

impl Packet {
    pub(crate) fn payload(&self) -> &[u8] {
        feed::payload(&self.record, &self.frame)
    }

    /// Two of three interfaces have names.
    pub(crate) fn interface(&self) -> Option<&'static str> {
        match self.record.ifindex {
            1 => Some("eth0"),
            2 => Some("eth1"),
            _ => None,
        }
    }
}

impl Packets {
    pub(crate) fn new(seed: u64, after_ns: u64) -> Self {
        Self { random: Rng::with_seed(seed), now_ns: after_ns }
    }

    pub(crate) fn next(&mut self) -> Packet {
        self.pass_time();
        let random = &mut self.random;
        let mut frame = ethernet(random);
        let whole = frame.len();
        damage(random, &mut frame);
        // Now and then the time of another CPU, which is behind.
        let late = if one_in(random, 16) { random.u64(..50_000_000) } else { 0 };
        let padding = if one_in(random, 4) { random.u32(..60) } else { 0 };
        let mut record = ringtap_capture::record(&Frame {
            number: 1,
            timestamp_ns: self.now_ns.saturating_sub(late),
            wire_len: whole as u32 + padding,
            interface: random.u32(1..=3),
            link: Link::Ethernet,
            direction: *choice(random, &[None, Some(Direction::Ingress), Some(Direction::Egress)]),
            bytes: &frame,
        });
        mark_as_taps_do(random, &mut record);
        stretch(random, &mut record);
        Packet { record, frame }
    }

    /// Mostly a little, now and then a long time.
    fn pass_time(&mut self) {
        let random = &mut self.random;
        let step = match random.u32(..200) {
            0 => 3_600_000_000_000,
            1..5 => random.u64(..2_000_000_000),
            _ => random.u64(..5_000_000),
        };
        self.now_ns = self.now_ns.saturating_add(step);
    }
}

fn one_in(random: &mut Rng, n: u32) -> bool {
    random.u32(..n) == 0
}

fn choice<'a, T>(random: &mut Rng, of: &'a [T]) -> &'a T {
    &of[random.usize(..of.len())]
}

fn push16(frame: &mut Vec<u8>, number: u16) {
    frame.extend_from_slice(&number.to_be_bytes());
}

fn push_random(random: &mut Rng, frame: &mut Vec<u8>, bytes: usize) {
    frame.extend((0..bytes).map(|_| random.u8(..)));
}

fn ethernet(random: &mut Rng) -> Vec<u8> {
    let mut frame = Vec::new();
    push_random(random, &mut frame, 12);
    if one_in(random, 5) {
        for _ in 0..random.u32(1..=5) {
            push16(&mut frame, *choice(random, &[0x8100, 0x88a8, 0x9100]));
            push16(&mut frame, random.u16(..));
        }
    }
    match random.u32(..20) {
        0 => arp(random, &mut frame),
        1 => {
            // Neither IP nor ARP, or a length in place of a type.
            push16(&mut frame, random.u16(..));
            let bytes = random.usize(..64);
            push_random(random, &mut frame, bytes);
        }
        2 => {
            push16(&mut frame, 0x8847);
            frame.extend([0, 1, 0x01, 64]);
            ipv4(random, &mut frame);
        }
        3 => {
            push16(&mut frame, 0x8864);
            frame.extend([0x11, 0, 0, 1, 0, 60, 0, 0x21]);
            ipv4(random, &mut frame);
        }
        4..10 => {
            push16(&mut frame, 0x86dd);
            ipv6(random, &mut frame);
        }
        _ => {
            push16(&mut frame, 0x0800);
            ipv4(random, &mut frame);
        }
    }
    frame
}

fn arp(random: &mut Rng, frame: &mut Vec<u8>) {
    push16(frame, 0x0806);
    frame.extend([0, 1, 8, 0, 6, 4, 0, random.u8(1..=2)]);
    push_random(random, frame, 6);
    frame.extend(address_v4(random));
    push_random(random, frame, 6);
    frame.extend(address_v4(random));
}

fn address_v4(random: &mut Rng) -> [u8; 4] {
    match random.u32(..3) {
        0 => [10, 0, 0, random.u8(..8)],
        1 => *choice(random, &V4),
        _ => random.u32(..).to_be_bytes(),
    }
}

fn address_v6(random: &mut Rng) -> [u8; 16] {
    match random.u32(..4) {
        0 => random.u128(..).to_be_bytes(),
        1 => (0xffff_u128 << 32 | u128::from(random.u32(..))).to_be_bytes(),
        2 => *choice(random, &[[0; 16], [0xff; 16]]),
        _ => (0x2001_0db8_u128 << 96 | u128::from(random.u8(..8))).to_be_bytes(),
    }
}

fn ipv4(random: &mut Rng, frame: &mut Vec<u8>) {
    let (protocol, inner) = transport(random);
    let options = if one_in(random, 8) { random.usize(1..=10) * 4 } else { 0 };
    let fragment = match random.u32(..12) {
        0 => 0x2000,
        1 => random.u16(1..0x1fff),
        2 => 0x4000,
        _ => 0,
    };
    frame.extend([0x45 + (options / 4) as u8, random.u8(..)]);
    push16(frame, (20 + options + inner.len()) as u16);
    push16(frame, random.u16(..));
    push16(frame, fragment);
    frame.extend([random.u8(..), protocol]);
    push16(frame, random.u16(..));
    frame.extend(address_v4(random));
    frame.extend(address_v4(random));
    push_random(random, frame, options);
    frame.extend(inner);
}

fn ipv6(random: &mut Rng, frame: &mut Vec<u8>) {
    let (protocol, inner) = transport(random);
    let mut extensions = Vec::new();
    let mut first = protocol;
    if one_in(random, 6) {
        first = 44;
        extensions.extend([protocol, 0]);
        push16(&mut extensions, *choice(random, &[0, 1, 8 << 3 | 1, 0xfff8]));
        push_random(random, &mut extensions, 4);
    } else if one_in(random, 8) {
        first = *choice(random, &[0, 60]);
        extensions.extend([protocol, 0, 1, 4, 0, 0, 0, 0]);
    }
    frame.extend((6 << 28 | random.u32(..1 << 28)).to_be_bytes());
    push16(frame, (extensions.len() + inner.len()) as u16);
    frame.extend([first, random.u8(..)]);
    frame.extend(address_v6(random));
    frame.extend(address_v6(random));
    frame.extend(extensions);
    frame.extend(inner);
}

/// A protocol, and its header with what follows.
fn transport(random: &mut Rng) -> (u8, Vec<u8>) {
    let mut inner = Vec::new();
    let protocol = match random.u32(..20) {
        0..9 => tcp(random, &mut inner),
        9..16 => udp(random, &mut inner),
        16 => icmp(random, &mut inner, 1),
        17 => icmp(random, &mut inner, 58),
        18 => {
            push16(&mut inner, port(random));
            push16(&mut inner, port(random));
            push_random(random, &mut inner, 8);
            132
        }
        _ => random.u8(..),
    };
    inner.extend(application(random));
    (protocol, inner)
}

fn port(random: &mut Rng) -> u16 {
    match one_in(random, 3) {
        true => random.u16(..),
        false => *choice(random, &PORTS),
    }
}

fn tcp(random: &mut Rng, out: &mut Vec<u8>) -> u8 {
    push16(out, port(random));
    push16(out, port(random));
    for _ in 0..2 {
        let number = *choice(random, &[0, 1, 1000, 2460, u32::MAX, random.clone().u32(..)]);
        out.extend(number.to_be_bytes());
    }
    let flags = *choice(random, &[0x02, 0x12, 0x10, 0x18, 0x11, 0x04, 0x14, 0, 0x1ff, 0x29]);
    push16(out, 0x5000 | flags);
    push16(out, *choice(random, &[0, 1, 502, u16::MAX]));
    push_random(random, out, 4);
    6
}

fn udp(random: &mut Rng, out: &mut Vec<u8>) -> u8 {
    push16(out, port(random));
    push16(out, port(random));
    push16(out, random.u16(..1500));
    push_random(random, out, 2);
    17
}

fn icmp(random: &mut Rng, out: &mut Vec<u8>, protocol: u8) -> u8 {
    out.extend([*choice(random, &[0, 3, 8, 11, 133, 134, 135, 136, 255]), random.u8(..)]);
    push_random(random, out, 6);
    protocol
}

/// What stands behind the headers: nothing, a DNS message, the beginning of TLS, or anything.
fn application(random: &mut Rng) -> Vec<u8> {
    let mut bytes = match random.u32(..5) {
        0 => return Vec::new(),
        1 => b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07example\x03com\x00\x00\x01\x00\x01".to_vec(),
        2 => b"\x12\x34\x81\x83\x00\x01\x00\x01\x00\x00\x00\x00\x07example\x00\x00\x1c\x00\x01\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x01".to_vec(),
        3 => b"\x16\x03\x01\x00\x4a\x01\x00\x00\x46\x03\x03".to_vec(),
        _ => Vec::new(),
    };
    let more = if one_in(random, 10) { random.usize(..1600) } else { random.usize(..64) };
    if bytes.is_empty() || one_in(random, 3) {
        push_random(random, &mut bytes, more);
    }
    // A message that contradicts itself.
    if one_in(random, 3) && !bytes.is_empty() {
        let at = random.usize(..bytes.len());
        bytes[at] = *choice(random, &[0, 0x3f, 0xc0, 0xff]);
    }
    bytes
}

/// A third is not as it was sent.
fn damage(random: &mut Rng, frame: &mut Vec<u8>) {
    match random.u32(..9) {
        0 => frame.truncate(random.usize(..=frame.len())),
        1 => {
            let at = random.usize(..frame.len());
            frame[at] ^= 1 << random.u32(..8);
        }
        2 => {
            let at = random.usize(..frame.len().min(60));
            frame[at] = *choice(random, &[0, 0xff]);
        }
        _ => {}
    }
}

/// What taps know of a packet beside its bytes.
fn mark_as_taps_do(random: &mut Rng, record: &mut PacketRecord) {
    if one_in(random, 8) && record.protocol == 6 {
        record.marks |= mark::GSO;
        record.gso_size = *choice(random, &[1, 536, 1448, u16::MAX]);
        record.gso_segments = *choice(random, &[0, 1, 2, 45, u16::MAX]);
        record.wire_len = record.wire_len.saturating_mul(random.u32(1..50));
    }
    if one_in(random, 12) && record.vlan_count > 0 {
        record.marks |= mark::VLAN_IN_METADATA;
    }
    record.tap = random.u16(..4);
    record.hook = *choice(random, &[1, 2, 3]);
}

/// One in 16 has the largest or smallest value where any may stand.
fn stretch(random: &mut Rng, record: &mut PacketRecord) {
    if !one_in(random, 16) {
        return;
    }
    match random.u32(..5) {
        0 => record.wire_len = u32::MAX,
        1 => record.wire_len = 0,
        2 => record.ip_len = u32::MAX,
        3 => record.ifindex = u32::MAX,
        _ => record.timestamp_ns = 0,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_mark_comes_and_two_runs_are_the_same() {
        let packets = || {
            let mut packets = Packets::new(7, 1);
            (0..20_000).map(|_| packets.next().record).collect::<Vec<_>>()
        };
        let first = packets();
        assert_eq!(first, packets());
        let seen = first.iter().fold(0, |seen, record| seen | record.marks);
        let tags = 0b1111 << 20;
        let all = ((1 << 18) - 1) | tags;
        assert_eq!(seen & all, all, "{:#b} lack", all & !seen);
        let protocols: BTreeSet<_> = first.iter().map(|record| record.protocol).collect();
        assert!(protocols.len() > 100);
        let versions: BTreeSet<_> = first.iter().map(|record| record.ip_version).collect();
        assert_eq!(versions.into_iter().collect::<Vec<_>>(), [0, 4, 6]);
    }
}
