//! The filter language: pcap-filter(7)'s as far as headers go, and a few words of our own.
//!
//! ```text
//! [ip|ip6|arp] [src|dst|src or dst|src and dst] [host] ADDRESS
//! [ip|ip6|arp] [src|dst|…] net PREFIX            10.1.0.0/16, 10.1, 10.0.0.0 mask 255.0.0.0
//! [tcp|udp|sctp] [src|dst|…] port N              portrange A-B
//! [ip|ip6] proto N|NAME                          tcp udp sctp icmp icmp6 igmp esp pim vrrp
//! ip  ip6  arp  vlan [ID]
//! tcp[tcpflags] & (tcp-syn|tcp-fin) != 0         tcp[tcpflags] == tcp-syn
//! less N  greater N  len REL N                   REL is < <= > >= = == !=
//! tcp-flags syn,!ack                             ours, from here on
//! ttl [REL] N  dscp [REL] N|NAME  frag
//! iface NAME  inbound  outbound
//! ```
//!
//! As there: `and` (`&&`) and `or` (`||`) have equal precedence and associate to the left, `not`
//! (`!`) binds tightest, a bare value takes the qualifiers before it (`port 80 or 443`), and so do
//! those in parentheses (`host (10.0.0.1 or 10.0.0.2)`). The empty filter takes every packet.
//!
//! # Semantics
//!
//! - `port` means TCP, UDP or SCTP over IPv4 or IPv6; a fragment other than the first has no port.
//! - `host` and `net` mean IPv4 and ARP, or IPv6.
//! - A condition on something that a packet does not have is false, and its negation is true: `ttl <
//!   5` and `ttl != 5` are false of an ARP packet, `not ttl 5` is true.
//! - `tcp[tcpflags]` speaks of IPv4 only, as in libpcap. `tcp-flags` speaks of IPv6 too.
//!
//! # Where it differs from libpcap
//!
//! Records are parsed once, behind everything that encloses an IP header, and that is what a filter
//! looks at:
//!
//! - `vlan 5` means that the outermost tag has the id 5, and shifts nothing: `tcp` is also true of
//!   tagged packets, before and after a `vlan`. So `vlan 5 and tcp` means the same as in libpcap for
//!   one tag, `vlan 5 or tcp` does not; libpcap's `tcp` is `not vlan and tcp` here, and `vlan 5 and
//!   vlan 7` can't match.
//! - IP is also found behind MPLS labels, PPPoE and LLC/SNAP.
//! - IPv6 extension headers are stepped over. `tcp` and `port` see what is behind all of them, and
//!   not just a fragment header (`tcp`) or none (`port`). `ip6 proto` of an extension header is
//!   refused.
//! - `host` and `net` don't cover RARP, and of ARP only IPv4 over Ethernet.
//! - Where a header is cut off or contradicts itself, what follows is absent. libpcap drops a packet
//!   that is too short for a field, even if the condition is negated, and reads on in what is
//!   malformed.
//! - `inbound` and `outbound` are both false where the direction is not known.
//!
//! What tables can't say is refused with a reason: names that need a resolver, Ethernet addresses,
//! bytes of the packet, arithmetic, masks with holes.

mod ast;
mod condition;
mod error;
mod flags;
mod names;
mod parser;
mod qualifier;
mod refused;
mod token;
mod value;

pub use ast::{
    Comparison, Expr, Field, Network, Node, PortProtocol, Prefix, Primitive, Relation, Side, Span,
};
pub use error::{FilterError, Reason};
pub(crate) use names::{dscp_name, flag_names, protocol_name};
pub use parser::{MAX_CONDITIONS, MAX_FILTER_BYTES, MAX_NESTING, parse};
