"""Tells which MAC address claims which IP address, and when another one does.

Looks at the headers of ARP and of IPv6 neighbour discovery (RFC 4861): who sends one of these claims its
own address. ARP probes and messages from the unspecified address claim none, and a message that was
routed (hop limit below 255) is not believed.

Metrics:
- `neighbours_known`: addresses in the table.
- `neighbours_claims_total{protocol}`: claims that were seen, by `arp` and `nd`.
- `neighbours_new_total`, `neighbours_moved_total`: addresses that came, and that another MAC address
  claimed.
- `neighbours_dropped_total`: addresses that were dropped for lack of room, those that were silent for
  longest first.

Events: `neighbour_new` with `interface`, `vlan` (where the frame is tagged), `ip` and `mac`;
`neighbour_moved` with these and `old_mac`. An address that two hosts claim moves with each claim: that is
a conflict, a failover, or somebody who pretends.

A reload hands the table to the next version. It is not kept over a restart of ringtap: that would take
the capability `kv`, which operators have to grant.

Config, with its default:

    limit = 4096   # addresses in the table, about 400 bytes of memory each
"""

from __future__ import annotations

import ringtap
from ringtap import Batch, Config, Counter, Event, Gauge, Interest, Mark, Packet

from table import Place, Table

ND_TYPES = range(133, 137)
"""Router and neighbour solicitation and advertisement (RFC 4861, 4); 137 is a redirect."""

UNSPECIFIED = "::"

ND_HOP_LIMIT = 255
"""No router has passed it on (RFC 4861, 3.1)."""


class Neighbours(ringtap.Plugin, ringtap.Aggregate, ringtap.State):
    """The plugin."""

    name = "neighbours"
    version = "0.1.0"
    interests = (Interest("arp", "arp"), Interest("nd", "icmp6"))
    schema = 1

    def __init__(self, config: str) -> None:
        keys = Config(config)
        limit = keys.integer("limit", 4096, 1, 65_536)
        keys.finish()
        self.table = Table(limit)
        self.known = Gauge("neighbours_known", "Addresses in the table.")
        self.claims = Counter.family(
            "neighbours_claims_total", "Claims of addresses by protocol.", ["protocol"]
        )
        self.new = Counter("neighbours_new_total", "Addresses that came.")
        self.moved = Counter("neighbours_moved_total", "Addresses that moved to another MAC.")
        self.dropped = Counter("neighbours_dropped_total", "Addresses dropped for lack of room.")
        self.interfaces: dict[int, str] = {}

    def on_packets(self, batch: Batch) -> None:
        """Take the claims in a batch."""
        for packet in batch:
            claim(self, packet)
        self.known.set(len(self.table))

    def learn(self, packet: Packet, ip: str, mac: str) -> None:
        """Put a claim into the table, and tell what is new."""
        vlans = packet.vlan_ids
        place = Place(packet.ifindex, vlans[0] if vlans else None, ip)
        old = self.table.put(place, mac)
        if self.table.drop_oldest():
            self.dropped.inc()
        if old == mac:
            return
        fields = {"interface": self.interface(place.ifindex), "vlan": place.vlan, "ip": ip}
        if old is None:
            self.new.inc()
            tell("neighbour_new", packet, fields | {"mac": mac})
        else:
            self.moved.inc()
            tell("neighbour_moved", packet, fields | {"old_mac": old, "mac": mac})

    def interface(self, ifindex: int) -> str:
        """Give the name of an interface, or its number where the host knows none."""
        if ifindex not in self.interfaces:
            self.interfaces[ifindex] = ringtap.interface_name(ifindex) or str(ifindex)
        return self.interfaces[ifindex]

    def save(self) -> bytes:
        """Give the table."""
        return self.table.save()

    def restore(self, schema: int, saved: bytes) -> None:  # noqa: ARG002
        """Take the table, as much of it as there is room for."""
        self.table.restore(saved)
        self.known.set(len(self.table))


def claim(plugin: Neighbours, packet: Packet) -> None:
    """Find out whether a packet claims an address."""
    mac = packet.eth_src
    # A group's address is nobody's.
    if mac is None or mac[0] & 1:
        return
    if packet.has(Mark.ARP):
        arp = packet.arp
        if arp is not None and not arp.sender.is_unspecified:
            plugin.claims.with_("arp").inc()
            plugin.learn(packet, str(arp.sender), str(mac))
        return
    src = packet.src_text
    is_nd = packet.icmp_type in ND_TYPES and packet.ttl == ND_HOP_LIMIT and packet.ip_version == 6
    if is_nd and src is not None and src != UNSPECIFIED:
        plugin.claims.with_("nd").inc()
        plugin.learn(packet, src, str(mac))


def tell(kind: str, packet: Packet, fields: dict[str, str | int | None]) -> None:
    """Emit an event at the packet's time."""
    vlan = fields["vlan"]
    typed = fields | {"vlan": None if vlan is None else ringtap.UInt(vlan)}
    Event(kind, packet.time_ns, typed).emit()


ringtap.export(Neighbours)
