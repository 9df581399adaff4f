use std::net::{Ipv4Addr, Ipv6Addr};

use etherparse::{
    EtherType, Ethernet2Header, IpDscp, IpFragOffset, IpNumber, Ipv4Header, Ipv6FragmentHeader,
    Ipv6Header, SingleVlanHeader, TcpHeader, UdpHeader, VlanId,
};
use proptest::{prelude::*, sample::select};

use super::{PORTS, PROTOCOLS, V4, V6, VLANS};

/// A packet to be written as a frame.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    /// Outermost first.
    pub(crate) vlans: Vec<u16>,
    pub(crate) network: Place,
    pub(crate) protocol: u8,
    pub(crate) ports: (u16, u16),
    pub(crate) tcp_flags: u8,
    pub(crate) ttl: u8,
    pub(crate) dscp: u8,
    pub(crate) fragment: Fragment,
    pub(crate) payload: usize,
}

#[derive(Clone, Debug)]
pub(crate) enum Place {
    V4(&'static str, &'static str),
    V6(&'static str, &'static str),
    Arp(&'static str, &'static str),
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fragment {
    No,
    First,
    Later,
}

pub(crate) fn packets() -> impl Strategy<Value = Packet> {
    let network = prop_oneof![
        4 => (select(&V4[..]), select(&V4[..])).prop_map(|(a, b)| Place::V4(a, b)),
        4 => (select(&V6[..]), select(&V6[..])).prop_map(|(a, b)| Place::V6(a, b)),
        1 => (select(&V4[..]), select(&V4[..])).prop_map(|(a, b)| Place::Arp(a, b)),
        1 => Just(Place::Other),
    ];
    let protocol = prop_oneof![4 => Just(6), 3 => Just(17), 4 => select(&PROTOCOLS[..])];
    let fragment = prop_oneof![
        6 => Just(Fragment::No),
        1 => Just(Fragment::First),
        1 => Just(Fragment::Later),
    ];
    let flags = prop_oneof![select(vec![2, 0x12, 0x10, 0x11, 4, 0x18]), any::<u8>()];
    (
        prop::collection::vec(select(&VLANS[..]), 0..=1),
        network,
        protocol,
        (select(&PORTS[..]), select(&PORTS[..])),
        flags,
        select(vec![1, 4, 5, 64, 255]),
        select(vec![0, 10, 46]),
        fragment,
        select(vec![0, 10, 46, 100, 1000]),
    )
        .prop_map(
            |(vlans, network, protocol, ports, tcp_flags, ttl, dscp, fragment, payload)| Packet {
                vlans,
                network,
                protocol,
                ports,
                tcp_flags,
                ttl,
                dscp,
                fragment,
                payload,
            },
        )
}

impl Packet {
    /// From the Ethernet header to the end of the payload.
    pub(crate) fn frame(&self) -> Vec<u8> {
        let mut types: Vec<_> = self.vlans.iter().map(|_| EtherType(0x8100)).collect();
        types.push(match self.network {
            Place::V4(..) => EtherType::IPV4,
            Place::V6(..) => EtherType::IPV6,
            Place::Arp(..) => EtherType::ARP,
            Place::Other => EtherType(0x88cc),
        });
        let ethernet = Ethernet2Header { ether_type: types[0], ..Ethernet2Header::default() };
        let mut frame = ethernet.to_bytes().to_vec();
        for (&id, &ether_type) in self.vlans.iter().zip(&types[1..]) {
            let vlan_id = VlanId::try_new(id).unwrap();
            frame.extend(SingleVlanHeader { vlan_id, ether_type, ..Default::default() }.to_bytes());
        }
        frame.extend(self.packet());
        frame
    }

    fn packet(&self) -> Vec<u8> {
        match self.network {
            Place::V4(src, dst) => self.ipv4(v4(src), v4(dst)),
            Place::V6(src, dst) => self.ipv6(v6(src), v6(dst)),
            Place::Arp(src, dst) => arp(v4(src), v4(dst)),
            Place::Other => vec![0; 50],
        }
    }

    fn ipv4(&self, src: [u8; 4], dst: [u8; 4]) -> Vec<u8> {
        let content = self.content();
        let number = IpNumber(self.protocol);
        let mut header = Ipv4Header::new(content.len() as u16, self.ttl, number, src, dst).unwrap();
        header.dscp = IpDscp::try_new(self.dscp).unwrap();
        header.more_fragments = self.fragment == Fragment::First;
        header.fragment_offset = self.offset();
        header.dont_fragment = self.fragment == Fragment::No;
        [&header.to_bytes()[..], &content].concat()
    }

    fn ipv6(&self, source: [u8; 16], destination: [u8; 16]) -> Vec<u8> {
        let mut content = self.content();
        let mut next_header = IpNumber(self.protocol);
        if self.fragment != Fragment::No {
            let more = self.fragment == Fragment::First;
            let header = Ipv6FragmentHeader::new(next_header, self.offset(), more, 7);
            content = [&header.to_bytes()[..], &content].concat();
            next_header = IpNumber::IPV6_FRAGMENTATION_HEADER;
        }
        let header = Ipv6Header {
            traffic_class: self.dscp << 2,
            payload_length: content.len() as u16,
            next_header,
            hop_limit: self.ttl,
            source,
            destination,
            ..Ipv6Header::default()
        };
        [&header.to_bytes()[..], &content].concat()
    }

    fn offset(&self) -> IpFragOffset {
        let units = if self.fragment == Fragment::Later { 100 } else { 0 };
        IpFragOffset::try_new(units).unwrap()
    }

    /// The transport header, or for a later fragment bytes that look like one, and the payload.
    fn content(&self) -> Vec<u8> {
        let (src, dst) = self.ports;
        let header = match self.protocol {
            6 => {
                let mut bytes = TcpHeader::new(src, dst, 7, 512).to_bytes().to_vec();
                bytes[13] = self.tcp_flags;
                bytes
            }
            17 => {
                let length = 8 + self.payload as u16;
                let header =
                    UdpHeader { source_port: src, destination_port: dst, length, checksum: 0 };
                header.to_bytes().to_vec()
            }
            _ => [&src.to_be_bytes()[..], &dst.to_be_bytes(), &[0; 8]].concat(),
        };
        [header, vec![0x55; self.payload]].concat()
    }
}

fn arp(sender: [u8; 4], target: [u8; 4]) -> Vec<u8> {
    let request = [0, 1, 8, 0, 6, 4, 0, 1];
    [&request[..], &[2; 6], &sender, &[0; 6], &target, &[0; 18]].concat()
}

fn v4(text: &str) -> [u8; 4] {
    text.parse::<Ipv4Addr>().unwrap().octets()
}

fn v6(text: &str) -> [u8; 16] {
    text.parse::<Ipv6Addr>().unwrap().octets()
}
