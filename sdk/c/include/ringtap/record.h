// Made by `cargo xtask codegen` from wit/layout.wit.
// clang-format off
/// What a packet can be asked for. What it may not have answers whether it has it, and only then
/// writes the value:
///
///     uint16_t port;
///     if (ringtap_packet_dst_port(packet, &port) && port == 53) …
#ifndef RINGTAP_RECORD_H
#define RINGTAP_RECORD_H

#include "ringtap/packet.h"

/// Bytes of the packet as the tap saw it, a GSO super-packet being one.
static inline uint32_t ringtap_packet_wire_len(ringtap_packet packet) {
    return ringtap_field_wire_len(packet.record);
}

/// Bit i: the plugin's i-th interest, counted from 0, took this packet. Bit 0 for a plugin that
/// states none.
static inline uint64_t ringtap_packet_matched(ringtap_packet packet) {
    return ringtap_field_matched(packet.record);
}

/// Interface index in the tap's network namespace, in replay the capture's interface from 1.
static inline uint32_t ringtap_packet_ifindex(ringtap_packet packet) {
    return ringtap_field_ifindex(packet.record);
}

/// Number of the tap; 0 in replay. A packet that passes several taps comes once from each.
static inline uint16_t ringtap_packet_tap(ringtap_packet packet) {
    return ringtap_field_tap(packet.record);
}

/// Headers end early, or go on past a parser bound. What is there is right.
static inline bool ringtap_packet_is_partial(ringtap_packet packet) {
    return ringtap_packet_has(packet, RINGTAP_MARK_PARTIAL);
}

/// Headers contradict themselves. What is there was read before that, and is right.
static inline bool ringtap_packet_is_malformed(ringtap_packet packet) {
    return ringtap_packet_has(packet, RINGTAP_MARK_MALFORMED);
}

/// Part of a fragmented packet; only the first fragment has ports.
static inline bool ringtap_packet_is_fragment(ringtap_packet packet) {
    return ringtap_packet_has(packet, RINGTAP_MARK_FRAGMENT);
}

/// A PPPoE session header was stepped over.
static inline bool ringtap_packet_is_pppoe(ringtap_packet packet) {
    return ringtap_packet_has(packet, RINGTAP_MARK_PPPOE);
}

/// Source MAC address.
static inline bool ringtap_packet_eth_src(ringtap_packet packet, ringtap_mac *out) {
    bool is_there = ringtap_packet_has(packet, RINGTAP_MARK_ETH_SRC);
    if (is_there) {
        *out = ringtap_mac_of(ringtap_field_eth_src_hi(packet.record), ringtap_field_eth_src_lo(packet.record));
    }
    return is_there;
}

/// Destination MAC address.
static inline bool ringtap_packet_eth_dst(ringtap_packet packet, ringtap_mac *out) {
    bool is_there = ringtap_packet_has(packet, RINGTAP_MARK_ETH_DST);
    if (is_there) {
        *out = ringtap_mac_of(ringtap_field_eth_dst_hi(packet.record), ringtap_field_eth_dst_lo(packet.record));
    }
    return is_there;
}

/// The innermost EtherType; an 802.3 frame has none.
static inline bool ringtap_packet_eth_type(ringtap_packet packet, uint16_t *out) {
    bool is_there = ringtap_packet_has(packet, RINGTAP_MARK_ETH_TYPE);
    if (is_there) {
        *out = ringtap_field_eth_type(packet.record);
    }
    return is_there;
}

/// MPLS labels that were stepped over on the way to the network header.
static inline uint8_t ringtap_packet_mpls_labels(ringtap_packet packet) {
    return ringtap_field_mpls_count(packet.record);
}

/// 4 or 6.
static inline bool ringtap_packet_ip_version(ringtap_packet packet, uint8_t *out) {
    bool is_there = ringtap_field_ip_version(packet.record) != 0;
    if (is_there) {
        *out = ringtap_field_ip_version(packet.record);
    }
    return is_there;
}

/// Source address.
static inline bool ringtap_packet_src(ringtap_packet packet, ringtap_address *out) {
    bool is_there = ringtap_packet_has_ip(packet);
    if (is_there) {
        *out = ringtap_address_of(ringtap_field_ip_version(packet.record), ringtap_field_src_hi(packet.record), ringtap_field_src_lo(packet.record));
    }
    return is_there;
}

/// Destination address.
static inline bool ringtap_packet_dst(ringtap_packet packet, ringtap_address *out) {
    bool is_there = ringtap_packet_has_ip(packet);
    if (is_there) {
        *out = ringtap_address_of(ringtap_field_ip_version(packet.record), ringtap_field_dst_hi(packet.record), ringtap_field_dst_lo(packet.record));
    }
    return is_there;
}

/// The upper-layer protocol, after IPv6 extension headers: 6 TCP, 17 UDP, and so on as IANA
/// assigns them.
static inline bool ringtap_packet_protocol(ringtap_packet packet, uint8_t *out) {
    bool is_there = ringtap_packet_has_ip(packet);
    if (is_there) {
        *out = ringtap_field_protocol(packet.record);
    }
    return is_there;
}

/// IP header and all that follows it, in bytes.
static inline bool ringtap_packet_ip_len(ringtap_packet packet, uint32_t *out) {
    bool is_there = ringtap_packet_has_ip(packet);
    if (is_there) {
        *out = ringtap_field_ip_len(packet.record);
    }
    return is_there;
}

/// Time to live or hop limit.
static inline bool ringtap_packet_ttl(ringtap_packet packet, uint8_t *out) {
    bool is_there = ringtap_packet_has_ip(packet);
    if (is_there) {
        *out = ringtap_field_ttl(packet.record);
    }
    return is_there;
}

/// Type of service or traffic class: DSCP in the upper six bits, ECN in the lower two.
static inline bool ringtap_packet_tos(ringtap_packet packet, uint8_t *out) {
    bool is_there = ringtap_packet_has_ip(packet);
    if (is_there) {
        *out = ringtap_field_tos(packet.record);
    }
    return is_there;
}

/// Identification: IPv4's, or the IPv6 fragment header's.
static inline bool ringtap_packet_ip_id(ringtap_packet packet, uint32_t *out) {
    bool is_there = ringtap_packet_has_ip_id(packet);
    if (is_there) {
        *out = ringtap_field_ip_id(packet.record);
    }
    return is_there;
}

/// IPv6 flow label, 20 bits.
static inline bool ringtap_packet_flow_label(ringtap_packet packet, uint32_t *out) {
    bool is_there = ringtap_packet_has_ip(packet) && ringtap_field_ip_version(packet.record) == 6;
    if (is_there) {
        *out = ringtap_field_flow_label(packet.record);
    }
    return is_there;
}

/// Where a fragment's bytes belong; 0 for the first and for what is no fragment.
static inline uint16_t ringtap_packet_fragment_offset(ringtap_packet packet) {
    return ringtap_field_frag_offset(packet.record);
}

/// Source port of TCP, UDP, UDP-Lite or SCTP.
static inline bool ringtap_packet_src_port(ringtap_packet packet, uint16_t *out) {
    bool is_there = ringtap_packet_has(packet, RINGTAP_MARK_PORTS);
    if (is_there) {
        *out = ringtap_field_src_port(packet.record);
    }
    return is_there;
}

/// Destination port, as the source port.
static inline bool ringtap_packet_dst_port(ringtap_packet packet, uint16_t *out) {
    bool is_there = ringtap_packet_has(packet, RINGTAP_MARK_PORTS);
    if (is_there) {
        *out = ringtap_field_dst_port(packet.record);
    }
    return is_there;
}

/// TCP flags.
static inline bool ringtap_packet_tcp_flags(ringtap_packet packet, uint16_t *out) {
    bool is_there = ringtap_packet_has(packet, RINGTAP_MARK_TCP_FLAGS);
    if (is_there) {
        *out = ringtap_field_tcp_flags(packet.record);
    }
    return is_there;
}

/// TCP sequence number.
static inline bool ringtap_packet_tcp_seq(ringtap_packet packet, uint32_t *out) {
    bool is_there = ringtap_packet_has(packet, RINGTAP_MARK_TCP_SEQ);
    if (is_there) {
        *out = ringtap_field_tcp_seq(packet.record);
    }
    return is_there;
}

/// TCP acknowledgment number; significant only with the flag ACK.
static inline bool ringtap_packet_tcp_ack(ringtap_packet packet, uint32_t *out) {
    bool is_there = ringtap_packet_has(packet, RINGTAP_MARK_TCP_ACK);
    if (is_there) {
        *out = ringtap_field_tcp_ack(packet.record);
    }
    return is_there;
}

/// TCP window as in the header, not scaled.
static inline bool ringtap_packet_tcp_window(ringtap_packet packet, uint16_t *out) {
    bool is_there = ringtap_packet_has(packet, RINGTAP_MARK_TCP_WINDOW);
    if (is_there) {
        *out = ringtap_field_tcp_window(packet.record);
    }
    return is_there;
}

/// ICMP or ICMPv6 type.
static inline bool ringtap_packet_icmp_type(ringtap_packet packet, uint8_t *out) {
    bool is_there = ringtap_packet_has(packet, RINGTAP_MARK_ICMP);
    if (is_there) {
        *out = ringtap_field_icmp_type(packet.record);
    }
    return is_there;
}

/// ICMP or ICMPv6 code.
static inline bool ringtap_packet_icmp_code(ringtap_packet packet, uint8_t *out) {
    bool is_there = ringtap_packet_has(packet, RINGTAP_MARK_ICMP);
    if (is_there) {
        *out = ringtap_field_icmp_code(packet.record);
    }
    return is_there;
}

#endif
