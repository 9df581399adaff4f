use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Packet, mark};

/// The outermost IP header.
impl Packet<'_> {
    /// IPv4's "don't fragment".
    #[inline]
    pub fn dont_fragment(&self) -> bool {
        self.fields.ip_version() == 4 && self.fields.ip_flags() & 2 != 0
    }

    /// No packet whose fixed IP header was there has the length 0.
    #[inline]
    pub(super) fn has_ip(&self) -> bool {
        self.fields.ip_version() != 0 && self.fields.ip_len() != 0
    }

    /// IPv6 has an identification in its fragment header only.
    #[inline]
    pub(super) fn has_ip_id(&self) -> bool {
        let is_there = self.fields.ip_version() == 4 || self.has(mark::IP6_FRAGMENT_HEADER);
        self.has_ip() && is_there
    }

    #[inline]
    pub(super) fn address(&self, hi: u64, lo: u64) -> IpAddr {
        match self.fields.ip_version() {
            4 => IpAddr::V4(Ipv4Addr::from_bits(lo as u32)),
            _ => IpAddr::V6(Ipv6Addr::from_bits(u128::from(hi) << 64 | u128::from(lo))),
        }
    }
}
