/// An interface in a direction, and its series.
#ifndef PROTOCOL_MIX_PORTS_H
#define PROTOCOL_MIX_PORTS_H

#include <ringtap.h>

#include "names.h"

/// Beside `RINGTAP_INGRESS` and `RINGTAP_EGRESS`.
enum { DIRECTION_UNKNOWN, DIRECTIONS = 3 };

/// Beside the ids, which end at 4095.
enum { VLAN_NONE = 4096, VLAN_OTHER, VLANS };

typedef struct {
    uint64_t packets;
    uint64_t bytes;
} traffic;

typedef struct port port;

/// No interface is known yet. There are at most so many interfaces, and VLANs in each port.
void ports_init(uint32_t interfaces, uint32_t vlans);

/// The one that is told for this interface in this direction.
port *ports_find(uint32_t ifindex, uint32_t direction);

/// Count traffic of that value in that dimension.
void port_count(port *port, dimension dimension, uint32_t value, traffic traffic);

/// Count traffic of that VLAN: an id or `VLAN_NONE`.
void port_count_vlan(port *port, uint32_t vlan, traffic traffic);

/// Ask for the names of all interfaces again. One that has another name now counts under that.
void ports_rename(void);

#endif
