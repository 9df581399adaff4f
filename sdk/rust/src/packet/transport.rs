use std::fmt;

use super::{Packet, mark};

/// TCP flags, 12 bits (RFC 9293 and the three reserved ones).
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TcpFlags(pub u16);

impl TcpFlags {
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
    /// How the super-packet will be cut, if it is one.
    #[inline]
    pub fn gso(&self) -> Option<Gso> {
        self.given(mark::GSO, |f| Gso { size: f.gso_size(), segments: f.gso_segments() })
    }
}
