"""Packets for tests."""

from __future__ import annotations

from ipaddress import ip_address

from ..record import FIELDS, RECORD_SIZE, Mark, TcpFlags


class PacketRecord:
    """A packet for a test.

    100 bytes on interface 1, in a capture, at time 0, wanted by the plugin's first interest, not sampled
    and without payload, unless said otherwise. Each method gives a changed copy.
    """

    def __init__(self, record: bytes, payload: bytes | None = None) -> None:
        self._record = record
        self._payload = payload

    @classmethod
    def frame(cls) -> PacketRecord:
        """Make a frame that is no IP."""
        record = cls(bytes(RECORD_SIZE)).set("hook", 3).set("ifindex", 1)
        return record.set("matched", 1).set("sample_one_in", 1).len(100)

    @classmethod
    def ip(cls, src: str, dst: str, protocol: int) -> PacketRecord:
        """Make an IP packet of a protocol."""
        record = cls.frame().set("ip_version", ip_address(src).version).set("ip_len", 86)
        record = record._address("src", src)._address("dst", dst)
        return record.set("protocol", protocol).set("ttl", 64)

    @classmethod
    def tcp(cls, src: str, dst: str, flags: TcpFlags) -> PacketRecord:
        """Make a TCP packet between two sockets such as `10.0.0.1:80` or `[fc00::1]:80`."""
        record = cls._between(src, dst, 6).set("tcp_flags", flags)
        return record.mark(Mark.TCP_SEQ | Mark.TCP_ACK | Mark.TCP_FLAGS | Mark.TCP_WINDOW)

    @classmethod
    def udp(cls, src: str, dst: str) -> PacketRecord:
        """Make a UDP packet between two sockets."""
        return cls._between(src, dst, 17)

    @classmethod
    def arp(cls, operation: int, sender: str, target: str) -> PacketRecord:
        """Make an ARP packet."""
        record = cls.frame().mark(Mark.ARP).set("icmp_type", operation)
        return record._address("src", sender)._address("dst", target)

    @classmethod
    def _between(cls, src: str, dst: str, protocol: int) -> PacketRecord:
        (src, src_port), (dst, dst_port) = _socket(src), _socket(dst)
        record = cls.ip(src, dst, protocol).mark(Mark.PORTS)
        return record.set("src_port", src_port).set("dst_port", dst_port)

    def len(self, wire_len: int) -> PacketRecord:
        """Give it so many bytes on the wire."""
        return self.set("wire_len", wire_len).set("cap_len", wire_len)

    def time(self, time_ns: int) -> PacketRecord:
        """Set when it was seen, Unix time in ns."""
        return self.set("timestamp_ns", time_ns)

    def matched(self, interests: int) -> PacketRecord:
        """Set the interests that took it: bit i for the i-th."""
        return self.set("matched", interests)

    def sampled(self, one_in: int) -> PacketRecord:
        """Make it one of a sample, in which one in so many was kept."""
        return self.set("sample_one_in", one_in)

    def payload(self, payload: bytes) -> PacketRecord:
        """Put these bytes behind its headers, as an interest asked for and was granted."""
        return PacketRecord(self._record, payload)

    def mark(self, marks: Mark) -> PacketRecord:
        """Set bits of `marks`."""
        return self.set("marks", self._read("marks") | marks)

    def vlan(self, id: int) -> PacketRecord:
        """Add a VLAN tag inside those that there are."""
        count = self._read("vlan_count")
        return self.set(f"vlan{count}", id).set("vlan_count", count + 1)

    def macs(self, src: str, dst: str) -> PacketRecord:
        """Set source and destination MAC address, such as `02:00:00:00:00:01`."""
        record = self.mark(Mark.ETH_SRC | Mark.ETH_DST)
        for end, text in (("src", src), ("dst", dst)):
            number = int(text.replace(":", ""), 16)
            record = record.set(f"eth_{end}_hi", number >> 16)
            record = record.set(f"eth_{end}_lo", number & 0xFFFF)
        return record

    def set(self, name: str, value: int) -> PacketRecord:
        """Set a field of the record by its name in `Fields`."""
        offset, size = FIELDS[name]
        field = value.to_bytes(size, "little")
        record = self._record[:offset] + field + self._record[offset + size :]
        return PacketRecord(record, self._payload)

    def placed(self, payloads: bytearray) -> bytes:
        """Give the record as it stands in a batch, its payload behind what is there already."""
        if self._payload is None:
            return self._record
        record = self.set("payload_offset", len(payloads)).set("payload_len", len(self._payload))
        payloads += self._payload
        return record._record

    def _read(self, name: str) -> int:
        offset, size = FIELDS[name]
        return int.from_bytes(self._record[offset : offset + size], "little")

    def _address(self, end: str, text: str) -> PacketRecord:
        number = int(ip_address(text))
        return self.set(f"{end}_hi", number >> 64).set(f"{end}_lo", number & (1 << 64) - 1)


def _socket(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)
