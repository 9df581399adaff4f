//! Bits of [`Fields::marks`](crate::Fields::marks).

/// Headers end early, or go on past a parser bound; what was read is right.
pub const PARTIAL: u32 = 1 << 0;
/// Headers contradict themselves; what was read before that is right.
pub const MALFORMED: u32 = 1 << 1;
/// More-fragments is set or the fragment offset is not 0.
pub const FRAGMENT: u32 = 1 << 2;
/// The source MAC address is there.
pub const ETH_SRC: u32 = 1 << 3;
/// The destination MAC address is there.
pub const ETH_DST: u32 = 1 << 4;
/// The EtherType is there.
pub const ETH_TYPE: u32 = 1 << 5;
/// ARP: addresses are protocol addresses, the ICMP type is the operation.
pub const ARP: u32 = 1 << 6;
/// IPv6 with a fragment header.
pub const IP6_FRAGMENT_HEADER: u32 = 1 << 7;
/// Ports are there.
pub const PORTS: u32 = 1 << 8;
/// ICMP type and code are there.
pub const ICMP: u32 = 1 << 9;
/// The TCP sequence number is there.
pub const TCP_SEQ: u32 = 1 << 10;
/// The TCP acknowledgment number is there.
pub const TCP_ACK: u32 = 1 << 11;
/// The TCP flags are there.
pub const TCP_FLAGS: u32 = 1 << 12;
/// The TCP window is there.
pub const TCP_WINDOW: u32 = 1 << 13;
/// MPLS labels were stepped over.
pub const MPLS: u32 = 1 << 14;
/// A PPPoE session header was stepped over.
pub const PPPOE: u32 = 1 << 15;
/// A GSO super-packet.
pub const GSO: u32 = 1 << 16;
/// The outermost VLAN tag was in the socket buffer's metadata.
pub const VLAN_IN_METADATA: u32 = 1 << 17;
/// The outermost VLAN tag is an 802.1ad service tag; the next three bits speak of the next tags.
pub const SERVICE_TAG: u32 = 1 << 20;
