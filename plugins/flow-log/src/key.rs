use std::net::IpAddr;

use ringtap_plugin::{Direction, Hook, Packet};

/// What the packets of a flow have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) seen_at: SeenAt,
    pub(crate) vlan: Option<u16>,
    pub(crate) inner_vlan: Option<u16>,
    pub(crate) src: IpAddr,
    pub(crate) dst: IpAddr,
    pub(crate) protocol: u8,
    pub(crate) detail: Detail,
}

/// A tap, or an interface of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SeenAt {
    pub(crate) tap: u16,
    pub(crate) ifindex: u32,
    pub(crate) hook: Hook,
    pub(crate) direction: Option<Direction>,
}

/// What the transport header tells. Fragments but the first have none and are a flow of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Detail {
    None,
    Ports { src: u16, dst: u16 },
    Icmp { kind: u8, code: u8 },
}

impl Key {
    /// `None` for what is not IP.
    pub(crate) fn of(packet: &Packet<'_>) -> Option<Self> {
        let mut vlans = packet.vlan_ids();
        Some(Self {
            seen_at: SeenAt::of(packet),
            vlan: vlans.next(),
            inner_vlan: vlans.next(),
            src: packet.src()?,
            dst: packet.dst()?,
            protocol: packet.protocol()?,
            detail: Detail::of(packet),
        })
    }
}

impl SeenAt {
    fn of(packet: &Packet<'_>) -> Self {
        let (tap, ifindex) = (packet.tap(), packet.ifindex());
        Self { tap, ifindex, hook: packet.hook(), direction: packet.direction() }
    }
}

impl Detail {
    fn of(packet: &Packet<'_>) -> Self {
        let ports = packet.src_port().zip(packet.dst_port());
        let icmp = packet.icmp_type().zip(packet.icmp_code());
        match (ports, icmp) {
            (Some((src, dst)), _) => Self::Ports { src, dst },
            (None, Some((kind, code))) => Self::Icmp { kind, code },
            (None, None) => Self::None,
        }
    }
}
