"""Destinations in the order in which they came."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from struct import Struct
from typing import TYPE_CHECKING

from ringtap import address_text

if TYPE_CHECKING:
    from collections.abc import ItemsView

U64 = (1 << 64) - 1

HEAD = Struct("<QI")
"""Records, destinations."""

ENTRY = Struct("<B16sQQ")
"""Version, address, bytes, packets."""


@dataclass
class Traffic:
    """What went to a destination."""

    bytes: int = 0
    packets: int = 0


class Known:
    """The destinations."""

    def __init__(self) -> None:
        self._by_address: dict[str, Traffic] = {}

    def __len__(self) -> int:
        return len(self._by_address)

    def items(self) -> ItemsView[str, Traffic]:
        """Give them, in order."""
        return self._by_address.items()

    def add(self, dst: str, wire_bytes: int, packets: int, limit: int) -> bool:
        """Count what went to `dst`, if that is known or there is room for it. Whether it was."""
        traffic = self._by_address.get(dst)
        if traffic is None:
            if len(self._by_address) >= limit:
                return False
            traffic = self._by_address[dst] = Traffic()
        traffic.bytes = traffic.bytes + wire_bytes & U64
        traffic.packets = traffic.packets + packets & U64
        return True

    def share_of_first(self) -> float:
        """Of all bytes, give those of the first destination."""
        sizes = [traffic.bytes for traffic in self._by_address.values()]
        total = sum(sizes) & U64
        return float(sizes[0]) / float(total) if total > 0 else 0.0

    def save(self, records: int) -> bytes:
        """Give the count of records and the destinations."""
        entries = [_entry(dst, traffic) for dst, traffic in self._by_address.items()]
        return HEAD.pack(records, len(entries)) + b"".join(entries)

    def restore(self, saved: bytes, limit: int) -> int:
        """Take the first `limit` destinations, and give the count of records."""
        if len(saved) < HEAD.size:
            raise damaged()
        records, count = HEAD.unpack_from(saved)
        if len(saved) != HEAD.size + count * ENTRY.size:
            raise damaged()
        entries = {}
        for version, address, size, packets in ENTRY.iter_unpack(saved[HEAD.size :]):
            entries[_address(version, address)] = Traffic(size, packets)
        if len(entries) != count:
            raise damaged()
        self._by_address = dict(list(entries.items())[:limit])
        return int(records)


def _entry(dst: str, traffic: Traffic) -> bytes:
    address = ip_address(dst)
    packed = address.packed.rjust(16, b"\0")
    return ENTRY.pack(address.version, packed, traffic.bytes, traffic.packets)


def _address(version: int, address: bytes) -> str:
    if version == 6:
        return address_text(IPv6Address(address))
    if version != 4 or any(address[:12]):
        raise damaged()
    return address_text(IPv4Address(address[12:]))


def damaged() -> ValueError:
    """Say that it can't be read."""
    return ValueError("the saved state is damaged")
