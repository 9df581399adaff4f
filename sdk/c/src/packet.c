#include "ringtap/packet.h"

uint64_t ringtap_packet_time_ns(ringtap_packet packet) {
    uint64_t time = ringtap_field_timestamp_ns(packet.record);
    int64_t offset = packet.batch->clock_offset_ns;
    if (offset < 0) {
        uint64_t back = 0 - (uint64_t)offset;
        return time < back ? 0 : time - back;
    }
    return time > UINT64_MAX - (uint64_t)offset ? UINT64_MAX : time + (uint64_t)offset;
}

ringtap_bytes ringtap_packet_payload(ringtap_packet packet) {
    const ringtap_batch *batch = packet.batch;
    size_t offset = ringtap_field_payload_offset(packet.record);
    size_t len = ringtap_field_payload_len(packet.record);
    bool is_there = len > 0 && offset <= batch->payload_len && len <= batch->payload_len - offset;
    if (!is_there) {
        return (ringtap_bytes){NULL, 0};
    }
    return (ringtap_bytes){batch->payload + offset, len};
}

uint32_t ringtap_packet_vlan_count(ringtap_packet packet) {
    uint8_t count = ringtap_field_vlan_count(packet.record);
    return count > 4 ? 4 : count;
}

ringtap_vlan_tag ringtap_packet_vlan_tag(ringtap_packet packet, uint32_t number) {
    const uint16_t tags[4] = {
        ringtap_field_vlan0(packet.record),
        ringtap_field_vlan1(packet.record),
        ringtap_field_vlan2(packet.record),
        ringtap_field_vlan3(packet.record),
    };
    uint16_t tag = tags[number % 4];
    return (ringtap_vlan_tag){
        .id = tag & 0xfff,
        .priority = (uint8_t)(tag >> 13),
        .drop_eligible = (tag & 0x1000) != 0,
        .service = ringtap_packet_has(packet, (uint32_t)RINGTAP_MARK_SERVICE_TAG << number % 4),
    };
}

bool ringtap_packet_arp(ringtap_packet packet, ringtap_arp *out) {
    bool is_there = ringtap_packet_has(packet, RINGTAP_MARK_ARP);
    if (is_there) {
        out->operation = ringtap_field_icmp_type(packet.record);
        out->sender = ringtap_address_of(4, 0, ringtap_field_src_lo(packet.record));
        out->target = ringtap_address_of(4, 0, ringtap_field_dst_lo(packet.record));
    }
    return is_there;
}

ringtap_hook ringtap_packet_hook(ringtap_packet packet) {
    uint8_t hook = ringtap_field_hook(packet.record);
    return hook <= RINGTAP_HOOK_REPLAY ? (ringtap_hook)hook : RINGTAP_HOOK_OTHER;
}

const char *ringtap_hook_name(ringtap_hook hook) {
    switch (hook) {
    case RINGTAP_HOOK_XDP:
        return "xdp";
    case RINGTAP_HOOK_TC:
        return "tc";
    case RINGTAP_HOOK_REPLAY:
        return "replay";
    case RINGTAP_HOOK_OTHER:
        break;
    }
    return "other";
}

bool ringtap_packet_direction(ringtap_packet packet, ringtap_direction *out) {
    uint8_t direction = ringtap_field_direction(packet.record);
    bool is_known = direction == RINGTAP_INGRESS || direction == RINGTAP_EGRESS;
    if (is_known) {
        *out = (ringtap_direction)direction;
    }
    return is_known;
}

const char *ringtap_direction_name(ringtap_direction direction) {
    return direction == RINGTAP_INGRESS ? "ingress" : "egress";
}
