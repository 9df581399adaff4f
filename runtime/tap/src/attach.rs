use ringtap_record::{Direction, Hook, abi::TapKind};

/// Where to put a tap on an interface, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attachment {
    /// Sees what comes in before the host spends anything on it.
    XdpIngress(XdpMode),
    /// Sees what comes in once it is a socket buffer.
    TcIngress(TcMode),
    /// Sees what goes out, the last thing before the driver.
    TcEgress(TcMode),
}

/// How an XDP program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XdpMode {
    /// In the driver where it can, else generic.
    Auto,
    /// In the driver, or not at all.
    Native,
    /// In the network stack, on a socket buffer: works everywhere, costs more.
    Generic,
}

/// How a TC program is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TcMode {
    /// A link where the kernel has TCX (6.6), else a filter.
    Auto,
    /// A TCX link, first in its chain: gone with the process, however it ends.
    Link,
    /// A filter of the clsact queueing discipline: outlives a process that is killed.
    Filter,
}

impl Attachment {
    pub(crate) const fn kind(self) -> TapKind {
        match self {
            Self::XdpIngress(_) => TapKind::Xdp,
            Self::TcIngress(_) => TapKind::TcIngress,
            Self::TcEgress(_) => TapKind::TcEgress,
        }
    }

    /// The hook that the tap's records name.
    pub const fn hook(self) -> Hook {
        match self {
            Self::XdpIngress(_) => Hook::Xdp,
            Self::TcIngress(_) | Self::TcEgress(_) => Hook::Tc,
        }
    }

    /// The direction that the tap's records name.
    pub const fn direction(self) -> Direction {
        match self {
            Self::XdpIngress(_) | Self::TcIngress(_) => Direction::Ingress,
            Self::TcEgress(_) => Direction::Egress,
        }
    }

    /// For people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::XdpIngress(_) => "XDP ingress",
            Self::TcIngress(_) => "TC ingress",
            Self::TcEgress(_) => "TC egress",
        }
    }
}
