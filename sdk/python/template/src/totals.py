"""What was counted, by protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


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
