"""One packet of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address

from .record import FIELDS, Accessors, Fields, Mark
from .unpack import u32

# Asked for at each packet: without a `Fields`, and without arithmetic on flags.
_MARKS = FIELDS["marks"][0]
_MATCHED = FIELDS["matched"][0]
_SAMPLE_ONE_IN = FIELDS["sample_one_in"][0]
_WIRE_LEN = FIELDS["wire_len"][0]
_ARP = int(Mark.ARP)
_GSO = int(Mark.GSO)

_U64_MAX = (1 << 64) - 1


class Hook(Enum):
    """Where a tap sits."""

    XDP = "xdp"
    """eXpress Data Path: the driver, before a socket buffer exists."""
    TC = "tc"
    """Traffic control."""
    REPLAY = "replay"
    """A capture file."""
    OTHER = "other"
    """A hook that is newer than this SDK."""


class Direction(Enum):
    """Which way packets pass a tap."""

    INGRESS = "ingress"
    """Towards the host."""
    EGRESS = "egress"
    """Away from the host."""


_HOOKS = {1: Hook.XDP, 2: Hook.TC, 3: Hook.REPLAY}
_DIRECTIONS = {1: Direction.INGRESS, 2: Direction.EGRESS}


@dataclass(frozen=True)
class VlanTag:
    """A VLAN tag."""

    id: int
    """VLAN id, 12 bits."""
    priority: int
    """Priority code point, 3 bits."""
    drop_eligible: bool
    """The frame may be dropped first."""
    service: bool
    """An 802.1ad service tag, not 802.1Q."""


@dataclass(frozen=True)
class Arp:
    """An ARP packet's operation and protocol addresses."""

    operation: int
    """1 request, 2 reply (RFC 826)."""
    sender: IPv4Address
    """The sender's address."""
    target: IPv4Address
    """The target's address."""


@dataclass(frozen=True)
class Gso:
    """How a GSO super-packet is cut before the wire."""

    size: int
    """Payload bytes in each segment."""
    segments: int
    """Segments."""


class Packet(Accessors):
    """A packet, as a view of its record: a property reads the record when it is asked for.

    Good for as long as you keep it, and as long as that it keeps the batch in memory.
    """

    __slots__ = ("_clock_offset_ns", "_payload")

    def __init__(self, records: bytes, at: int, payload: bytes, clock_offset_ns: int) -> None:
        # No `super()`: one of these is made for each packet.
        self._records = records
        self._at = at
        self._payload = payload
        self._clock_offset_ns = clock_offset_ns

    def __repr__(self) -> str:
        return (
            f"Packet(time_ns={self.time_ns}, wire_len={self.wire_len}, src={self.src}, dst={self.dst},"
            f" protocol={self.protocol}, src_port={self.src_port}, dst_port={self.dst_port})"
        )

    @property
    def fields(self) -> Fields:
        """The record as it is, for what there is no accessor for."""
        return Fields(self._records, self._at)

    def has(self, marks: Mark) -> bool:
        """Whether all of these bits of `marks` are set."""
        return u32(self._records, self._at + _MARKS)[0] & int(marks) == int(marks)

    @property
    def time_ns(self) -> int:
        """When the tap saw the packet, Unix time in ns."""
        return min(max(self.fields.timestamp_ns + self._clock_offset_ns, 0), _U64_MAX)

    @property
    def packets(self) -> int:
        """Packets that this record stands for on the wire.

        The segments of a GSO super-packet, or 1, times `sample_one_in`. Count with this, not with 1.
        With a sample, sums of it are estimates.
        """
        sampled = u32(self._records, self._at + _SAMPLE_ONE_IN)[0] or 1
        if not u32(self._records, self._at + _MARKS)[0] & _GSO:
            return sampled
        return self._segments() * sampled

    @property
    def wire_bytes(self) -> int:
        """Bytes that this record stands for on the wire, without frame check sequences.

        Every segment of a GSO super-packet has headers of its own, and all of it counts `sample_one_in`
        times. Count with this, not with `wire_len`.
        """
        wire_len = u32(self._records, self._at + _WIRE_LEN)[0]
        sampled = u32(self._records, self._at + _SAMPLE_ONE_IN)[0] or 1
        if not u32(self._records, self._at + _MARKS)[0] & _GSO:
            return wire_len * sampled
        headers = self.fields.l7_offset + (4 if self.has(Mark.VLAN_IN_METADATA) else 0)
        # No host's rate gets there; one that were wrong must not end the plugin.
        return min((wire_len + (self._segments() - 1) * headers) * sampled, _U64_MAX)

    def _segments(self) -> int:
        gso = self.gso
        return 1 if gso is None else max(gso.segments, 1)

    def matches(self, interest: int) -> bool:
        """Whether the plugin's interest of that index, from 0, took this packet.

        Its filter matches, and the packet is in its sample.
        """
        if not 0 <= interest < 64:
            return False
        word = u32(self._records, self._at + _MATCHED + (interest >> 5) * 4)[0]
        return word >> (interest & 31) & 1 == 1

    @property
    def sample_one_in(self) -> int:
        """This record stands for so many of all that the plugin's interests want together.

        1 unless the plugin or the operator asked for a sample. `packets` and `wire_bytes` have it in
        them. Where several interests took the packet, it is the number of the one that keeps most; so it
        does not tell how many packets one interest alone would have seen.
        """
        return u32(self._records, self._at + _SAMPLE_ONE_IN)[0] or 1

    @property
    def payload(self) -> bytes:
        """The first bytes from behind the headers, the application's.

        As far as an interest asked for them, the operator granted them, and the packet has them. Empty
        otherwise.
        """
        fields = self.fields
        length = fields.payload_len
        start = fields.payload_offset
        if length == 0 or start + length > len(self._payload):
            return b""
        return self._payload[start : start + length]

    @property
    def hook(self) -> Hook:
        """Where the tap sits."""
        return _HOOKS.get(self.fields.hook, Hook.OTHER)

    @property
    def direction(self) -> Direction | None:
        """Which way the packet passed; not known in replay."""
        return _DIRECTIONS.get(self.fields.direction)

    @property
    def vlan_tags(self) -> list[VlanTag]:
        """VLAN tags, outermost first, at most 4."""
        fields = self.fields
        tags = [fields.vlan0, fields.vlan1, fields.vlan2, fields.vlan3][: fields.vlan_count]
        services = fields.marks // Mark.SERVICE_TAG
        return [
            VlanTag(tci & 0xFFF, tci >> 13, tci & 0x1000 != 0, services >> index & 1 == 1)
            for index, tci in enumerate(tags)
        ]

    @property
    def vlan_ids(self) -> list[int]:
        """VLAN ids, outermost first, at most 4."""
        return [tag.id for tag in self.vlan_tags]

    @property
    def arp(self) -> Arp | None:
        """What an ARP packet says."""
        fields = self.fields
        if not fields.marks & _ARP:
            return None
        sender, target = (number & 0xFFFFFFFF for number in (fields.src_lo, fields.dst_lo))
        return Arp(fields.icmp_type, IPv4Address(sender), IPv4Address(target))

    @property
    def gso(self) -> Gso | None:
        """How the super-packet will be cut, if it is one."""
        fields = self.fields
        if not fields.marks & _GSO:
            return None
        return Gso(fields.gso_size, fields.gso_segments)

    @property
    def dont_fragment(self) -> bool:
        """IPv4's "don't fragment"."""
        fields = self.fields
        return fields.ip_version == 4 and fields.ip_flags & 2 != 0
