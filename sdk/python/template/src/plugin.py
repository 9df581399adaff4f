"""Counts packets and bytes by IP protocol.

Metrics: `{{ident}}_packets_total` and `{{ident}}_bytes_total`, with the label `protocol`.

Events: `protocol` for each of them, every so many seconds and at the end, with what was counted
since the plugin first ran, over all its versions.

Config, with its default:

    report_seconds = 60
"""

from __future__ import annotations

import ringtap
from ringtap import Batch, Config, Counter, Event, UInt

from saved import restore, save
from totals import Totals

# As IANA assigns the numbers; the others are one series, so that nobody who sends packets decides
# how many there are.
PROTOCOLS = {None: "none", 1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6"}


class Protocols(ringtap.Plugin, ringtap.Aggregate, ringtap.State):
    """The plugin."""

    name = "{{name}}"
    version = "0.1.0"
    tick_ms = 1000
    schema = 1

    def __init__(self, config: str) -> None:
        keys = Config(config)
        report_every = keys.seconds("report_seconds", 60, 1, 86_400)
        keys.finish()
        self.packets = Counter.family(
            "{{ident}}_packets_total", "Packets by IP protocol.", ["protocol"]
        )
        self.bytes = Counter.family(
            "{{ident}}_bytes_total", "Bytes on the wire by IP protocol.", ["protocol"]
        )
        self.totals = Totals()
        self.report_every_ns = int(report_every.total_seconds()) * 1_000_000_000
        # 0 before the first tick.
        self.reported_ns = 0

    def on_packets(self, batch: Batch) -> None:
        """Count each packet."""
        for packet in batch:
            protocol = PROTOCOLS.get(packet.protocol, "other")
            # Of one record, these can be more: it may stand for a sample or for a super-packet.
            packets, wire_bytes = packet.packets, packet.wire_bytes
            self.totals.add(protocol, packets, wire_bytes)
            self.packets.with_(protocol).add(packets)
            self.bytes.with_(protocol).add(wire_bytes)

    def tick(self, now_ns: int) -> None:
        """Report when it is due."""
        if self.reported_ns == 0:
            self.reported_ns = now_ns
        if now_ns - self.reported_ns >= self.report_every_ns:
            self.reported_ns = now_ns
            self.report(now_ns)

    def stop(self, now_ns: int) -> None:
        """Report at the end."""
        self.report(now_ns)

    def report(self, now_ns: int) -> None:
        """Tell what was counted."""
        for protocol, packets, wire_bytes in self.totals:
            Event(
                "protocol",
                now_ns,
                {"protocol": protocol, "packets": UInt(packets), "bytes": UInt(wire_bytes)},
            ).emit()

    def save(self) -> bytes:
        """Give what was counted to the next version."""
        return save(self.reported_ns, self.totals)

    def restore(self, schema: int, saved: bytes) -> None:
        """Go on where another version stopped."""
        self.reported_ns, self.totals = restore(saved)


ringtap.export(Protocols)
