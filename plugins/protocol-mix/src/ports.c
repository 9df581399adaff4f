#include "ports.h"

#include <stdlib.h>
#include <string.h>

/// Room for the name of an interface (Linux: 15 bytes), or a number in its place.
#define NAME 32

typedef struct {
    ringtap_counter *packets;
    ringtap_counter *bytes;
} pair;

struct port {
    const char *interface;
    const char *direction;
    uint32_t vlan_count;
    pair pairs[DIMENSIONS][MAX_NAMES];
    pair vlans[VLANS];
};

typedef struct {
    uint32_t ifindex;
    char name[NAME];
    /// Made when they are first used.
    port *ports[DIRECTIONS];
} interface;

static struct {
    interface *all;
    uint32_t count;
    uint32_t most;
    uint32_t most_vlans;
    /// Takes the place of those for which there is no room.
    interface other;
} known;

// The same order as that of dimensions.
static ringtap_counter_family families[DIMENSIONS + 1][2] = {
    {RINGTAP_FAMILY("protocol_mix_ethertype_packets_total", "Packets by EtherType.", "interface",
                    "direction", "ethertype"),
     RINGTAP_FAMILY("protocol_mix_ethertype_bytes_total", "Bytes by EtherType.", "interface",
                    "direction", "ethertype")},
    {RINGTAP_FAMILY("protocol_mix_ip_packets_total", "Packets by IP protocol.", "interface",
                    "direction", "protocol"),
     RINGTAP_FAMILY("protocol_mix_ip_bytes_total", "Bytes by IP protocol.", "interface",
                    "direction", "protocol")},
    {RINGTAP_FAMILY("protocol_mix_service_packets_total", "Packets by well-known service.",
                    "interface", "direction", "service"),
     RINGTAP_FAMILY("protocol_mix_service_bytes_total", "Bytes by well-known service.", "interface",
                    "direction", "service")},
    {RINGTAP_FAMILY("protocol_mix_size_packets_total", "Packets by bytes on the wire.", "interface",
                    "direction", "size"),
     RINGTAP_FAMILY("protocol_mix_size_bytes_total", "Bytes by bytes of the packet on the wire.",
                    "interface", "direction", "size")},
    {RINGTAP_FAMILY("protocol_mix_vlan_packets_total", "Packets by outermost VLAN.", "interface",
                    "direction", "vlan"),
     RINGTAP_FAMILY("protocol_mix_vlan_bytes_total", "Bytes by outermost VLAN.", "interface",
                    "direction", "vlan")},
};

void ports_init(uint32_t interfaces, uint32_t vlans) {
    known.all = ringtap_alloc_zeroed(interfaces, sizeof *known.all);
    known.count = 0;
    known.most = interfaces;
    known.most_vlans = vlans;
    memset(&known.other, 0, sizeof known.other);
    memcpy(known.other.name, "other", sizeof "other");
}

/// Ask the host for an interface's name; `if` and the number where it knows none.
static void ask_name(uint32_t ifindex, char name[NAME]) {
    ringtap_text told;
    if (ringtap_interface_name(ifindex, &told) && told.len > 0 && told.len < NAME) {
        memcpy(name, told.data, told.len + 1);
        return;
    }
    name[0] = 'i';
    name[1] = 'f';
    ringtap_u64_text(ifindex, name + 2);
}

static interface *interface_of(uint32_t ifindex) {
    for (uint32_t i = 0; i < known.count; i++) {
        if (known.all[i].ifindex == ifindex) {
            return &known.all[i];
        }
    }
    if (known.count == known.most) {
        return &known.other;
    }
    interface *added = &known.all[known.count++];
    added->ifindex = ifindex;
    ask_name(ifindex, added->name);
    return added;
}

port *ports_find(uint32_t ifindex, uint32_t direction) {
    static const char *const names[DIRECTIONS] = {"unknown", "ingress", "egress"};
    interface *interface = interface_of(ifindex);
    if (interface->ports[direction] == NULL) {
        port *added = ringtap_alloc_zeroed(1, sizeof *added);
        added->interface = interface->name;
        added->direction = names[direction];
        interface->ports[direction] = added;
    }
    return interface->ports[direction];
}

static ringtap_counter *series(const port *port, ringtap_counter_family *family,
                               const char *value) {
    ringtap_counter *counter = NULL;
    const char *values[] = {port->interface, port->direction, value};
    ringtap_error error = ringtap_counter_with_(family, &counter, values);
    if (error != NULL) {
        ringtap_panic(error);
    }
    return counter;
}

/// Handles stay good, so each series is looked for once only.
static void count(const port *port, pair *pair, ringtap_counter_family *both, const char *value,
                  traffic traffic) {
    if (pair->packets == NULL) {
        pair->packets = series(port, &both[0], value);
        pair->bytes = series(port, &both[1], value);
    }
    ringtap_counter_add(pair->packets, traffic.packets);
    ringtap_counter_add(pair->bytes, traffic.bytes);
}

void port_count(port *port, dimension dimension, uint32_t value, traffic traffic) {
    pair *pair = &port->pairs[dimension][value];
    count(port, pair, families[dimension], name_of_value(dimension, value), traffic);
}

void port_count_vlan(port *port, uint32_t vlan, traffic traffic) {
    bool is_new = vlan < VLAN_NONE && port->vlans[vlan].packets == NULL;
    if (is_new && port->vlan_count == known.most_vlans) {
        vlan = VLAN_OTHER;
    } else if (is_new) {
        port->vlan_count++;
    }
    char number[RINGTAP_NUMBER_TEXT];
    const char *value = vlan == VLAN_NONE    ? "none"
                        : vlan == VLAN_OTHER ? "other"
                                             : ringtap_u64_text(vlan, number);
    count(port, &port->vlans[vlan], families[DIMENSIONS], value, traffic);
}

void ports_rename(void) {
    for (uint32_t i = 0; i < known.count; i++) {
        interface *interface = &known.all[i];
        char name[NAME];
        ask_name(interface->ifindex, name);
        if (strcmp(name, interface->name) == 0) {
            continue;
        }
        memcpy(interface->name, name, NAME);
        for (size_t direction = 0; direction < DIRECTIONS; direction++) {
            free(interface->ports[direction]);
            interface->ports[direction] = NULL;
        }
    }
}
