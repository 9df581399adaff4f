//! Packets to measure with: frames for the taps, and batches for plugins; and events. For `ringtap plugin bench`
//! and `cargo xtask bench`, whose figures are of the same packets. And what to say of the samples.

mod rows;
mod summary;

use std::{net::IpAddr, sync::Arc};

use etherparse::{PacketBuilder, VlanId, err::packet::BuildWriteError};
use ringtap_pipeline::batch::Batch;
use ringtap_record::{Direction, Hook, PacketRecord, Start, parse};
pub use rows::events;
pub use summary::Summary;

const MAC_A: [u8; 6] = [2, 0, 0, 0, 0, 1];
const MAC_B: [u8; 6] = [2, 0, 0, 0, 0, 2];
const HOP_LIMIT: u8 = 64;
const WINDOW: u16 = 4096;

/// One direction of a conversation.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    pub ipv6: bool,
    pub tcp: bool,
    pub vlan: bool,
    /// Tells its hosts and ports from those of other flows.
    pub number: u16,
}

impl Flow {
    /// A frame of the flow, padded to `len` bytes if it is not that long anyway.
    pub fn frame(self, len: usize) -> Vec<u8> {
        let headers = self.write(&[]);
        let payload = vec![0; len.saturating_sub(headers.len())];
        self.write(&payload)
    }

    /// Where it comes from and goes to.
    pub fn hosts(self) -> (IpAddr, IpAddr) {
        let hosts = match self.ipv6 {
            true => self.hosts_v6().map(IpAddr::from),
            false => self.hosts_v4().map(IpAddr::from),
        };
        hosts.into()
    }

    /// Of source and destination.
    pub const fn ports(self) -> (u16, u16) {
        (1024 + self.number, 443)
    }

    const fn hosts_v4(self) -> [[u8; 4]; 2] {
        let [hi, lo] = self.number.to_be_bytes();
        [[10, 0, hi, lo], [10, 1, 0, lo]]
    }

    const fn hosts_v6(self) -> [[u8; 16]; 2] {
        let [hi, lo] = self.number.to_be_bytes();
        [
            [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, hi, lo],
            [0xfd, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, lo],
        ]
    }

    fn write(self, payload: &[u8]) -> Vec<u8> {
        let (source_port, destination_port) = self.ports();
        let ethernet = PacketBuilder::ethernet2(MAC_A, MAC_B);
        let ([v4, peer4], [v6, peer6]) = (self.hosts_v4(), self.hosts_v6());
        macro_rules! ip {
            ($link:expr) => {
                if self.ipv6 {
                    $link.ipv6(v6, peer6, HOP_LIMIT)
                } else {
                    $link.ipv4(v4, peer4, HOP_LIMIT)
                }
            };
        }
        let vlan = VlanId::ZERO;
        let network = if self.vlan { ip!(ethernet.single_vlan(vlan)) } else { ip!(ethernet) };
        let mut frame = Vec::new();
        let written: Result<(), BuildWriteError> = if self.tcp {
            let tcp = network.tcp(source_port, destination_port, 1, WINDOW).ack(1);
            tcp.write(&mut frame, payload)
        } else {
            network.udp(source_port, destination_port).write(&mut frame, payload)
        };
        written.expect("the payload is short and a vector takes everything");
        frame
    }
}

/// Flows as on a server: two thirds TCP, a fifth IPv6.
pub fn mixed_flows(count: u16) -> impl Iterator<Item = Flow> {
    (0..count).map(|number| Flow {
        ipv6: number % 5 == 0,
        tcp: number % 3 != 0,
        vlan: false,
        number,
    })
}

/// Batches of `records` each, `total` records in all, of `flows` flows in an order like chance but
/// always the same. All at one time, so that no flow ends.
pub fn batches(flows: u16, records: usize, total: usize) -> Vec<Arc<Batch>> {
    let known: Vec<_> = mixed_flows(flows).map(record).collect();
    let mut chance = Chance(1);
    let batch = |_| Batch {
        records: (0..records).map(|_| known[chance.below(known.len())]).collect(),
        ..Batch::default()
    };
    (0..total / records).map(batch).map(Arc::new).collect()
}

/// These records alone.
pub fn batch(records: &[PacketRecord]) -> Arc<Batch> {
    Arc::new(Batch { records: records.to_vec(), ..Batch::default() })
}

pub fn record(flow: Flow) -> PacketRecord {
    let lengths = [64, 64, 576, 1514];
    let frame = flow.frame(lengths[usize::from(flow.number) % lengths.len()]);
    let mut record = PacketRecord {
        timestamp_ns: 1,
        matched: 1,
        sample_one_in: 1,
        wire_len: frame.len() as u32,
        cap_len: frame.len() as u32,
        ifindex: 1,
        tap: 1,
        hook: Hook::Xdp as u8,
        direction: Direction::Ingress as u8,
        ..PacketRecord::default()
    };
    parse(&frame[..], Start::Ethernet, 0, &mut record);
    record
}

/// Numbers without a pattern that matters (Knuth's linear congruential generator, MMIX).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

#[cfg(test)]
mod tests {
    use ringtap_record::mark;

    use super::*;

    #[test]
    fn frames_have_the_length_and_the_headers_that_were_asked_for() {
        for (ipv6, tcp, vlan, headers) in [
            (false, false, false, 42),
            (false, true, false, 54),
            (true, true, false, 74),
            (false, false, true, 46),
        ] {
            let flow = Flow { ipv6, tcp, vlan, number: 7 };
            assert_eq!(flow.frame(0).len(), headers);
            assert_eq!(flow.frame(1514).len(), 1514);
            let record = record(flow);
            assert_eq!(record.marks & (mark::PARTIAL | mark::MALFORMED), 0);
            assert_eq!(record.protocol, if tcp { 6 } else { 17 });
            assert_eq!(record.ip_version, if ipv6 { 6 } else { 4 });
            assert_eq!((record.vlan_count, record.src_port), (u8::from(vlan), 1031));
        }
    }

    #[test]
    fn batches_hold_every_flow_and_are_the_same_each_time() {
        let first = batches(100, 256, 2560);
        assert_eq!(first.len(), 10);
        let records: Vec<_> = first.iter().flat_map(|batch| &batch.records).collect();
        let ports: std::collections::BTreeSet<_> =
            records.iter().map(|record| record.src_port).collect();
        assert_eq!((records.len(), ports.len()), (2560, 100));
        let again = batches(100, 256, 2560);
        assert!(again.iter().zip(&first).all(|(a, b)| a.records == b.records));
    }
}
