//! Bits of [`Fields::marks`](crate::Fields::marks).
// Made by `cargo xtask codegen` from wit/layout.wit.

/// Headers end early or go on past a parser bound; what was read is right.
pub const PARTIAL: u32 = 1 << 0;
/// Headers contradict themselves; what was read before that is right.
pub const MALFORMED: u32 = 1 << 1;
/// More-fragments is set or the fragment offset is not 0.
pub const FRAGMENT: u32 = 1 << 2;
/// `eth-src` is there.
pub const ETH_SRC: u32 = 1 << 3;
/// `eth-dst` is there.
pub const ETH_DST: u32 = 1 << 4;
/// `eth-type` is there (an 802.3 frame has a length instead).
pub const ETH_TYPE: u32 = 1 << 5;
/// ARP: addresses are the sender's and target's protocol addresses, `icmp-type` the operation.
pub const ARP: u32 = 1 << 6;
/// IPv6 with a fragment header: `ip-id`, `ip-flags` and `frag-offset` are from it.
pub const IP6_FRAGMENT_HEADER: u32 = 1 << 7;
/// Ports are there.
pub const PORTS: u32 = 1 << 8;
/// `icmp-type` and `icmp-code` are there.
pub const ICMP: u32 = 1 << 9;
/// `tcp-seq` is there.
pub const TCP_SEQ: u32 = 1 << 10;
/// `tcp-ack` is there.
pub const TCP_ACK: u32 = 1 << 11;
/// `tcp-flags` is there.
pub const TCP_FLAGS: u32 = 1 << 12;
/// `tcp-window` is there.
pub const TCP_WINDOW: u32 = 1 << 13;
/// MPLS labels were stepped over.
pub const MPLS: u32 = 1 << 14;
/// A PPPoE session header was stepped over.
pub const PPPOE: u32 = 1 << 15;
/// GSO super-packet: `gso-size` and `gso-segments` are there.
pub const GSO: u32 = 1 << 16;
/// `vlan0` was in the socket buffer's metadata, not in the bytes.
pub const VLAN_IN_METADATA: u32 = 1 << 17;
/// `vlan0` is an 802.1ad service tag, not 802.1Q.
pub const SERVICE_TAG: u32 = 1 << 20;
/// As `service-tag`, for `vlan1`.
pub const SERVICE_TAG1: u32 = 1 << 21;
/// As `service-tag`, for `vlan2`.
pub const SERVICE_TAG2: u32 = 1 << 22;
/// As `service-tag`, for `vlan3`.
pub const SERVICE_TAG3: u32 = 1 << 23;
