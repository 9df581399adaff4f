use std::fmt;

use super::{Packet, mark};

/// TCP flags, 12 bits (RFC 9293 and the three reserved ones).
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TcpFlags(pub u16);

impl TcpFlags {
    /// No more data from the sender.
    pub const FIN: Self = Self(0x001);
    /// Synchronize sequence numbers.
    pub const SYN: Self = Self(0x002);
    /// Reset the connection.
    pub const RST: Self = Self(0x004);
    /// Push.
    pub const PSH: Self = Self(0x008);
    /// The acknowledgment number is significant.
    pub const ACK: Self = Self(0x010);
    /// The urgent pointer is significant.
    pub const URG: Self = Self(0x020);
    /// ECN echo (RFC 3168).
    pub const ECE: Self = Self(0x040);
    /// Congestion window reduced (RFC 3168).
    pub const CWR: Self = Self(0x080);
    /// Accurate ECN (RFC 9768).
    pub const AE: Self = Self(0x100);

    /// Whether all of `flags` are set.
    #[inline]
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// Whether any of `flags` is set.
    #[inline]
    pub const fn intersects(self, flags: Self) -> bool {
        self.0 & flags.0 != 0
    }
}

impl std::ops::BitOr for TcpFlags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Debug for TcpFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TcpFlags({:#05x})", self.0)
    }
}

/// How a GSO super-packet is cut before the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gso {
    /// Payload bytes in each segment.
    pub size: u16,
    /// Segments.
    pub segments: u16,
}

/// The transport layer. No fragment but the first has any of this.
impl Packet<'_> {
    /// Source port of TCP, UDP, UDP-Lite or SCTP.
    #[inline]
    pub fn src_port(&self) -> Option<u16> {
        self.given(mark::PORTS, |f| f.src_port())
    }

    /// Destination port, as the source port.
    #[inline]
    pub fn dst_port(&self) -> Option<u16> {
        self.given(mark::PORTS, |f| f.dst_port())
    }

    /// TCP flags.
    #[inline]
    pub fn tcp_flags(&self) -> Option<TcpFlags> {
        self.given(mark::TCP_FLAGS, |f| TcpFlags(f.tcp_flags()))
    }

    /// TCP sequence number.
    #[inline]
    pub fn tcp_seq(&self) -> Option<u32> {
        self.given(mark::TCP_SEQ, |f| f.tcp_seq())
    }

    /// TCP acknowledgment number; significant only with [`TcpFlags::ACK`].
    #[inline]
    pub fn tcp_ack(&self) -> Option<u32> {
        self.given(mark::TCP_ACK, |f| f.tcp_ack())
    }

    /// TCP window as in the header, not scaled.
    #[inline]
    pub fn tcp_window(&self) -> Option<u16> {
        self.given(mark::TCP_WINDOW, |f| f.tcp_window())
    }

    /// ICMP or ICMPv6 type.
    #[inline]
    pub fn icmp_type(&self) -> Option<u8> {
        self.given(mark::ICMP, |f| f.icmp_type())
    }

    /// ICMP or ICMPv6 code.
    #[inline]
    pub fn icmp_code(&self) -> Option<u8> {
        self.given(mark::ICMP, |f| f.icmp_code())
    }

    /// How the super-packet will be cut, if it is one.
    #[inline]
    pub fn gso(&self) -> Option<Gso> {
        self.given(mark::GSO, |f| Gso { size: f.gso_size(), segments: f.gso_segments() })
    }
}
