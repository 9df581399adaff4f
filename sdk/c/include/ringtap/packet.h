/// Batches, and what is asked of a packet that takes more than a look at one field. The other
/// accessors are in `ringtap/record.h`.
///
///     for (uint32_t i = 0; i < batch->count; i++) {
///         ringtap_packet packet = ringtap_packet_at(batch, i);
///         bytes += ringtap_packet_wire_bytes(packet);
///     }
#ifndef RINGTAP_PACKET_H
#define RINGTAP_PACKET_H

#include "ringtap/fields.h"
#include "ringtap/text.h"
#include "ringtap/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Packets that the host handed over together. It and what it points to are gone when the call
/// ends.
typedef struct {
    /// Number of the first record among all that were meant for this plugin, from 0.
    uint64_t sequence;
    /// Records lost between the batch before and this one, because the plugin was too slow.
    uint64_t shed_before;
    /// Added to the time of a record for Unix time in ns.
    int64_t clock_offset_ns;
    /// Bytes from one record to the next.
    uint32_t record_size;
    /// Packets, 1 to 1024.
    uint32_t count;
    const uint8_t *records;
    const uint8_t *payload;
    size_t payload_len;
} ringtap_batch;

/// A packet, as a view of its record: reading it is a load.
typedef struct {
    /// As it is; see `ringtap/fields.h`.
    const uint8_t *record;
    const ringtap_batch *batch;
} ringtap_packet;

/// The packet of that number, from 0 and below `count`, in the order in which a tap saw them.
static inline ringtap_packet ringtap_packet_at(const ringtap_batch *batch, uint32_t number) {
    ringtap_packet packet = {batch->records + (size_t)number * batch->record_size, batch};
    return packet;
}

/// Whether all bits of `marks` are set, which are `RINGTAP_MARK_…`.
static inline bool ringtap_packet_has(ringtap_packet packet, uint32_t marks) {
    return (ringtap_field_marks(packet.record) & marks) == marks;
}

/// Whether the plugin's interest of that index, from 0, took this packet.
static inline bool ringtap_packet_matches(ringtap_packet packet, uint32_t interest) {
    return interest < 64 && (ringtap_field_matched(packet.record) >> interest & 1) == 1;
}

/// This record stands for so many of all that the plugin's interests want together: 1 unless the
/// plugin or the operator asked for a sample. `packets` and `wire_bytes` have it in them.
static inline uint32_t ringtap_packet_sample_one_in(ringtap_packet packet) {
    uint32_t one_in = ringtap_field_sample_one_in(packet.record);
    return one_in == 0 ? 1 : one_in;
}

/// When the tap saw the packet, Unix time in ns.
uint64_t ringtap_packet_time_ns(ringtap_packet packet);

/// How a GSO super-packet is cut before the wire.
typedef struct {
    /// Payload bytes in each segment.
    uint16_t size;
    uint16_t segments;
} ringtap_gso;

/// How the super-packet will be cut; false if it is none.
static inline bool ringtap_packet_gso(ringtap_packet packet, ringtap_gso *out) {
    bool is_there = ringtap_packet_has(packet, RINGTAP_MARK_GSO);
    if (is_there) {
        out->size = ringtap_field_gso_size(packet.record);
        out->segments = ringtap_field_gso_segments(packet.record);
    }
    return is_there;
}

/// Use `ringtap_packet_packets`.
static inline uint64_t ringtap_packet_segments_(ringtap_packet packet) {
    ringtap_gso gso;
    return ringtap_packet_gso(packet, &gso) && gso.segments > 0 ? gso.segments : 1;
}

/// Packets that this record stands for on the wire: the segments of a GSO super-packet, or 1, times
/// `sample_one_in`. Count with this, not with 1. With a sample, sums of it are estimates.
static inline uint64_t ringtap_packet_packets(ringtap_packet packet) {
    return ringtap_packet_segments_(packet) * ringtap_packet_sample_one_in(packet);
}

/// Bytes that this record stands for on the wire, without frame check sequences: every segment of a
/// GSO super-packet has headers of its own, and all of it counts `sample_one_in` times. Count with
/// this, not with `wire_len`.
static inline uint64_t ringtap_packet_wire_bytes(ringtap_packet packet) {
    uint64_t headers = ringtap_field_l7_offset(packet.record);
    headers += ringtap_packet_has(packet, RINGTAP_MARK_VLAN_IN_METADATA) ? 4 : 0;
    uint64_t bytes = ringtap_field_wire_len(packet.record);
    bytes += (ringtap_packet_segments_(packet) - 1) * headers;
    // No host's rate makes it too much; one that were wrong must not end the plugin. Halves, since
    // a product of 128 bits needs a function of the compiler's library.
    uint64_t one_in = ringtap_packet_sample_one_in(packet);
    uint64_t low = (bytes & UINT32_MAX) * one_in;
    uint64_t high = (bytes >> 32) * one_in + (low >> 32);
    return high > UINT32_MAX ? UINT64_MAX : high << 32 | (low & UINT32_MAX);
}

/// The first bytes from behind the headers, the application's, as far as an interest asked for
/// them, the operator granted them, and the packet has them. Empty otherwise.
ringtap_bytes ringtap_packet_payload(ringtap_packet packet);

/// A VLAN tag.
typedef struct {
    /// 0 to 4095.
    uint16_t id;
    /// 0 to 7.
    uint8_t priority;
    bool drop_eligible;
    /// An 802.1ad service tag, not 802.1Q.
    bool service;
} ringtap_vlan_tag;

/// VLAN tags, at most 4.
uint32_t ringtap_packet_vlan_count(ringtap_packet packet);

/// The tag of that number, from 0 and below the count, outermost first.
ringtap_vlan_tag ringtap_packet_vlan_tag(ringtap_packet packet, uint32_t number);

/// What an ARP packet says.
typedef struct {
    /// 1 request, 2 reply (RFC 826).
    uint8_t operation;
    /// IPv4.
    ringtap_address sender;
    ringtap_address target;
} ringtap_arp;

/// What an ARP packet says; false if it is none.
bool ringtap_packet_arp(ringtap_packet packet, ringtap_arp *out);

/// Where a tap sits.
typedef enum {
    /// A hook that is newer than this SDK.
    RINGTAP_HOOK_OTHER,
    /// eXpress Data Path: the driver, before a socket buffer exists.
    RINGTAP_HOOK_XDP,
    /// Traffic control.
    RINGTAP_HOOK_TC,
    /// A capture file.
    RINGTAP_HOOK_REPLAY,
} ringtap_hook;

ringtap_hook ringtap_packet_hook(ringtap_packet packet);
/// `xdp`, `tc`, `replay` or `other`.
const char *ringtap_hook_name(ringtap_hook hook);

/// Which way packets pass a tap.
typedef enum {
    /// Towards the host.
    RINGTAP_INGRESS = 1,
    /// Away from the host.
    RINGTAP_EGRESS = 2,
} ringtap_direction;

/// Which way the packet passed; false where that is not known, as in replay.
bool ringtap_packet_direction(ringtap_packet packet, ringtap_direction *out);
/// `ingress` or `egress`.
const char *ringtap_direction_name(ringtap_direction direction);

/// IPv4's "don't fragment".
static inline bool ringtap_packet_dont_fragment(ringtap_packet packet) {
    return ringtap_field_ip_version(packet.record) == 4 &&
           (ringtap_field_ip_flags(packet.record) & 2) != 0;
}

/// Whether its whole fixed IP header was there: no such packet has the length 0.
static inline bool ringtap_packet_has_ip(ringtap_packet packet) {
    return ringtap_field_ip_version(packet.record) != 0 && ringtap_field_ip_len(packet.record) != 0;
}

/// IPv6 has an identification in its fragment header only.
static inline bool ringtap_packet_has_ip_id(ringtap_packet packet) {
    return ringtap_packet_has_ip(packet) &&
           (ringtap_field_ip_version(packet.record) == 4 ||
            ringtap_packet_has(packet, RINGTAP_MARK_IP6_FRAGMENT_HEADER));
}

/// An address of the halves of a record.
static inline ringtap_address ringtap_address_of(uint8_t version, uint64_t hi, uint64_t lo) {
    ringtap_address address = {{0}, (uint8_t)(version == 4 ? 4 : 6)};
    if (version == 4) {
        uint32_t bytes = __builtin_bswap32((uint32_t)lo);
        __builtin_memcpy(address.bytes, &bytes, sizeof bytes);
    } else {
        hi = __builtin_bswap64(hi);
        lo = __builtin_bswap64(lo);
        __builtin_memcpy(address.bytes, &hi, sizeof hi);
        __builtin_memcpy(address.bytes + 8, &lo, sizeof lo);
    }
    return address;
}

/// A MAC address of the parts of a record.
static inline ringtap_mac ringtap_mac_of(uint32_t hi, uint16_t lo) {
    ringtap_mac mac;
    hi = __builtin_bswap32(hi);
    lo = __builtin_bswap16(lo);
    __builtin_memcpy(mac.bytes, &hi, sizeof hi);
    __builtin_memcpy(mac.bytes + 4, &lo, sizeof lo);
    return mac;
}

#ifdef __cplusplus
}
#endif

#include "ringtap/record.h"

#endif
