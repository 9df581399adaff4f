//! Numbers of the formats that the parser reads.

/// IEEE 802 EtherTypes (IANA registry "ieee-802-numbers").
pub mod ether_type {
    pub const IPV4: u16 = 0x0800;
    pub const ARP: u16 = 0x0806;
    pub const VLAN: u16 = 0x8100;
    pub const IPV6: u16 = 0x86dd;
    pub const MPLS: u16 = 0x8847;
    pub const MPLS_MULTICAST: u16 = 0x8848;
    pub const PPPOE_SESSION: u16 = 0x8864;
    pub const SERVICE_VLAN: u16 = 0x88a8;
    /// Before 802.1ad had a number of its own, and still seen.
    pub const OLD_SERVICE_VLAN: u16 = 0x9100;
    /// Smaller numbers up to here are an 802.3 length (IEEE 802.3, 3.2.6).
    pub const MAX_LENGTH: u16 = 1500;

    #[inline(always)]
    pub const fn is_vlan(ether_type: u16) -> bool {
        matches!(ether_type, VLAN | SERVICE_VLAN | OLD_SERVICE_VLAN)
    }
}

/// IP protocol numbers (IANA registry "protocol-numbers").
pub mod protocol {
    pub const HOP_BY_HOP: u8 = 0;
    pub const ICMP: u8 = 1;
    pub const TCP: u8 = 6;
    pub const UDP: u8 = 17;
    pub const ROUTING: u8 = 43;
    pub const FRAGMENT: u8 = 44;
    pub const AUTHENTICATION: u8 = 51;
    pub const ICMPV6: u8 = 58;
    pub const DESTINATION_OPTIONS: u8 = 60;
    pub const SCTP: u8 = 132;
    pub const MOBILITY: u8 = 135;
    pub const UDP_LITE: u8 = 136;

    /// Whether it is an IPv6 extension header that is followed.
    #[inline(always)]
    pub const fn is_extension(protocol: u8) -> bool {
        matches!(
            protocol,
            HOP_BY_HOP | ROUTING | FRAGMENT | AUTHENTICATION | DESTINATION_OPTIONS | MOBILITY
        )
    }
}

/// What an IPv4 header is told by (RFC 791, 3.1).
pub mod ipv4 {
    /// The first byte of a header without options.
    pub const PLAIN: u8 = 0x45;
    /// More-fragments and the fragment offset, in the fourth pair of bytes.
    pub const FRAGMENT: u16 = 0x3fff;
}

/// PPP protocol numbers (RFC 1332, RFC 5072, RFC 3032).
pub mod ppp {
    pub const IPV4: u16 = 0x0021;
    pub const IPV6: u16 = 0x0057;
    pub const MPLS: u16 = 0x0281;
}

#[inline(always)]
pub const fn be16(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

#[inline(always)]
pub const fn be32(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[inline(always)]
pub const fn be64(bytes: &[u8], at: usize) -> u64 {
    (be32(bytes, at) as u64) << 32 | be32(bytes, at + 4) as u64
}
