"""Counts bytes by destination, tells of DNS, and hands on what it knows."""

import ringtap
from ringtap import Batch, Config, Counter, Event, Gauge, Histogram, Interest, Packet, UInt, log

from known import Known

DNS = 1
"""The interest of DNS."""

ANSWER = 0x80
"""In the third byte of a DNS message (RFC 1035, 4.1.1)."""

BOUNDS = (64, 128, 256, 512, 1024, 1518)


class Meter(ringtap.Plugin, ringtap.Aggregate, ringtap.State):
    """The plugin."""

    name = "meter"
    version = "1.0.0"
    tick_ms = 1000
    interests = (Interest("all"), Interest("dns", "udp port 53", payload=512))
    schema = 1

    def __init__(self, config: str) -> None:
        keys = Config(config)
        self.limit = keys.integer("limit", 1000, 1, 100_000)
        self.trap_after = keys.integer("trap_after", 0, 0, 1_000_000_000)
        keys.finish()
        log.info(f"meter starts with limit {self.limit}")
        self.sizes = Histogram("meter_packet_bytes", "Sizes of packets.", BOUNDS)
        self.destinations = Gauge("meter_destinations", "Destinations that are known.")
        self.bytes = Counter.family("meter_bytes_total", "Bytes by destination.", ["dst"])
        self.records = 0
        self.known = Known()

    def on_packets(self, batch: Batch) -> None:
        """Count, and tell of DNS."""
        for packet in batch:
            self.records = self.records + 1 & (1 << 64) - 1
            if self.trap_after > 0 and self.records >= self.trap_after:
                raise RuntimeError("as configured")
            self.sizes.observe(packet.wire_len)
            self.count(packet)
            if packet.matches(DNS):
                tell_dns(packet)
        self.destinations.set(len(self.known))

    def count(self, packet: Packet) -> None:
        """Count what went to the packet's destination."""
        dst = packet.dst_text
        if dst is None:
            return
        wire_bytes = packet.wire_bytes
        known = self.known.add(dst, wire_bytes, packet.packets, self.limit)
        self.bytes.with_(dst if known else "other").add(wire_bytes)

    def tick(self, now_ns: int) -> None:
        """Tell how it stands."""
        Event(
            "tick",
            now_ns,
            {
                "destinations": UInt(len(self.known)),
                "records": UInt(self.records),
                "share": self.known.share_of_first(),
            },
        ).emit()

    def stop(self, now_ns: int) -> None:
        """Tell what went where."""
        for dst, traffic in self.known.items():
            delta = traffic.packets - traffic.bytes
            Event(
                "total",
                now_ns,
                {
                    "dst": dst,
                    "bytes": UInt(traffic.bytes),
                    "packets": UInt(traffic.packets),
                    "delta": (delta + (1 << 63) & (1 << 64) - 1) - (1 << 63),
                },
            ).emit()

    def save(self) -> bytes:
        """Give the count of records and the destinations."""
        return self.known.save(self.records)

    def restore(self, schema: int, saved: bytes) -> None:  # noqa: ARG002
        """Take them."""
        self.records = self.known.restore(saved, self.limit)


def tell_dns(packet: Packet) -> None:
    """Tell of a DNS message."""
    payload = packet.payload
    src_port = packet.src_port
    Event(
        "dns",
        packet.time_ns,
        {
            "src": packet.src_text,
            "dst": packet.dst_text,
            "src_port": None if src_port is None else UInt(src_port),
            "payload": payload,
            "is_answer": len(payload) > 2 and payload[2] & ANSWER != 0,
        },
    ).emit()


ringtap.export(Meter)
