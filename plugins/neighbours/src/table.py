"""Who claims which address."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import NamedTuple

LINE = re.compile(r"(\d{1,10}) (\d{1,4}|-) ([0-9a-f.:]{2,45}) ((?:[0-9a-f]{2}:){5}[0-9a-f]{2})")
"""Interface, VLAN, address, MAC."""


class Place(NamedTuple):
    """An address, where it was seen: the same one can be another host's on another network."""

    ifindex: int
    vlan: int | None
    ip: str


class Table:
    """The MAC address of each place, for at most so many of them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        # In the order in which they were claimed last.
        self._macs: dict[Place, str] = {}

    def __len__(self) -> int:
        return len(self._macs)

    def put(self, place: Place, mac: str) -> str | None:
        """Set the MAC address of a place, and give the one that it had."""
        old = self._macs.pop(place, None)
        self._macs[place] = mac
        return old

    def drop_oldest(self) -> bool:
        """Drop the place that was silent for longest, if there is one too many."""
        if len(self._macs) <= self._limit:
            return False
        del self._macs[next(iter(self._macs))]
        return True

    def save(self) -> bytes:
        """Give the state in form 1: a line for each place, the one that was silent for longest first."""
        lines = [
            f"{place.ifindex} {'-' if place.vlan is None else place.vlan} {place.ip} {mac}\n"
            for place, mac in self._macs.items()
        ]
        return "".join(lines).encode()

    def restore(self, saved: bytes) -> None:
        """Take the table of another version: nothing of it on trust, and what there is room for."""
        macs: dict[Place, str] = {}
        for line in saved.decode("ascii", "replace").splitlines():
            found = LINE.fullmatch(line)
            if found is None:
                raise damaged()
            ifindex, vlan, ip, mac = found.groups()
            try:
                ip_address(ip)
            except ValueError:
                raise damaged() from None
            macs[Place(int(ifindex), None if vlan == "-" else int(vlan), ip)] = mac
        self._macs = dict(list(macs.items())[-self._limit :])


def damaged() -> ValueError:
    """Say that it can't be read."""
    return ValueError("the saved state is damaged")
