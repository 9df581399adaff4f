use std::{fmt, net::Ipv4Addr};

use super::{Packet, mark};

/// A MAC address, in the order of transmission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MacAddress(pub [u8; 6]);

impl MacAddress {
    pub(super) fn from_parts(hi: u32, lo: u16) -> Self {
        let ([a, b, c, d], [e, f]) = (hi.to_be_bytes(), lo.to_be_bytes());
        Self([a, b, c, d, e, f])
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

/// A VLAN tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VlanTag {
    /// VLAN id, 12 bits.
    pub id: u16,
    /// Priority code point, 3 bits.
    pub priority: u8,
    /// The frame may be dropped first.
    pub drop_eligible: bool,
    /// An 802.1ad service tag, not 802.1Q.
    pub service: bool,
}

/// An ARP packet's operation and protocol addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Arp {
    /// 1 request, 2 reply (RFC 826).
    pub operation: u8,
    /// The sender's address.
    pub sender: Ipv4Addr,
    /// The target's address.
    pub target: Ipv4Addr,
}

/// The link layer.
impl Packet<'_> {
    /// VLAN tags, outermost first, at most 4.
    #[inline]
    pub fn vlan_tags(&self) -> impl Iterator<Item = VlanTag> {
        let fields = self.fields;
        let tags = [fields.vlan0(), fields.vlan1(), fields.vlan2(), fields.vlan3()];
        let tags = tags.into_iter().zip(0..fields.vlan_count());
        tags.map(move |(tci, index)| VlanTag {
            id: tci & 0xfff,
            priority: (tci >> 13) as u8,
            drop_eligible: tci & 0x1000 != 0,
            service: fields.marks() & mark::SERVICE_TAG << index != 0,
        })
    }

    /// VLAN ids, outermost first, at most 4.
    #[inline]
    pub fn vlan_ids(&self) -> impl Iterator<Item = u16> {
        self.vlan_tags().map(|tag| tag.id)
    }

    /// What an ARP packet says.
    pub fn arp(&self) -> Option<Arp> {
        self.given(mark::ARP, |f| Arp {
            operation: f.icmp_type(),
            sender: Ipv4Addr::from_bits(f.src_lo() as u32),
            target: Ipv4Addr::from_bits(f.dst_lo() as u32),
        })
    }
}
