use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Packet, mark};

/// The outermost IP header.
impl Packet<'_> {
    /// 4 or 6.
    #[inline]
    pub fn ip_version(&self) -> Option<u8> {
        match self.fields.ip_version() {
            0 => None,
            version => Some(version),
        }
    }

    /// Source address.
    #[inline]
    pub fn src(&self) -> Option<IpAddr> {
        self.address(self.fields.src_hi(), self.fields.src_lo())
    }

    /// Destination address.
    #[inline]
    pub fn dst(&self) -> Option<IpAddr> {
        self.address(self.fields.dst_hi(), self.fields.dst_lo())
    }

    #[inline]
    fn address(&self, hi: u64, lo: u64) -> Option<IpAddr> {
        if self.ip_len()? == 0 {
            return None;
        }
        match self.fields.ip_version() {
            4 => Some(IpAddr::V4(Ipv4Addr::from_bits(lo as u32))),
            6 => Some(IpAddr::V6(Ipv6Addr::from_bits(u128::from(hi) << 64 | u128::from(lo)))),
            _ => None,
        }
    }

    /// The upper-layer protocol, after IPv6 extension headers: 6 TCP, 17 UDP, and so on as IANA
    /// assigns them.
    #[inline]
    pub fn protocol(&self) -> Option<u8> {
        self.ip(|packet| packet.fields.protocol())
    }

    /// IP header and all that follows it, in bytes.
    #[inline]
    pub fn ip_len(&self) -> Option<u32> {
        match self.fields.ip_len() {
            0 => None,
            len if self.fields.ip_version() != 0 => Some(len),
            _ => None,
        }
    }

    /// Time to live or hop limit.
    #[inline]
    pub fn ttl(&self) -> Option<u8> {
        self.ip(|packet| packet.fields.ttl())
    }

    /// Type of service or traffic class: DSCP in the upper six bits, ECN in the lower two.
    #[inline]
    pub fn tos(&self) -> Option<u8> {
        self.ip(|packet| packet.fields.tos())
    }

    /// Identification: IPv4's, or the IPv6 fragment header's.
    #[inline]
    pub fn ip_id(&self) -> Option<u32> {
        let there = self.fields.ip_version() == 4 || self.has(mark::IP6_FRAGMENT_HEADER);
        self.ip(|packet| packet.fields.ip_id()).filter(|_| there)
    }

    /// IPv6 flow label, 20 bits.
    #[inline]
    pub fn flow_label(&self) -> Option<u32> {
        self.ip(|packet| packet.fields.flow_label()).filter(|_| self.fields.ip_version() == 6)
    }

    /// IPv4's "don't fragment".
    #[inline]
    pub fn dont_fragment(&self) -> bool {
        self.fields.ip_version() == 4 && self.fields.ip_flags() & 2 != 0
    }

    /// Part of a fragmented packet; only the first fragment has ports.
    #[inline]
    pub fn is_fragment(&self) -> bool {
        self.has(mark::FRAGMENT)
    }

    /// Where a fragment's bytes belong; 0 for the first and for what is no fragment.
    #[inline]
    pub fn fragment_offset(&self) -> u16 {
        self.fields.frag_offset()
    }

    /// No packet whose fixed IP header was there has the length 0.
    #[inline]
    fn ip<T>(&self, value: impl FnOnce(&Self) -> T) -> Option<T> {
        self.ip_len().map(|_| value(self))
    }
}
