use super::Packet;

/// Where a tap sits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Hook {
    /// eXpress Data Path: the driver, before a socket buffer exists.
    Xdp,
    /// Traffic control.
    Tc,
    /// A capture file.
    Replay,
    /// A hook that is newer than this SDK.
    Other(u8),
}

impl Hook {
    /// As [`Fields::hook`](crate::Fields::hook) counts them.
    pub const fn of_number(number: u8) -> Self {
        match number {
            1 => Self::Xdp,
            2 => Self::Tc,
            3 => Self::Replay,
            other => Self::Other(other),
        }
    }

    /// `xdp`, `tc`, `replay` or `other`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Xdp => "xdp",
            Self::Tc => "tc",
            Self::Replay => "replay",
            Self::Other(_) => "other",
        }
    }
}

/// Which way packets pass a tap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// Towards the host.
    Ingress,
    /// Away from the host.
    Egress,
}

impl Direction {
    /// `ingress` or `egress`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }
}

/// Where the packet was seen.
impl Packet<'_> {
    /// Where the tap sits.
    #[inline]
    pub fn hook(&self) -> Hook {
        Hook::of_number(self.fields.hook())
    }

    /// Which way the packet passed; not known in replay.
    #[inline]
    pub fn direction(&self) -> Option<Direction> {
        match self.fields.direction() {
            1 => Some(Direction::Ingress),
            2 => Some(Direction::Egress),
            _ => None,
        }
    }
}
