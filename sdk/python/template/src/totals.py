"""What was counted, by protocol."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE = re.compile(r"([a-z0-9]+) ([0-9]{1,18}) ([0-9]{1,18})")


class Totals:
    """Packets and bytes of each protocol."""

    def __init__(self) -> None:
        self._by_protocol: dict[str, tuple[int, int]] = {}

    def add(self, protocol: str, packets: int, wire_bytes: int) -> None:
        """Count."""
        known = self._by_protocol.get(protocol, (0, 0))
        self._by_protocol[protocol] = known[0] + packets, known[1] + wire_bytes

    def __iter__(self) -> Iterator[tuple[str, int, int]]:
        """In the order of the names, so that reports are."""
        for protocol, (packets, wire_bytes) in sorted(self._by_protocol.items()):
            yield protocol, packets, wire_bytes

    def save(self) -> bytes:
        """Give the state in form 1: a line for each protocol, with its name, packets and bytes."""
        return "".join(f"{name} {packets} {size}\n" for name, packets, size in self).encode()

    @staticmethod
    def restore(saved: bytes) -> Totals:
        """Read a state: it may be from other sources than these, or damaged."""
        totals = Totals()
        for line in saved.decode("ascii", "replace").splitlines():
            found = LINE.fullmatch(line)
            if found is None:
                raise ValueError("the saved state is damaged")
            totals.add(found[1], int(found[2]), int(found[3]))
        return totals
