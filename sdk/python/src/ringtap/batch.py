"""Packets that come together."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Protocol

from .packet import Packet
from .record import FIELDS, RECORD_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator

_CODES = {1: "B", 2: "H", 4: "I", 8: "Q"}

_columns: dict[tuple[int, tuple[str, ...]], tuple[Struct, tuple[int, ...]]] = {}
"""What reads these fields of records of that size."""


class BatchHead(Protocol):
    """What the host says about a batch."""

    sequence: int
    shed_before: int
    clock_offset_ns: int
    record_size: int
    count: int


class Batch:
    """Packets that the host handed over together, 1 to 1024, in the order in which a tap saw them.

    Iterate it for packets, or take `rows` of the fields that you need, which costs a fraction.
    """

    __slots__ = ("_head", "_payload", "_records")

    def __init__(self, head: BatchHead, records: bytes, payload: bytes) -> None:
        if head.record_size < RECORD_SIZE:
            raise RuntimeError(
                f"the host's records have {head.record_size} bytes, not {RECORD_SIZE}"
            )
        self._head = head
        self._records = records
        self._payload = payload

    def __len__(self) -> int:
        return self._head.count

    def __iter__(self) -> Iterator[Packet]:
        # A newer host appends fields: its stride counts, and what lies beyond ours is skipped.
        stride = self._head.record_size
        records, payload, offset = self._records, self._payload, self._head.clock_offset_ns
        for at in range(0, self._head.count * stride, stride):
            yield Packet(records, at, payload, offset)

    def __getitem__(self, index: int) -> Packet:
        if not 0 <= index < len(self):
            raise IndexError(index)
        at = index * self._head.record_size
        return Packet(self._records, at, self._payload, self._head.clock_offset_ns)

    def rows(self, *fields: str) -> Iterator[tuple[int, ...]]:
        """Give these fields of each record, as they are: a tuple for each packet.

        Names are those of `Fields`. Where 0 may mean that the packet has no such thing, `marks` tells.
        Several times as fast as packets: C code takes the records apart, and no object is made for each.

            for dst_lo, wire_len in batch.rows("dst_lo", "wire_len"):
                ...
        """
        known = _columns.get((self._head.record_size, fields))
        if known is None:
            known = _columns[(self._head.record_size, fields)] = _reader(
                self._head.record_size, fields
            )
        struct, order = known
        rows = struct.iter_unpack(memoryview(self._records)[: len(self) * self._head.record_size])
        if order == tuple(range(len(fields))):
            return rows
        return (tuple(row[place] for place in order) for row in rows)

    @property
    def sequence(self) -> int:
        """Number of the first record among all that were meant for this plugin, from 0."""
        return self._head.sequence

    @property
    def shed_before(self) -> int:
        """Records lost between the batch before and this one, because the plugin was too slow."""
        return self._head.shed_before

    @property
    def clock_offset_ns(self) -> int:
        """Add to `timestamp_ns` of a record for Unix time; `Packet.time_ns` has done so."""
        return self._head.clock_offset_ns


def _reader(record_size: int, fields: tuple[str, ...]) -> tuple[Struct, tuple[int, ...]]:
    by_offset = sorted(set(fields), key=lambda name: FIELDS[name])
    code, end = "<", 0
    for name in by_offset:
        offset, size = FIELDS[name]
        code += f"{offset - end}x{_CODES[size]}"
        end = offset + size
    struct = Struct(f"{code}{record_size - end}x")
    return struct, tuple(by_offset.index(name) for name in fields)
