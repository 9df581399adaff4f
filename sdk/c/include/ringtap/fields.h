// Made by `cargo xtask codegen` from wit/layout.wit.
// clang-format off
/// The fields of a record as they are, where 0 may mean that the packet has no such thing.
/// `ringtap/record.h` tells; these are for what has no accessor there.
#ifndef RINGTAP_FIELDS_H
#define RINGTAP_FIELDS_H

#include <stdint.h>

/// Bytes of a record that this SDK knows. A newer host's records may be longer.
#define RINGTAP_RECORD_SIZE 152u

/// When the tap saw the packet, in ns. Add `batch.clock-offset-ns` for Unix time.
static inline uint64_t ringtap_field_timestamp_ns(const uint8_t *record) {
    uint64_t value;
    __builtin_memcpy(&value, record + 0, sizeof value);
    return value;
}

/// Source address as one 128-bit number, high and low half. IPv4 and ARP: low 32 bits only.
static inline uint64_t ringtap_field_src_hi(const uint8_t *record) {
    uint64_t value;
    __builtin_memcpy(&value, record + 8, sizeof value);
    return value;
}

/// The low half.
static inline uint64_t ringtap_field_src_lo(const uint8_t *record) {
    uint64_t value;
    __builtin_memcpy(&value, record + 16, sizeof value);
    return value;
}

/// Destination address, as the source.
static inline uint64_t ringtap_field_dst_hi(const uint8_t *record) {
    uint64_t value;
    __builtin_memcpy(&value, record + 24, sizeof value);
    return value;
}

/// The low half.
static inline uint64_t ringtap_field_dst_lo(const uint8_t *record) {
    uint64_t value;
    __builtin_memcpy(&value, record + 32, sizeof value);
    return value;
}

/// Bit i: the plugin's i-th interest, counted from 0, took this packet: its filter matches, and
/// the packet is in its sample. At least one bit is set. Bit 0 for a plugin without interests.
static inline uint64_t ringtap_field_matched(const uint8_t *record) {
    uint64_t value;
    __builtin_memcpy(&value, record + 40, sizeof value);
    return value;
}

/// Bytes on the wire without the frame check sequence, tags in metadata included. For a GSO
/// super-packet, the bytes of the super-packet.
static inline uint32_t ringtap_field_wire_len(const uint8_t *record) {
    uint32_t value;
    __builtin_memcpy(&value, record + 48, sizeof value);
    return value;
}

/// Bytes that the parser could see; less than `wire-len` only in a truncated capture.
static inline uint32_t ringtap_field_cap_len(const uint8_t *record) {
    uint32_t value;
    __builtin_memcpy(&value, record + 52, sizeof value);
    return value;
}

/// Interface index in the tap's network namespace; in replay the capture's interface, from 1.
static inline uint32_t ringtap_field_ifindex(const uint8_t *record) {
    uint32_t value;
    __builtin_memcpy(&value, record + 56, sizeof value);
    return value;
}

/// What the packet has and how it was parsed: the bits of `mark`.
static inline uint32_t ringtap_field_marks(const uint8_t *record) {
    uint32_t value;
    __builtin_memcpy(&value, record + 60, sizeof value);
    return value;
}

/// IP header and all that follows it, in bytes: IPv4 total length, IPv6 payload length + 40.
/// Taken from the frame where the header says 0 for a super-packet, from the jumbo option (RFC
/// 2675) where there is one.
static inline uint32_t ringtap_field_ip_len(const uint8_t *record) {
    uint32_t value;
    __builtin_memcpy(&value, record + 64, sizeof value);
    return value;
}

/// IPv4 identification, or the IPv6 fragment header's (32 bits).
static inline uint32_t ringtap_field_ip_id(const uint8_t *record) {
    uint32_t value;
    __builtin_memcpy(&value, record + 68, sizeof value);
    return value;
}

/// IPv6 flow label, 20 bits.
static inline uint32_t ringtap_field_flow_label(const uint8_t *record) {
    uint32_t value;
    __builtin_memcpy(&value, record + 72, sizeof value);
    return value;
}

/// TCP sequence number.
static inline uint32_t ringtap_field_tcp_seq(const uint8_t *record) {
    uint32_t value;
    __builtin_memcpy(&value, record + 76, sizeof value);
    return value;
}

/// TCP acknowledgment number; significant only with the flag `ack`.
static inline uint32_t ringtap_field_tcp_ack(const uint8_t *record) {
    uint32_t value;
    __builtin_memcpy(&value, record + 80, sizeof value);
    return value;
}

/// This record stands for so many packets (of a GSO super-packet: super-packets) of those that
/// the plugin wants: the smallest number that an interest in `matched` samples by, 1 when
/// nothing was sampled out. Exact for all interests together, since they draw together: a
/// packet in the sample of one is in that of each other that keeps more and whose filter takes
/// it. Larger by as much where records were sampled out on the way, because the plugin can't
/// take all.
static inline uint32_t ringtap_field_sample_one_in(const uint8_t *record) {
    uint32_t value;
    __builtin_memcpy(&value, record + 84, sizeof value);
    return value;
}

/// Where in the batch's `payload` this packet's bytes start, if `payload-len` is not 0.
static inline uint32_t ringtap_field_payload_offset(const uint8_t *record) {
    uint32_t value;
    __builtin_memcpy(&value, record + 88, sizeof value);
    return value;
}

/// Source MAC address as one 48-bit number: bits 47 to 16 here, 15 to 0 in `eth-src-lo`.
static inline uint32_t ringtap_field_eth_src_hi(const uint8_t *record) {
    uint32_t value;
    __builtin_memcpy(&value, record + 92, sizeof value);
    return value;
}

/// Destination MAC address, as the source's.
static inline uint32_t ringtap_field_eth_dst_hi(const uint8_t *record) {
    uint32_t value;
    __builtin_memcpy(&value, record + 96, sizeof value);
    return value;
}

/// Bits 15 to 0 of the source MAC address.
static inline uint16_t ringtap_field_eth_src_lo(const uint8_t *record) {
    uint16_t value;
    __builtin_memcpy(&value, record + 100, sizeof value);
    return value;
}

/// Bits 15 to 0 of the destination MAC address.
static inline uint16_t ringtap_field_eth_dst_lo(const uint8_t *record) {
    uint16_t value;
    __builtin_memcpy(&value, record + 102, sizeof value);
    return value;
}

/// The innermost EtherType.
static inline uint16_t ringtap_field_eth_type(const uint8_t *record) {
    uint16_t value;
    __builtin_memcpy(&value, record + 104, sizeof value);
    return value;
}

/// VLAN tag control information (priority, drop eligible, 12-bit id), outermost first.
static inline uint16_t ringtap_field_vlan0(const uint8_t *record) {
    uint16_t value;
    __builtin_memcpy(&value, record + 106, sizeof value);
    return value;
}

/// The second tag.
static inline uint16_t ringtap_field_vlan1(const uint8_t *record) {
    uint16_t value;
    __builtin_memcpy(&value, record + 108, sizeof value);
    return value;
}

/// The third tag.
static inline uint16_t ringtap_field_vlan2(const uint8_t *record) {
    uint16_t value;
    __builtin_memcpy(&value, record + 110, sizeof value);
    return value;
}

/// The fourth tag.
static inline uint16_t ringtap_field_vlan3(const uint8_t *record) {
    uint16_t value;
    __builtin_memcpy(&value, record + 112, sizeof value);
    return value;
}

/// Source port of TCP, UDP, UDP-Lite and SCTP. Never set on a fragment other than the first.
static inline uint16_t ringtap_field_src_port(const uint8_t *record) {
    uint16_t value;
    __builtin_memcpy(&value, record + 114, sizeof value);
    return value;
}

/// Destination port, as the source port.
static inline uint16_t ringtap_field_dst_port(const uint8_t *record) {
    uint16_t value;
    __builtin_memcpy(&value, record + 116, sizeof value);
    return value;
}

/// The bits of `tcp-flag`.
static inline uint16_t ringtap_field_tcp_flags(const uint8_t *record) {
    uint16_t value;
    __builtin_memcpy(&value, record + 118, sizeof value);
    return value;
}

/// As in the header, not scaled.
static inline uint16_t ringtap_field_tcp_window(const uint8_t *record) {
    uint16_t value;
    __builtin_memcpy(&value, record + 120, sizeof value);
    return value;
}

/// IPv4 header checksum as in the header; not verified. 0 where addresses are masked.
static inline uint16_t ringtap_field_ip_checksum(const uint8_t *record) {
    uint16_t value;
    __builtin_memcpy(&value, record + 122, sizeof value);
    return value;
}

/// Fragment offset in bytes.
static inline uint16_t ringtap_field_frag_offset(const uint8_t *record) {
    uint16_t value;
    __builtin_memcpy(&value, record + 124, sizeof value);
    return value;
}

/// Bytes of this packet in the batch's `payload`: the most that an interest in `matched` asked
/// for and was granted, or as many as the packet has. 0 where none did.
static inline uint16_t ringtap_field_payload_len(const uint8_t *record) {
    uint16_t value;
    __builtin_memcpy(&value, record + 126, sizeof value);
    return value;
}

/// Payload bytes in each segment of a GSO super-packet.
static inline uint16_t ringtap_field_gso_size(const uint8_t *record) {
    uint16_t value;
    __builtin_memcpy(&value, record + 128, sizeof value);
    return value;
}

/// Segments that a GSO super-packet stands for.
static inline uint16_t ringtap_field_gso_segments(const uint8_t *record) {
    uint16_t value;
    __builtin_memcpy(&value, record + 130, sizeof value);
    return value;
}

/// The tap that saw the packet; 0 in replay.
static inline uint16_t ringtap_field_tap(const uint8_t *record) {
    uint16_t value;
    __builtin_memcpy(&value, record + 132, sizeof value);
    return value;
}

/// Where the network header starts in the frame as seen, in bytes; 0 where there is none.
static inline uint16_t ringtap_field_l3_offset(const uint8_t *record) {
    uint16_t value;
    __builtin_memcpy(&value, record + 134, sizeof value);
    return value;
}

/// As `l3-offset`, of the transport header.
static inline uint16_t ringtap_field_l4_offset(const uint8_t *record) {
    uint16_t value;
    __builtin_memcpy(&value, record + 136, sizeof value);
    return value;
}

/// As `l3-offset`, of what follows the transport header.
static inline uint16_t ringtap_field_l7_offset(const uint8_t *record) {
    uint16_t value;
    __builtin_memcpy(&value, record + 138, sizeof value);
    return value;
}

/// VLAN tags, at most 4.
static inline uint8_t ringtap_field_vlan_count(const uint8_t *record) {
    uint8_t value;
    __builtin_memcpy(&value, record + 140, sizeof value);
    return value;
}

/// 4, 6, or 0 for anything but IP.
static inline uint8_t ringtap_field_ip_version(const uint8_t *record) {
    uint8_t value;
    __builtin_memcpy(&value, record + 141, sizeof value);
    return value;
}

/// IPv4 header length in 32-bit words.
static inline uint8_t ringtap_field_ihl(const uint8_t *record) {
    uint8_t value;
    __builtin_memcpy(&value, record + 142, sizeof value);
    return value;
}

/// The upper-layer protocol, after IPv6 extension headers.
static inline uint8_t ringtap_field_protocol(const uint8_t *record) {
    uint8_t value;
    __builtin_memcpy(&value, record + 143, sizeof value);
    return value;
}

/// Time to live or hop limit.
static inline uint8_t ringtap_field_ttl(const uint8_t *record) {
    uint8_t value;
    __builtin_memcpy(&value, record + 144, sizeof value);
    return value;
}

/// Type of service or traffic class: DSCP in the upper six bits, ECN in the lower two.
static inline uint8_t ringtap_field_tos(const uint8_t *record) {
    uint8_t value;
    __builtin_memcpy(&value, record + 145, sizeof value);
    return value;
}

/// 3 bits: 4 reserved, 2 don't fragment, 1 more fragments.
static inline uint8_t ringtap_field_ip_flags(const uint8_t *record) {
    uint8_t value;
    __builtin_memcpy(&value, record + 146, sizeof value);
    return value;
}

/// ICMP or ICMPv6 type, or the ARP operation.
static inline uint8_t ringtap_field_icmp_type(const uint8_t *record) {
    uint8_t value;
    __builtin_memcpy(&value, record + 147, sizeof value);
    return value;
}

/// ICMP or ICMPv6 code.
static inline uint8_t ringtap_field_icmp_code(const uint8_t *record) {
    uint8_t value;
    __builtin_memcpy(&value, record + 148, sizeof value);
    return value;
}

/// As `hook` counts.
static inline uint8_t ringtap_field_hook(const uint8_t *record) {
    uint8_t value;
    __builtin_memcpy(&value, record + 149, sizeof value);
    return value;
}

/// As `direction` counts; `unknown` in replay.
static inline uint8_t ringtap_field_direction(const uint8_t *record) {
    uint8_t value;
    __builtin_memcpy(&value, record + 150, sizeof value);
    return value;
}

/// MPLS labels stepped over.
static inline uint8_t ringtap_field_mpls_count(const uint8_t *record) {
    uint8_t value;
    __builtin_memcpy(&value, record + 151, sizeof value);
    return value;
}

/// Bits of `ringtap_field_marks`.
enum {
    /// Headers end early or go on past a parser bound; what was read is right.
    RINGTAP_MARK_PARTIAL = 1 << 0,
    /// Headers contradict themselves; what was read before that is right.
    RINGTAP_MARK_MALFORMED = 1 << 1,
    /// More-fragments is set or the fragment offset is not 0.
    RINGTAP_MARK_FRAGMENT = 1 << 2,
    /// `eth-src` is there.
    RINGTAP_MARK_ETH_SRC = 1 << 3,
    /// `eth-dst` is there.
    RINGTAP_MARK_ETH_DST = 1 << 4,
    /// `eth-type` is there (an 802.3 frame has a length instead).
    RINGTAP_MARK_ETH_TYPE = 1 << 5,
    /// ARP: addresses are the sender's and target's protocol addresses, `icmp-type` the operation.
    RINGTAP_MARK_ARP = 1 << 6,
    /// IPv6 with a fragment header: `ip-id`, `ip-flags` and `frag-offset` are from it.
    RINGTAP_MARK_IP6_FRAGMENT_HEADER = 1 << 7,
    /// Ports are there.
    RINGTAP_MARK_PORTS = 1 << 8,
    /// `icmp-type` and `icmp-code` are there.
    RINGTAP_MARK_ICMP = 1 << 9,
    /// `tcp-seq` is there.
    RINGTAP_MARK_TCP_SEQ = 1 << 10,
    /// `tcp-ack` is there.
    RINGTAP_MARK_TCP_ACK = 1 << 11,
    /// `tcp-flags` is there.
    RINGTAP_MARK_TCP_FLAGS = 1 << 12,
    /// `tcp-window` is there.
    RINGTAP_MARK_TCP_WINDOW = 1 << 13,
    /// MPLS labels were stepped over.
    RINGTAP_MARK_MPLS = 1 << 14,
    /// A PPPoE session header was stepped over.
    RINGTAP_MARK_PPPOE = 1 << 15,
    /// GSO super-packet: `gso-size` and `gso-segments` are there.
    RINGTAP_MARK_GSO = 1 << 16,
    /// `vlan0` was in the socket buffer's metadata, not in the bytes.
    RINGTAP_MARK_VLAN_IN_METADATA = 1 << 17,
    /// `vlan0` is an 802.1ad service tag, not 802.1Q.
    RINGTAP_MARK_SERVICE_TAG = 1 << 20,
    /// As `service-tag`, for `vlan1`.
    RINGTAP_MARK_SERVICE_TAG1 = 1 << 21,
    /// As `service-tag`, for `vlan2`.
    RINGTAP_MARK_SERVICE_TAG2 = 1 << 22,
    /// As `service-tag`, for `vlan3`.
    RINGTAP_MARK_SERVICE_TAG3 = 1 << 23,
};

/// Bits of `ringtap_packet_tcp_flags`.
enum {
    /// No more data from the sender (RFC 9293).
    RINGTAP_TCP_FIN = 1 << 0,
    /// Synchronize sequence numbers.
    RINGTAP_TCP_SYN = 1 << 1,
    /// Reset the connection.
    RINGTAP_TCP_RST = 1 << 2,
    /// Push.
    RINGTAP_TCP_PSH = 1 << 3,
    /// The acknowledgment number is significant.
    RINGTAP_TCP_ACK = 1 << 4,
    /// The urgent pointer is significant.
    RINGTAP_TCP_URG = 1 << 5,
    /// ECN echo (RFC 3168).
    RINGTAP_TCP_ECE = 1 << 6,
    /// Congestion window reduced (RFC 3168).
    RINGTAP_TCP_CWR = 1 << 7,
    /// Accurate ECN (RFC 9768).
    RINGTAP_TCP_AE = 1 << 8,
};

#endif
