// What the traffic is made of, at each interface and in each direction.
//
// Every packet counts once in each of these, so the sums of all are the same:
//
// - `protocol_mix_ethertype_packets_total`, `…_bytes_total`: by `ethertype`;
// - `protocol_mix_ip_packets_total`, `…_bytes_total`: by IP `protocol`, after extension headers;
// - `protocol_mix_service_packets_total`, `…_bytes_total`: by `service`, of the well-known port at
//   either end, the destination's first;
// - `protocol_mix_vlan_packets_total`, `…_bytes_total`: by id of the outermost `vlan` tag;
// - `protocol_mix_size_packets_total`, `…_bytes_total`: by `size` on the wire, as RMON has the
// classes
//   (RFC 2819), without the frame check sequence.
//
// All have the labels `interface` (a name, or `if` and a number where there is none) and
// `direction`
// (`ingress`, `egress` or `unknown`, as in replay). `none` is what has no such thing; `other` is
// what has another one than those that are named here (src/names.c), or came when the table was
// full.
//
// There are about 80 values, so at most 160 series for an interface in a direction, and most
// networks have a third of them. A packet that passes two taps counts at each. Of a sample,
// everything is scaled up.
//
// Config, with its defaults:
//
//     interfaces = 32   # interfaces that are told apart, 1 to 256; those beyond are `other`
//     vlans = 64        # VLANs of an interface in a direction, 0 to 4096; those beyond are `other`
//
// No state: counters go on by themselves when the plugin is replaced.
#include <ringtap.h>

#include "names.h"
#include "ports.h"

static const ringtap_description description = {
    .name = "protocol-mix",
    .version = "0.1.0",
    .tick_ms = 10000,
};

static ringtap_error init(ringtap_text text) {
    ringtap_report_panics();
    ringtap_config config;
    ringtap_config_read(&config, text);
    uint64_t interfaces = ringtap_config_integer(&config, "interfaces", 32, 1, 256);
    uint64_t vlans = ringtap_config_integer(&config, "vlans", 64, 0, 4096);
    ports_init((uint32_t)interfaces, (uint32_t)vlans);
    return ringtap_config_finish(&config);
}

/// `DIRECTION_UNKNOWN` or a `ringtap_direction`.
static uint32_t direction_of(ringtap_packet packet) {
    ringtap_direction direction;
    return ringtap_packet_direction(packet, &direction) ? (uint32_t)direction : DIRECTION_UNKNOWN;
}

static uint32_t vlan_of(ringtap_packet packet) {
    return ringtap_packet_vlan_count(packet) == 0 ? VLAN_NONE
                                                  : ringtap_packet_vlan_tag(packet, 0).id;
}

static void on_packets(const ringtap_batch *batch) {
    for (uint32_t i = 0; i < batch->count; i++) {
        ringtap_packet packet = ringtap_packet_at(batch, i);
        traffic traffic = {ringtap_packet_packets(packet), ringtap_packet_wire_bytes(packet)};
        port *port = ports_find(ringtap_packet_ifindex(packet), direction_of(packet));
        port_count(port, ETHERTYPE, name_of_ethertype(packet), traffic);
        port_count(port, PROTOCOL, name_of_protocol(packet), traffic);
        port_count(port, SERVICE, name_of_service(packet), traffic);
        // Of a super-packet, the size that its segments have.
        port_count(port, SIZE, name_of_size(traffic.bytes / traffic.packets), traffic);
        port_count_vlan(port, vlan_of(packet), traffic);
    }
}

/// Interfaces are renamed now and then.
static void tick(uint64_t now_ns) {
    (void)now_ns;
    ports_rename();
}

RINGTAP_EXPORT_LIFECYCLE(&description, init, tick, NULL)
RINGTAP_EXPORT_AGGREGATE(on_packets)
