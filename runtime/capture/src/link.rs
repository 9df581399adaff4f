use std::fmt;

use crate::link_names::NAMES;

/// A number of the registry of link types, <https://www.tcpdump.org/linktypes.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LinkType(pub u32);

/// A link type that the parser has a start for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Link {
    /// Ethernet II and 802.3.
    Ethernet,
    /// An IPv4 or IPv6 header.
    Ip,
    /// An IPv4 header.
    Ipv4,
    /// An IPv6 header.
    Ipv6,
    /// BSD loopback: an address family in the byte order of the machine that captured.
    Null,
    /// OpenBSD loopback: an address family in network byte order.
    Loop,
    /// Linux cooked capture.
    Cooked,
    /// Linux cooked capture, version 2.
    Cooked2,
}

impl LinkType {
    /// The registry's name without `LINKTYPE_`.
    pub fn name(self) -> Option<&'static str> {
        let at = NAMES.binary_search_by_key(&self.0, |(number, _)| *number).ok()?;
        NAMES.get(at).map(|(_, name)| *name)
    }

    /// How frames of this type start, if that is supported.
    pub fn link(self) -> Option<Link> {
        Some(match self.0 {
            0 => Link::Null,
            1 => Link::Ethernet,
            // What BSDs and OpenBSD call raw IP inside; files by old tools have these.
            12 | 14 | 101 => Link::Ip,
            108 => Link::Loop,
            113 => Link::Cooked,
            228 => Link::Ipv4,
            229 => Link::Ipv6,
            276 => Link::Cooked2,
            _ => return None,
        })
    }
}

impl fmt::Display for LinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{} ({name})", self.0),
            None => write!(f, "{} (not in the registry)", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_searched() {
        assert!(NAMES.is_sorted_by(|(one, _), (other, _)| one < other));
    }

    #[test]
    fn names() {
        assert_eq!(LinkType(105).to_string(), "105 (IEEE802_11)");
        assert_eq!(LinkType(276).to_string(), "276 (LINUX_SLL2)");
        assert_eq!(LinkType(65_000).to_string(), "65000 (not in the registry)");
    }
}
