// Made by `cargo xtask codegen` from wit/layout.wit.
// clang-format off
// Methods of `ringtap::Packet`.
/// Bytes of the packet as the tap saw it, a GSO super-packet being one.
uint32_t wire_len() const { return ringtap_packet_wire_len(packet_); }
/// Bit i: the plugin's i-th interest, counted from 0, took this packet. Bit 0 for a plugin that
/// states none.
uint64_t matched() const { return ringtap_packet_matched(packet_); }
/// Interface index in the tap's network namespace, in replay the capture's interface from 1.
uint32_t ifindex() const { return ringtap_packet_ifindex(packet_); }
/// Number of the tap; 0 in replay. A packet that passes several taps comes once from each.
uint16_t tap() const { return ringtap_packet_tap(packet_); }
/// Headers end early, or go on past a parser bound. What is there is right.
bool is_partial() const { return ringtap_packet_is_partial(packet_); }
/// Headers contradict themselves. What is there was read before that, and is right.
bool is_malformed() const { return ringtap_packet_is_malformed(packet_); }
/// Part of a fragmented packet; only the first fragment has ports.
bool is_fragment() const { return ringtap_packet_is_fragment(packet_); }
/// A PPPoE session header was stepped over.
bool is_pppoe() const { return ringtap_packet_is_pppoe(packet_); }
/// Source MAC address.
Optional<Mac> eth_src() const { return asked<Mac>(ringtap_packet_eth_src); }
/// Destination MAC address.
Optional<Mac> eth_dst() const { return asked<Mac>(ringtap_packet_eth_dst); }
/// The innermost EtherType; an 802.3 frame has none.
Optional<uint16_t> eth_type() const { return asked<uint16_t>(ringtap_packet_eth_type); }
/// MPLS labels that were stepped over on the way to the network header.
uint8_t mpls_labels() const { return ringtap_packet_mpls_labels(packet_); }
/// 4 or 6.
Optional<uint8_t> ip_version() const { return asked<uint8_t>(ringtap_packet_ip_version); }
/// Source address.
Optional<Address> src() const { return asked<Address>(ringtap_packet_src); }
/// Destination address.
Optional<Address> dst() const { return asked<Address>(ringtap_packet_dst); }
/// The upper-layer protocol, after IPv6 extension headers: 6 TCP, 17 UDP, and so on as IANA
/// assigns them.
Optional<uint8_t> protocol() const { return asked<uint8_t>(ringtap_packet_protocol); }
/// IP header and all that follows it, in bytes.
Optional<uint32_t> ip_len() const { return asked<uint32_t>(ringtap_packet_ip_len); }
/// Time to live or hop limit.
Optional<uint8_t> ttl() const { return asked<uint8_t>(ringtap_packet_ttl); }
/// Type of service or traffic class: DSCP in the upper six bits, ECN in the lower two.
Optional<uint8_t> tos() const { return asked<uint8_t>(ringtap_packet_tos); }
/// Identification: IPv4's, or the IPv6 fragment header's.
Optional<uint32_t> ip_id() const { return asked<uint32_t>(ringtap_packet_ip_id); }
/// IPv6 flow label, 20 bits.
Optional<uint32_t> flow_label() const { return asked<uint32_t>(ringtap_packet_flow_label); }
/// Where a fragment's bytes belong; 0 for the first and for what is no fragment.
uint16_t fragment_offset() const { return ringtap_packet_fragment_offset(packet_); }
/// Source port of TCP, UDP, UDP-Lite or SCTP.
Optional<uint16_t> src_port() const { return asked<uint16_t>(ringtap_packet_src_port); }
/// Destination port, as the source port.
Optional<uint16_t> dst_port() const { return asked<uint16_t>(ringtap_packet_dst_port); }
/// TCP flags.
Optional<uint16_t> tcp_flags() const { return asked<uint16_t>(ringtap_packet_tcp_flags); }
/// TCP sequence number.
Optional<uint32_t> tcp_seq() const { return asked<uint32_t>(ringtap_packet_tcp_seq); }
/// TCP acknowledgment number; significant only with the flag ACK.
Optional<uint32_t> tcp_ack() const { return asked<uint32_t>(ringtap_packet_tcp_ack); }
/// TCP window as in the header, not scaled.
Optional<uint16_t> tcp_window() const { return asked<uint16_t>(ringtap_packet_tcp_window); }
/// ICMP or ICMPv6 type.
Optional<uint8_t> icmp_type() const { return asked<uint8_t>(ringtap_packet_icmp_type); }
/// ICMP or ICMPv6 code.
Optional<uint8_t> icmp_code() const { return asked<uint8_t>(ringtap_packet_icmp_code); }
