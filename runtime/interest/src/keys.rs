use ringtap_record::{
    Direction, PacketRecord, mark,
    wire::{
        ether_type::{ARP, IPV4, IPV6},
        protocol::{SCTP, TCP, UDP},
    },
};

use crate::Dimension;

/// What a packet is, behind VLAN tags, MPLS labels and PPPoE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// None of the others.
    Other = 0,
    /// With a whole fixed header.
    Ipv4 = 1,
    /// With a whole fixed header.
    Ipv6 = 2,
    /// With IPv4 addresses.
    Arp = 3,
    /// Without addresses that a record can hold.
    ArpOther = 4,
    /// Said to be IPv4, but its header is cut off or none.
    Ipv4Cut = 5,
    /// Said to be IPv6, but its header is cut off or none.
    Ipv6Cut = 6,
}

/// The values of one packet that the tables look up, one per [`Dimension`].
///
/// A tap makes them from what it has read so far; all that it has to promise is that they are what
/// [`Keys::of`] makes of the whole record, at least in the dimensions that
/// [`Plan::used`](crate::Plan::used) names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// High and low half; the low 32 bits for IPv4 and ARP.
    pub src: [u64; 2],
    /// As the source.
    pub dst: [u64; 2],
    pub length: u32,
    pub ifindex: u32,
    /// [`Dimension::bit`] of each dimension that the packet has a value in.
    pub present: u32,
    pub src_port: u16,
    pub dst_port: u16,
    pub vlan: u16,
    pub kind: u8,
    pub protocol: u8,
    pub tcp_flags: u8,
    pub direction: u8,
    pub fragment: u8,
    pub ttl: u8,
    pub dscp: u8,
}

impl Kind {
    /// What the record's packet is.
    #[inline(always)]
    pub fn of(record: &PacketRecord) -> Self {
        match (record.ip_version, record.eth_type) {
            (4, _) if record.ip_len != 0 => Self::Ipv4,
            (6, _) if record.ip_len != 0 => Self::Ipv6,
            (4, _) | (0, IPV4) => Self::Ipv4Cut,
            (6, _) | (0, IPV6) => Self::Ipv6Cut,
            (_, ARP) if record.has(mark::ARP) => Self::Arp,
            (_, ARP) => Self::ArpOther,
            _ => Self::Other,
        }
    }
}

impl Keys {
    /// What every packet has, as [`Dimension::is_always_there`] says.
    pub(crate) const ALWAYS: u32 = Dimension::Kind.bit()
        | Dimension::Interface.bit()
        | Dimension::Fragment.bit()
        | Dimension::Length.bit();

    /// The keys of a record.
    #[inline(always)]
    pub fn of(record: &PacketRecord) -> Self {
        let kind = Kind::of(record);
        let mut keys = Self {
            src: [record.src_hi, record.src_lo],
            dst: [record.dst_hi, record.dst_lo],
            length: record.wire_len,
            ifindex: record.ifindex,
            kind: kind as u8,
            present: Self::ALWAYS,
            ..Self::default()
        };
        keys.set_outside(record);
        match kind {
            Kind::Ipv4 => keys.present |= Dimension::SrcV4.bit() | Dimension::DstV4.bit(),
            Kind::Ipv6 => keys.present |= Dimension::SrcV6.bit() | Dimension::DstV6.bit(),
            Kind::Arp => {
                keys.present |= Dimension::SrcV4.bit() | Dimension::DstV4.bit();
                return keys;
            }
            _ => return keys,
        }
        keys.set_ip(record);
        keys
    }

    /// What stands outside of the network header.
    #[inline(always)]
    fn set_outside(&mut self, record: &PacketRecord) {
        if record.vlan_count != 0 {
            self.set_vlan(record.vlan[0]);
        }
        match record.direction {
            1 => self.set_direction(Direction::Ingress),
            2 => self.set_direction(Direction::Egress),
            _ => {}
        }
    }

    #[inline(always)]
    fn set_ip(&mut self, record: &PacketRecord) {
        self.set_header(record.protocol, record.ttl, record.tos);
        if record.has(mark::FRAGMENT) {
            self.fragment = if record.frag_offset == 0 { 1 } else { 2 };
        }
        // pcap-filter's `port` knows of these three; the ports of UDP-Lite are not asked for.
        if record.has(mark::PORTS) && matches!(record.protocol, TCP | UDP | SCTP) {
            self.set_ports(record.src_port, record.dst_port);
        }
        if record.has(mark::TCP_FLAGS) && record.protocol == TCP {
            self.tcp_flags = record.tcp_flags as u8;
            self.present |= Dimension::TcpFlags.bit();
        }
    }

    /// The outermost tag.
    #[inline(always)]
    pub(crate) fn set_vlan(&mut self, tci: u16) {
        self.vlan = tci & 0xfff;
        self.present |= Dimension::Vlan.bit();
    }

    /// Which way the packet passes.
    #[inline(always)]
    pub fn set_direction(&mut self, direction: Direction) {
        self.direction = direction as u8 - 1;
        self.present |= Dimension::Direction.bit();
    }

    #[inline(always)]
    pub(crate) fn set_header(&mut self, protocol: u8, ttl: u8, tos: u8) {
        self.protocol = protocol;
        self.ttl = ttl;
        self.dscp = tos >> 2;
        self.present |= Dimension::Protocol.bit() | Dimension::Ttl.bit() | Dimension::Dscp.bit();
    }

    #[inline(always)]
    pub(crate) fn set_ports(&mut self, src: u16, dst: u16) {
        self.src_port = src;
        self.dst_port = dst;
        self.present |= Dimension::SrcPort.bit() | Dimension::DstPort.bit();
    }

    /// A number for the packet's flow, the same in both directions: over addresses, protocol and
    /// ports. Packets without addresses are one flow.
    #[inline(always)]
    pub fn flow_hash(&self, seed: u32) -> u32 {
        let endpoint = |[hi, lo]: [u64; 2], port: u16| {
            mix(mix(mix(hi ^ u64::from(seed)) ^ lo) ^ u64::from(port))
        };
        let both =
            endpoint(self.src, self.src_port).wrapping_add(endpoint(self.dst, self.dst_port));
        (mix(both ^ u64::from(self.protocol)) >> 32) as u32
    }

    /// Whether the packet has a value in that dimension.
    #[inline(always)]
    pub const fn has(&self, dimension: Dimension) -> bool {
        self.present & dimension.bit() != 0
    }

    /// The value in one dimension as a number of [`Dimension::bytes`] bytes, moved up to the top of
    /// 128 bits, high and low half. It means nothing where the packet has none.
    #[inline(always)]
    pub const fn top_aligned(&self, dimension: Dimension) -> [u64; 2] {
        match dimension {
            Dimension::Kind => [(self.kind as u64) << 56, 0],
            Dimension::Protocol => [(self.protocol as u64) << 56, 0],
            Dimension::DstPort => [(self.dst_port as u64) << 48, 0],
            Dimension::SrcPort => [(self.src_port as u64) << 48, 0],
            Dimension::TcpFlags => [(self.tcp_flags as u64) << 56, 0],
            Dimension::DstV4 => [self.dst[1] << 32, 0],
            Dimension::SrcV4 => [self.src[1] << 32, 0],
            Dimension::DstV6 => self.dst,
            Dimension::SrcV6 => self.src,
            Dimension::Vlan => [(self.vlan as u64) << 48, 0],
            Dimension::Interface => [(self.ifindex as u64) << 32, 0],
            Dimension::Direction => [(self.direction as u64) << 56, 0],
            Dimension::Fragment => [(self.fragment as u64) << 56, 0],
            Dimension::Length => [(self.length as u64) << 32, 0],
            Dimension::Ttl => [(self.ttl as u64) << 56, 0],
            Dimension::Dscp => [(self.dscp as u64) << 56, 0],
        }
    }

    /// The value in one dimension, or `None` where the packet has none.
    #[cfg(feature = "std")]
    pub fn value(&self, dimension: Dimension) -> Option<u128> {
        let [hi, lo] = self.top_aligned(dimension);
        let value = (u128::from(hi) << 64 | u128::from(lo)) >> (128 - 8 * dimension.bytes());
        self.has(dimension).then_some(value)
    }
}

/// The finalizer of SplitMix64 (Steele, Lea and Flood, 2014): every bit of `x` changes every bit.
#[inline(always)]
const fn mix(x: u64) -> u64 {
    let x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;

    fn tcp() -> PacketRecord {
        PacketRecord {
            ip_version: 4,
            ip_len: 40,
            eth_type: 0x800,
            protocol: TCP,
            src_lo: 0x0a00_0001,
            dst_lo: 0x0a00_0002,
            src_port: 1025,
            dst_port: 443,
            tcp_flags: 0x112,
            tos: 46 << 2 | 1,
            ttl: 64,
            wire_len: 54,
            ifindex: 3,
            direction: 2,
            vlan_count: 1,
            vlan: [0xf005, 0, 0, 0],
            marks: mark::PORTS | mark::TCP_FLAGS | mark::ETH_TYPE,
            ..PacketRecord::default()
        }
    }

    #[test]
    fn every_dimension_of_a_packet() {
        let keys = Keys::of(&tcp());
        let values: Vec<_> = Dimension::ALL.iter().map(|&one| keys.value(one)).collect();
        let expected = [
            Some(1),
            Some(6),
            Some(443),
            Some(1025),
            Some(0x12),
            Some(0x0a00_0002),
            Some(0x0a00_0001),
            None,
            None,
            Some(5),
            Some(3),
            Some(1),
            Some(0),
            Some(54),
            Some(64),
            Some(46),
        ];
        assert_eq!(values, expected);
    }

    #[test]
    fn both_directions_are_one_flow() {
        let there = Keys::of(&tcp());
        let back = Keys {
            src: there.dst,
            dst: there.src,
            src_port: there.dst_port,
            dst_port: there.src_port,
            ..there
        };
        assert_eq!(there.flow_hash(7), back.flow_hash(7));
        assert_ne!(there.flow_hash(7), there.flow_hash(8));
        let crossed = Keys { src_port: there.dst_port, dst_port: there.src_port, ..there };
        assert_ne!(there.flow_hash(7), crossed.flow_hash(7));
    }

    #[test]
    fn flows_spread_evenly() {
        let hash = |port| Keys { src_port: port, ..Keys::of(&tcp()) }.flow_hash(0);
        let low = (0..10_000).filter(|&port| hash(port) < 1 << 29).count();
        // An eighth, within five standard deviations.
        assert!((1085..1415).contains(&low), "{low}");
    }

    #[test]
    fn what_is_always_there() {
        let nothing = Keys::of(&PacketRecord::default());
        for dimension in Dimension::ALL {
            assert_eq!(nothing.has(dimension), dimension.is_always_there(), "{dimension:?}");
        }
    }

    #[test]
    fn ports_belong_to_three_protocols_and_flags_to_one() {
        let udp_lite = Keys::of(&PacketRecord { protocol: 136, ..tcp() });
        assert_eq!(udp_lite.value(Dimension::DstPort), None);
        assert_eq!(udp_lite.value(Dimension::TcpFlags), None);
        let sctp = Keys::of(&PacketRecord { protocol: SCTP, ..tcp() });
        assert_eq!(sctp.value(Dimension::SrcPort), Some(1025));
        assert_eq!(sctp.value(Dimension::TcpFlags), None);
    }

    #[test]
    fn a_header_that_is_not_whole_gives_a_kind_and_nothing_else() {
        for (ip_version, ip_len, eth_type, kind) in [
            (4, 0, 0x8847, Kind::Ipv4Cut),
            (0, 0, 0x0800, Kind::Ipv4Cut),
            (6, 0, 0x86dd, Kind::Ipv6Cut),
            (0, 0, 0x86dd, Kind::Ipv6Cut),
            (0, 0, 0x0806, Kind::ArpOther),
            (0, 0, 0x88cc, Kind::Other),
        ] {
            let record = PacketRecord { ip_version, ip_len, eth_type, ..tcp() };
            let keys = Keys::of(&record);
            assert_eq!(keys.kind, kind as u8, "{kind:?}");
            assert_eq!(keys.value(Dimension::Protocol), None, "{kind:?}");
            assert_eq!(keys.value(Dimension::DstPort), None, "{kind:?}");
            assert_eq!(keys.value(Dimension::SrcV4), None, "{kind:?}");
        }
    }
}
