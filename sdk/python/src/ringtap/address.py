"""Addresses in records."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import TypeAlias

IpAddress: TypeAlias = IPv4Address | IPv6Address
"""An address of either version."""

_MAPPED = 0xFFFF << 32
"""The upper bits of an IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2)."""


@lru_cache(maxsize=1024)
def ipv4(number: int) -> IPv4Address:
    """Give the address of that number; most packets are between few hosts, so it is kept."""
    return IPv4Address(number)


@lru_cache(maxsize=1024)
def ipv6(number: int) -> IPv6Address:
    """Give the address of that number, as `ipv4`."""
    return IPv6Address(number)


@lru_cache(maxsize=1024)
def address_text(address: IpAddress) -> str:
    """Write an address as RFC 5952 has it, an IPv4-mapped one as `::ffff:192.0.2.1`.

    `str` writes those as `::ffff:c000:201`, or dotted, by the version of Python. Events, labels and
    all that others may compare are to have this text.
    """
    if isinstance(address, IPv6Address) and int(address) & ~0xFFFFFFFF == _MAPPED:
        return f"::ffff:{IPv4Address(int(address) & 0xFFFFFFFF)}"
    return str(address)


@lru_cache(maxsize=4096)
def ipv4_text(number: int) -> str:
    """Write the address of that number. Found by a number, which is hashed faster than an address."""
    return str(IPv4Address(number))


@lru_cache(maxsize=4096)
def ipv6_text(number: int) -> str:
    """Write the address of that number, as `ipv4_text`."""
    return address_text(IPv6Address(number))


class MacAddress(bytes):
    """A MAC address: its 6 bytes, in the order of transmission. `str` writes `02:00:00:00:00:01`."""

    __slots__ = ()

    @classmethod
    def from_number(cls, number: int) -> MacAddress:
        """Make one of the number of 48 bits that the bytes are."""
        return cls(number.to_bytes(6, "big"))

    def __str__(self) -> str:
        return self.hex(":")
