// Made by `cargo xtask codegen` from wit/layout.wit.

use std::net::IpAddr;

use super::{MacAddress, Packet, TcpFlags, mark};

/// What the record has a field for.
impl Packet<'_> {
    /// Bytes of the packet as the tap saw it, a GSO super-packet being one.
    #[inline]
    pub fn wire_len(&self) -> u32 {
        self.fields.wire_len()
    }

    /// Bit i: the plugin's i-th interest, counted from 0, took this packet. Bit 0 for a plugin that
    /// states none.
    #[inline]
    pub fn matched(&self) -> u64 {
        self.fields.matched()
    }

    /// Interface index in the tap's network namespace, in replay the capture's interface from 1.
    #[inline]
    pub fn ifindex(&self) -> u32 {
        self.fields.ifindex()
    }

    /// Number of the tap; 0 in replay. A packet that passes several taps comes once from each.
    #[inline]
    pub fn tap(&self) -> u16 {
        self.fields.tap()
    }

    /// Headers end early, or go on past a parser bound. What is there is right.
    #[inline]
    pub fn is_partial(&self) -> bool {
        self.has(mark::PARTIAL)
    }

    /// Headers contradict themselves. What is there was read before that, and is right.
    #[inline]
    pub fn is_malformed(&self) -> bool {
        self.has(mark::MALFORMED)
    }

    /// Part of a fragmented packet; only the first fragment has ports.
    #[inline]
    pub fn is_fragment(&self) -> bool {
        self.has(mark::FRAGMENT)
    }

    /// A PPPoE session header was stepped over.
    #[inline]
    pub fn is_pppoe(&self) -> bool {
        self.has(mark::PPPOE)
    }

    /// Source MAC address.
    #[inline]
    pub fn eth_src(&self) -> Option<MacAddress> {
        self.has(mark::ETH_SRC)
            .then(|| MacAddress::from_parts(self.fields.eth_src_hi(), self.fields.eth_src_lo()))
    }

    /// Destination MAC address.
    #[inline]
    pub fn eth_dst(&self) -> Option<MacAddress> {
        self.has(mark::ETH_DST)
            .then(|| MacAddress::from_parts(self.fields.eth_dst_hi(), self.fields.eth_dst_lo()))
    }

    /// The innermost EtherType; an 802.3 frame has none.
    #[inline]
    pub fn eth_type(&self) -> Option<u16> {
        self.has(mark::ETH_TYPE).then(|| self.fields.eth_type())
    }

    /// MPLS labels that were stepped over on the way to the network header.
    #[inline]
    pub fn mpls_labels(&self) -> u8 {
        self.fields.mpls_count()
    }

    /// 4 or 6.
    #[inline]
    pub fn ip_version(&self) -> Option<u8> {
        (self.fields.ip_version() != 0).then(|| self.fields.ip_version())
    }

    /// Source address.
    #[inline]
    pub fn src(&self) -> Option<IpAddr> {
        self.has_ip().then(|| self.address(self.fields.src_hi(), self.fields.src_lo()))
    }

    /// Destination address.
    #[inline]
    pub fn dst(&self) -> Option<IpAddr> {
        self.has_ip().then(|| self.address(self.fields.dst_hi(), self.fields.dst_lo()))
    }

    /// The upper-layer protocol, after IPv6 extension headers: 6 TCP, 17 UDP, and so on as IANA
    /// assigns them.
    #[inline]
    pub fn protocol(&self) -> Option<u8> {
        self.has_ip().then(|| self.fields.protocol())
    }

    /// IP header and all that follows it, in bytes.
    #[inline]
    pub fn ip_len(&self) -> Option<u32> {
        self.has_ip().then(|| self.fields.ip_len())
    }

    /// Time to live or hop limit.
    #[inline]
    pub fn ttl(&self) -> Option<u8> {
        self.has_ip().then(|| self.fields.ttl())
    }

    /// Type of service or traffic class: DSCP in the upper six bits, ECN in the lower two.
    #[inline]
    pub fn tos(&self) -> Option<u8> {
        self.has_ip().then(|| self.fields.tos())
    }

    /// Identification: IPv4's, or the IPv6 fragment header's.
    #[inline]
    pub fn ip_id(&self) -> Option<u32> {
        self.has_ip_id().then(|| self.fields.ip_id())
    }

    /// IPv6 flow label, 20 bits.
    #[inline]
    pub fn flow_label(&self) -> Option<u32> {
        (self.has_ip() && self.fields.ip_version() == 6).then(|| self.fields.flow_label())
    }

    /// Where a fragment's bytes belong; 0 for the first and for what is no fragment.
    #[inline]
    pub fn fragment_offset(&self) -> u16 {
        self.fields.frag_offset()
    }

    /// Source port of TCP, UDP, UDP-Lite or SCTP.
    #[inline]
    pub fn src_port(&self) -> Option<u16> {
        self.has(mark::PORTS).then(|| self.fields.src_port())
    }

    /// Destination port, as the source port.
    #[inline]
    pub fn dst_port(&self) -> Option<u16> {
        self.has(mark::PORTS).then(|| self.fields.dst_port())
    }

    /// TCP flags.
    #[inline]
    pub fn tcp_flags(&self) -> Option<TcpFlags> {
        self.has(mark::TCP_FLAGS).then(|| TcpFlags(self.fields.tcp_flags()))
    }

    /// TCP sequence number.
    #[inline]
    pub fn tcp_seq(&self) -> Option<u32> {
        self.has(mark::TCP_SEQ).then(|| self.fields.tcp_seq())
    }

    /// TCP acknowledgment number; significant only with the flag ACK.
    #[inline]
    pub fn tcp_ack(&self) -> Option<u32> {
        self.has(mark::TCP_ACK).then(|| self.fields.tcp_ack())
    }

    /// TCP window as in the header, not scaled.
    #[inline]
    pub fn tcp_window(&self) -> Option<u16> {
        self.has(mark::TCP_WINDOW).then(|| self.fields.tcp_window())
    }

    /// ICMP or ICMPv6 type.
    #[inline]
    pub fn icmp_type(&self) -> Option<u8> {
        self.has(mark::ICMP).then(|| self.fields.icmp_type())
    }

    /// ICMP or ICMPv6 code.
    #[inline]
    pub fn icmp_code(&self) -> Option<u8> {
        self.has(mark::ICMP).then(|| self.fields.icmp_code())
    }
}

impl TcpFlags {
    /// No more data from the sender (RFC 9293).
    pub const FIN: Self = Self(1 << 0);
    /// Synchronize sequence numbers.
    pub const SYN: Self = Self(1 << 1);
    /// Reset the connection.
    pub const RST: Self = Self(1 << 2);
    /// Push.
    pub const PSH: Self = Self(1 << 3);
    /// The acknowledgment number is significant.
    pub const ACK: Self = Self(1 << 4);
    /// The urgent pointer is significant.
    pub const URG: Self = Self(1 << 5);
    /// ECN echo (RFC 3168).
    pub const ECE: Self = Self(1 << 6);
    /// Congestion window reduced (RFC 3168).
    pub const CWR: Self = Self(1 << 7);
    /// Accurate ECN (RFC 9768).
    pub const AE: Self = Self(1 << 8);
}
