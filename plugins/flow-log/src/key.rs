use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ringtap_plugin::{Direction, Fields, Packet, Refusal, mark};

/// What the packets of a flow have in common, as the table knows it: source and destination address as
/// two words each, then what [`Bits`] says.
pub(crate) type Packed = [u64; 6];

/// What the packets of a flow have in common, as people want to see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SeenAt {
    pub(crate) ifindex: u32,
    /// As in a record.
    pub(crate) hook: u8,
    pub(crate) direction: Option<Direction>,
}

/// What the transport header tells. Fragments but the first have none and are a flow of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    None,
    Ports { src: u16, dst: u16 },
    Icmp { kind: u8, code: u8 },
}

/// The last two words of a packed key, the least significant bits first:
/// - 32 bits source and destination port, or ICMP type and code; 8 protocol; 8 hook; 16 tap;
/// - 32 bits interface index; 13 each for the two outermost VLANs, the highest of which says that
///   there is one; 2 direction; 2 for what the first 32 bits are; 1 for IPv6.
struct Bits;

impl Bits {
    const PROTOCOL: u32 = 32;
    const HOOK: u32 = 40;
    const TAP: u32 = 48;

    const VLAN: u32 = 32;
    const INNER_VLAN: u32 = 45;
    const DIRECTION: u32 = 58;
    const DETAIL: u32 = 60;
    const IPV6: u32 = 62;
    const UNUSED: u32 = 63;

    const VLAN_IS_THERE: u64 = 1 << 12;
    const PORTS: u64 = 1;
    const ICMP: u64 = 2;
}

/// The key of a packet; `None` for what is not IP.
#[inline]
pub(crate) fn packed(packet: &Packet<'_>) -> Option<Packed> {
    let fields = packet.fields();
    if fields.ip_version() == 0 || fields.ip_len() == 0 {
        return None;
    }
    let (detail, kind) = detail(packet, fields);
    let fourth = detail
        | u64::from(fields.protocol()) << Bits::PROTOCOL
        | u64::from(fields.hook()) << Bits::HOOK
        | u64::from(fields.tap()) << Bits::TAP;
    let fifth = u64::from(fields.ifindex())
        | if fields.vlan_count() > 0 { vlans(fields) } else { 0 }
        | u64::from(fields.direction() & 3) << Bits::DIRECTION
        | kind << Bits::DETAIL
        | u64::from(fields.ip_version() == 6) << Bits::IPV6;
    Some([fields.src_hi(), fields.src_lo(), fields.dst_hi(), fields.dst_lo(), fourth, fifth])
}

#[inline]
fn detail(packet: &Packet<'_>, fields: Fields<'_>) -> (u64, u64) {
    if packet.has(mark::PORTS) {
        (u64::from(fields.src_port()) | u64::from(fields.dst_port()) << 16, Bits::PORTS)
    } else if packet.has(mark::ICMP) {
        (u64::from(fields.icmp_type()) | u64::from(fields.icmp_code()) << 16, Bits::ICMP)
    } else {
        (0, 0)
    }
}

// A call of its own, so that what has no tag is not slowed down by it.
#[inline(never)]
fn vlans(fields: Fields<'_>) -> u64 {
    let vlan = |tag: u16| u64::from(tag & 0xfff) | Bits::VLAN_IS_THERE;
    let inner = if fields.vlan_count() > 1 { vlan(fields.vlan1()) } else { 0 };
    vlan(fields.vlan0()) << Bits::VLAN | inner << Bits::INNER_VLAN
}

impl Key {
    /// Refuses what no packet has, in a state that somebody else has written.
    pub(crate) fn of(packed: &Packed) -> Result<Self, Refusal> {
        let [src_hi, src_lo, dst_hi, dst_lo, fourth, fifth] = *packed;
        if fifth >> Bits::UNUSED != 0 {
            return Err("a flow has a bit that means nothing".into());
        }
        let is_v6 = fifth >> Bits::IPV6 & 1 == 1;
        let direction = match fifth >> Bits::DIRECTION & 3 {
            1 => Some(Direction::Ingress),
            2 => Some(Direction::Egress),
            _ => None,
        };
        let hook = (fourth >> Bits::HOOK) as u8;
        Ok(Self {
            seen_at: SeenAt { ifindex: fifth as u32, hook, direction },
            vlan: vlan_of(fifth >> Bits::VLAN)?,
            inner_vlan: vlan_of(fifth >> Bits::INNER_VLAN)?,
            src: address(is_v6, src_hi, src_lo)?,
            dst: address(is_v6, dst_hi, dst_lo)?,
            protocol: (fourth >> Bits::PROTOCOL) as u8,
            detail: Detail::of(fifth >> Bits::DETAIL & 3, fourth as u32)?,
        })
    }
}

impl Detail {
    fn of(kind: u64, bits: u32) -> Result<Self, Refusal> {
        let (low, high) = (bits as u16, (bits >> 16) as u16);
        match kind {
            0 if bits == 0 => Ok(Self::None),
            Bits::PORTS => Ok(Self::Ports { src: low, dst: high }),
            Bits::ICMP => Ok(Self::Icmp { kind: low.try_into()?, code: high.try_into()? }),
            _ => Err("a flow has neither ports nor ICMP, and something all the same".into()),
        }
    }
}

fn vlan_of(bits: u64) -> Result<Option<u16>, Refusal> {
    let id = (bits & 0xfff) as u16;
    match bits & Bits::VLAN_IS_THERE != 0 {
        true => Ok(Some(id)),
        false if id == 0 => Ok(None),
        false => Err("a flow has no VLAN and its number".into()),
    }
}

fn address(is_v6: bool, hi: u64, lo: u64) -> Result<IpAddr, Refusal> {
    if is_v6 {
        return Ok(Ipv6Addr::from_bits(u128::from(hi) << 64 | u128::from(lo)).into());
    }
    match (hi, u32::try_from(lo)) {
        (0, Ok(bits)) => Ok(Ipv4Addr::from_bits(bits).into()),
        _ => Err("an IPv4 address has more than 32 bits".into()),
    }
}
