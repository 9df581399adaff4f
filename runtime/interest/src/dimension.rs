/// What the tables look at: a look-up each, if any rule cares.
///
/// The order is that of the look-ups, those first that turn most packets away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Dimension {
    /// [`Kind`](crate::Kind), by number.
    Kind = 0,
    /// The upper-layer protocol, after IPv6 extension headers. Absent unless an IP header is whole.
    Protocol,
    /// Destination port of TCP, UDP and SCTP. Absent elsewhere, and in later fragments.
    DstPort,
    /// Source port, as the destination's.
    SrcPort,
    /// The lower eight TCP flags, FIN to CWR. Absent where there is no TCP header.
    TcpFlags,
    /// IPv4 destination, or the target of an ARP packet. Absent elsewhere.
    DstV4,
    /// IPv4 source, or the sender of an ARP packet. Absent elsewhere.
    SrcV4,
    /// IPv6 destination. Absent elsewhere.
    DstV6,
    /// IPv6 source. Absent elsewhere.
    SrcV6,
    /// Id of the outermost VLAN tag. Absent without a tag.
    Vlan,
    /// Interface index. In rules of a filter, the number of an interface's name there.
    Interface,
    /// 0 inbound, 1 outbound. Absent where it is not known, as in most captures.
    Direction,
    /// 0 not a fragment (or no IP), 1 the first one, 2 a later one.
    Fragment,
    /// Bytes on the wire.
    Length,
    /// Time to live or hop limit. Absent unless an IP header is whole.
    Ttl,
    /// Differentiated services code point. Absent unless an IP header is whole.
    Dscp,
}

impl Dimension {
    /// How many there are.
    pub const COUNT: usize = 16;

    /// All, in order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Kind,
        Self::Protocol,
        Self::DstPort,
        Self::SrcPort,
        Self::TcpFlags,
        Self::DstV4,
        Self::SrcV4,
        Self::DstV6,
        Self::SrcV6,
        Self::Vlan,
        Self::Interface,
        Self::Direction,
        Self::Fragment,
        Self::Length,
        Self::Ttl,
        Self::Dscp,
    ];

    /// This dimension in a word of flags.
    #[inline(always)]
    pub const fn bit(self) -> u32 {
        1 << self as u32
    }

    /// Bytes in a value: levels of its trie.
    #[inline(always)]
    pub const fn bytes(self) -> u32 {
        match self {
            Self::Kind | Self::Protocol | Self::TcpFlags => 1,
            Self::Direction | Self::Fragment | Self::Ttl | Self::Dscp => 1,
            Self::DstPort | Self::SrcPort | Self::Vlan => 2,
            Self::DstV4 | Self::SrcV4 | Self::Interface | Self::Length => 4,
            Self::DstV6 | Self::SrcV6 => 16,
        }
    }

    /// The largest value; the smallest is 0.
    pub const fn last(self) -> u128 {
        match self {
            Self::Kind => 6,
            Self::Direction => 1,
            Self::Fragment => 2,
            Self::Dscp => 63,
            Self::Vlan => 4095,
            _ => u128::MAX >> (128 - 8 * self.bytes()),
        }
    }

    /// Whether every packet has a value there.
    pub const fn is_always_there(self) -> bool {
        matches!(self, Self::Kind | Self::Interface | Self::Fragment | Self::Length)
    }

    /// What it is called in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Protocol => "protocol",
            Self::DstPort => "destination port",
            Self::SrcPort => "source port",
            Self::TcpFlags => "TCP flags",
            Self::DstV4 => "IPv4 destination",
            Self::SrcV4 => "IPv4 source",
            Self::DstV6 => "IPv6 destination",
            Self::SrcV6 => "IPv6 source",
            Self::Vlan => "VLAN",
            Self::Interface => "interface",
            Self::Direction => "direction",
            Self::Fragment => "fragment",
            Self::Length => "length",
            Self::Ttl => "TTL",
            Self::Dscp => "DSCP",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Dimension;

    #[test]
    fn all_are_there_by_number_and_fit_their_bytes() {
        for (number, dimension) in Dimension::ALL.into_iter().enumerate() {
            assert_eq!(dimension as usize, number);
            let widest = u128::MAX >> (128 - 8 * dimension.bytes());
            assert!(dimension.last() <= widest, "{dimension:?}");
        }
    }
}
