use std::{
    net::{Ipv4Addr, Ipv6Addr},
    ops::RangeInclusive,
};

use ringtap_record::Direction;

/// A place in a filter, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    pub start: usize,
    /// Just behind the last one.
    pub end: usize,
}

/// A filter as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    pub span: Span,
    pub node: Node,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// The empty filter: every packet.
    Everything,
    /// Two or more.
    And(Vec<Expr>),
    /// Two or more.
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Primitive(Primitive),
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Primitive {
    /// `host` and `net`.
    Address {
        side: Side,
        within: Option<Network>,
        prefix: Prefix,
    },
    /// `port` and `portrange`.
    Port {
        side: Side,
        protocol: Option<PortProtocol>,
        ports: RangeInclusive<u16>,
    },
    /// `proto`, and words such as `tcp` and `icmp`. `within` is never [`Network::Arp`].
    Protocol {
        within: Option<Network>,
        number: u8,
    },
    /// `ip`, `ip6` and `arp`.
    Network(Network),
    /// A tag, or one with that id.
    Vlan(Option<u16>),
    /// `tcp[tcpflags] & mask`, compared.
    TcpByte {
        mask: u8,
        comparison: Comparison,
    },
    /// `tcp-flags`: all of `set` and none of `clear`.
    TcpFlags {
        set: u8,
        clear: u8,
    },
    Field(Field, Comparison),
    Direction(Direction),
    Interface(String),
    /// First or later.
    Fragment,
}

/// Which end of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Source,
    Destination,
    Either,
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    Ip,
    Ip6,
    Arp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortProtocol {
    Tcp,
    Udp,
    Sctp,
}

/// Addresses that start with the same bits; all other bits of the address are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    V4(Ipv4Addr, u32),
    V6(Ipv6Addr, u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Bytes on the wire.
    Length,
    Ttl,
    Dscp,
}

/// A relation to a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    pub relation: Relation,
    pub value: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    Less,
    AtMost,
    Equal,
    NotEqual,
    AtLeast,
    Greater,
}

impl Span {
    /// From where this starts to where the other ends.
    pub(crate) fn to(self, other: Self) -> Self {
        Self { start: self.start, end: other.end.max(self.end) }
    }
}

impl Comparison {
    /// Whether a number stands in that relation.
    pub fn holds(self, number: u32) -> bool {
        match self.relation {
            Relation::Less => number < self.value,
            Relation::AtMost => number <= self.value,
            Relation::Equal => number == self.value,
            Relation::NotEqual => number != self.value,
            Relation::AtLeast => number >= self.value,
            Relation::Greater => number > self.value,
        }
    }
}

impl PortProtocol {
    pub const fn number(self) -> u8 {
        match self {
            Self::Tcp => 6,
            Self::Udp => 17,
            Self::Sctp => 132,
        }
    }
}
