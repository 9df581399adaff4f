"""What a packet record holds, byte by byte."""

# Made by `cargo xtask codegen` from wit/layout.wit.

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING, Final

from .address import MacAddress, ipv4, ipv4_text, ipv6, ipv6_text
from .unpack import u16, u32, u64

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

RECORD_SIZE: Final = 152
"""Bytes of a record that this SDK knows. A newer host's records may be longer."""


class Mark(IntFlag):
    """Bits of `Fields.marks`."""

    PARTIAL = 1 << 0
    """Headers end early or go on past a parser bound; what was read is right."""

    MALFORMED = 1 << 1
    """Headers contradict themselves; what was read before that is right."""

    FRAGMENT = 1 << 2
    """More-fragments is set or the fragment offset is not 0."""

    ETH_SRC = 1 << 3
    """`eth-src` is there."""

    ETH_DST = 1 << 4
    """`eth-dst` is there."""

    ETH_TYPE = 1 << 5
    """`eth-type` is there (an 802.3 frame has a length instead)."""

    ARP = 1 << 6
    """ARP: addresses are the sender's and target's protocol addresses, `icmp-type` the
    operation.
    """

    IP6_FRAGMENT_HEADER = 1 << 7
    """IPv6 with a fragment header: `ip-id`, `ip-flags` and `frag-offset` are from it."""

    PORTS = 1 << 8
    """Ports are there."""

    ICMP = 1 << 9
    """`icmp-type` and `icmp-code` are there."""

    TCP_SEQ = 1 << 10
    """`tcp-seq` is there."""

    TCP_ACK = 1 << 11
    """`tcp-ack` is there."""

    TCP_FLAGS = 1 << 12
    """`tcp-flags` is there."""

    TCP_WINDOW = 1 << 13
    """`tcp-window` is there."""

    MPLS = 1 << 14
    """MPLS labels were stepped over."""

    PPPOE = 1 << 15
    """A PPPoE session header was stepped over."""

    GSO = 1 << 16
    """GSO super-packet: `gso-size` and `gso-segments` are there."""

    VLAN_IN_METADATA = 1 << 17
    """`vlan0` was in the socket buffer's metadata, not in the bytes."""

    SERVICE_TAG = 1 << 20
    """`vlan0` is an 802.1ad service tag, not 802.1Q."""

    SERVICE_TAG1 = 1 << 21
    """As `service-tag`, for `vlan1`."""

    SERVICE_TAG2 = 1 << 22
    """As `service-tag`, for `vlan2`."""

    SERVICE_TAG3 = 1 << 23
    """As `service-tag`, for `vlan3`."""


class TcpFlags(IntFlag):
    """Bits of `Packet.tcp_flags`."""

    FIN = 1 << 0
    """No more data from the sender (RFC 9293)."""

    SYN = 1 << 1
    """Synchronize sequence numbers."""

    RST = 1 << 2
    """Reset the connection."""

    PSH = 1 << 3
    """Push."""

    ACK = 1 << 4
    """The acknowledgment number is significant."""

    URG = 1 << 5
    """The urgent pointer is significant."""

    ECE = 1 << 6
    """ECN echo (RFC 3168)."""

    CWR = 1 << 7
    """Congestion window reduced (RFC 3168)."""

    AE = 1 << 8
    """Accurate ECN (RFC 9768)."""


class Fields:
    """The fields of a record as they are, where 0 may mean that the packet has no such thing.

    The accessors of `Packet` tell; these are for what it has no accessor for.
    """

    __slots__ = ("_at", "_records")

    def __init__(self, records: bytes, at: int = 0) -> None:
        self._records = records
        self._at = at

    @property
    def timestamp_ns(self) -> int:
        """When the tap saw the packet, in ns. Add `batch.clock-offset-ns` for Unix time."""
        return u64(self._records, self._at)[0]

    @property
    def src_hi(self) -> int:
        """Source address as one 128-bit number, high and low half. IPv4 and ARP: low 32 bits
        only.
        """
        return u64(self._records, self._at + 8)[0]

    @property
    def src_lo(self) -> int:
        """The low half."""
        return u64(self._records, self._at + 16)[0]

    @property
    def dst_hi(self) -> int:
        """Destination address, as the source."""
        return u64(self._records, self._at + 24)[0]

    @property
    def dst_lo(self) -> int:
        """The low half."""
        return u64(self._records, self._at + 32)[0]

    @property
    def matched(self) -> int:
        """Bit i: the plugin's i-th interest, counted from 0, took this packet: its filter matches,
        and the packet is in its sample. At least one bit is set. Bit 0 for a plugin without
        interests.
        """
        return u64(self._records, self._at + 40)[0]

    @property
    def wire_len(self) -> int:
        """Bytes on the wire without the frame check sequence, tags in metadata included. For a GSO
        super-packet, the bytes of the super-packet.
        """
        return u32(self._records, self._at + 48)[0]

    @property
    def cap_len(self) -> int:
        """Bytes that the parser could see; less than `wire-len` only in a truncated capture."""
        return u32(self._records, self._at + 52)[0]

    @property
    def ifindex(self) -> int:
        """Interface index in the tap's network namespace; in replay the capture's interface, from
        1.
        """
        return u32(self._records, self._at + 56)[0]

    @property
    def marks(self) -> int:
        """What the packet has and how it was parsed: the bits of `mark`."""
        return u32(self._records, self._at + 60)[0]

    @property
    def ip_len(self) -> int:
        """IP header and all that follows it, in bytes: IPv4 total length, IPv6 payload length +
        40. Taken from the frame where the header says 0 for a super-packet, from the jumbo option
        (RFC 2675) where there is one.
        """
        return u32(self._records, self._at + 64)[0]

    @property
    def ip_id(self) -> int:
        """IPv4 identification, or the IPv6 fragment header's (32 bits)."""
        return u32(self._records, self._at + 68)[0]

    @property
    def flow_label(self) -> int:
        """IPv6 flow label, 20 bits."""
        return u32(self._records, self._at + 72)[0]

    @property
    def tcp_seq(self) -> int:
        """TCP sequence number."""
        return u32(self._records, self._at + 76)[0]

    @property
    def tcp_ack(self) -> int:
        """TCP acknowledgment number; significant only with the flag `ack`."""
        return u32(self._records, self._at + 80)[0]

    @property
    def sample_one_in(self) -> int:
        """This record stands for so many packets (of a GSO super-packet: super-packets) of those
        that the plugin wants: the smallest number that an interest in `matched` samples by, 1 when
        nothing was sampled out. Exact for all interests together, since they draw together: a
        packet in the sample of one is in that of each other that keeps more and whose filter takes
        it. Larger by as much where records were sampled out on the way, because the plugin can't
        take all.
        """
        return u32(self._records, self._at + 84)[0]

    @property
    def payload_offset(self) -> int:
        """Where in the batch's `payload` this packet's bytes start, if `payload-len` is not 0."""
        return u32(self._records, self._at + 88)[0]

    @property
    def eth_src_hi(self) -> int:
        """Source MAC address as one 48-bit number: bits 47 to 16 here, 15 to 0 in `eth-src-lo`."""
        return u32(self._records, self._at + 92)[0]

    @property
    def eth_dst_hi(self) -> int:
        """Destination MAC address, as the source's."""
        return u32(self._records, self._at + 96)[0]

    @property
    def eth_src_lo(self) -> int:
        """Bits 15 to 0 of the source MAC address."""
        return u16(self._records, self._at + 100)[0]

    @property
    def eth_dst_lo(self) -> int:
        """Bits 15 to 0 of the destination MAC address."""
        return u16(self._records, self._at + 102)[0]

    @property
    def eth_type(self) -> int:
        """The innermost EtherType."""
        return u16(self._records, self._at + 104)[0]

    @property
    def vlan0(self) -> int:
        """VLAN tag control information (priority, drop eligible, 12-bit id), outermost first."""
        return u16(self._records, self._at + 106)[0]

    @property
    def vlan1(self) -> int:
        """The second tag."""
        return u16(self._records, self._at + 108)[0]

    @property
    def vlan2(self) -> int:
        """The third tag."""
        return u16(self._records, self._at + 110)[0]

    @property
    def vlan3(self) -> int:
        """The fourth tag."""
        return u16(self._records, self._at + 112)[0]

    @property
    def src_port(self) -> int:
        """Source port of TCP, UDP, UDP-Lite and SCTP. Never set on a fragment other than the
        first.
        """
        return u16(self._records, self._at + 114)[0]

    @property
    def dst_port(self) -> int:
        """Destination port, as the source port."""
        return u16(self._records, self._at + 116)[0]

    @property
    def tcp_flags(self) -> int:
        """The bits of `tcp-flag`."""
        return u16(self._records, self._at + 118)[0]

    @property
    def tcp_window(self) -> int:
        """As in the header, not scaled."""
        return u16(self._records, self._at + 120)[0]

    @property
    def ip_checksum(self) -> int:
        """IPv4 header checksum as in the header; not verified. 0 where addresses are masked."""
        return u16(self._records, self._at + 122)[0]

    @property
    def frag_offset(self) -> int:
        """Fragment offset in bytes."""
        return u16(self._records, self._at + 124)[0]

    @property
    def payload_len(self) -> int:
        """Bytes of this packet in the batch's `payload`: the most that an interest in `matched`
        asked for and was granted, or as many as the packet has. 0 where none did.
        """
        return u16(self._records, self._at + 126)[0]

    @property
    def gso_size(self) -> int:
        """Payload bytes in each segment of a GSO super-packet."""
        return u16(self._records, self._at + 128)[0]

    @property
    def gso_segments(self) -> int:
        """Segments that a GSO super-packet stands for."""
        return u16(self._records, self._at + 130)[0]

    @property
    def tap(self) -> int:
        """The tap that saw the packet; 0 in replay."""
        return u16(self._records, self._at + 132)[0]

    @property
    def l3_offset(self) -> int:
        """Where the network header starts in the frame as seen, in bytes; 0 where there is
        none.
        """
        return u16(self._records, self._at + 134)[0]

    @property
    def l4_offset(self) -> int:
        """As `l3-offset`, of the transport header."""
        return u16(self._records, self._at + 136)[0]

    @property
    def l7_offset(self) -> int:
        """As `l3-offset`, of what follows the transport header."""
        return u16(self._records, self._at + 138)[0]

    @property
    def vlan_count(self) -> int:
        """VLAN tags, at most 4."""
        return self._records[self._at + 140]

    @property
    def ip_version(self) -> int:
        """4, 6, or 0 for anything but IP."""
        return self._records[self._at + 141]

    @property
    def ihl(self) -> int:
        """IPv4 header length in 32-bit words."""
        return self._records[self._at + 142]

    @property
    def protocol(self) -> int:
        """The upper-layer protocol, after IPv6 extension headers."""
        return self._records[self._at + 143]

    @property
    def ttl(self) -> int:
        """Time to live or hop limit."""
        return self._records[self._at + 144]

    @property
    def tos(self) -> int:
        """Type of service or traffic class: DSCP in the upper six bits, ECN in the lower two."""
        return self._records[self._at + 145]

    @property
    def ip_flags(self) -> int:
        """3 bits: 4 reserved, 2 don't fragment, 1 more fragments."""
        return self._records[self._at + 146]

    @property
    def icmp_type(self) -> int:
        """ICMP or ICMPv6 type, or the ARP operation."""
        return self._records[self._at + 147]

    @property
    def icmp_code(self) -> int:
        """ICMP or ICMPv6 code."""
        return self._records[self._at + 148]

    @property
    def hook(self) -> int:
        """As `hook` counts."""
        return self._records[self._at + 149]

    @property
    def direction(self) -> int:
        """As `direction` counts; `unknown` in replay."""
        return self._records[self._at + 150]

    @property
    def mpls_count(self) -> int:
        """MPLS labels stepped over."""
        return self._records[self._at + 151]


def _has_ip(packet: Accessors) -> bool:
    """No packet whose fixed IP header was there has the length 0."""
    return packet._records[packet._at + 141] != 0 and u32(packet._records, packet._at + 64)[0] != 0


def _has_ip_id(packet: Accessors) -> bool:
    """IPv6 has an identification in its fragment header only."""
    has_fragment = u32(packet._records, packet._at + 60)[0] & 0x80 != 0
    return _has_ip(packet) and (packet._records[packet._at + 141] == 4 or has_fragment)


class Accessors:
    """What a record has a field for. A property is `None` where the packet has no such thing."""

    __slots__ = ("_at", "_records")

    def __init__(self, records: bytes, at: int = 0) -> None:
        self._records = records
        self._at = at

    @property
    def wire_len(self) -> int:
        """Bytes of the packet as the tap saw it, a GSO super-packet being one."""
        return u32(self._records, self._at + 48)[0]

    @property
    def matched(self) -> int:
        """Bit i: the plugin's i-th interest, counted from 0, took this packet. Bit 0 for a plugin
        that states none.
        """
        return u64(self._records, self._at + 40)[0]

    @property
    def ifindex(self) -> int:
        """Interface index in the tap's network namespace, in replay the capture's interface from
        1.
        """
        return u32(self._records, self._at + 56)[0]

    @property
    def tap(self) -> int:
        """Number of the tap; 0 in replay. A packet that passes several taps comes once from
        each.
        """
        return u16(self._records, self._at + 132)[0]

    @property
    def is_partial(self) -> bool:
        """Headers end early, or go on past a parser bound. What is there is right."""
        return u32(self._records, self._at + 60)[0] & 0x1 != 0

    @property
    def is_malformed(self) -> bool:
        """Headers contradict themselves. What is there was read before that, and is right."""
        return u32(self._records, self._at + 60)[0] & 0x2 != 0

    @property
    def is_fragment(self) -> bool:
        """Part of a fragmented packet; only the first fragment has ports."""
        return u32(self._records, self._at + 60)[0] & 0x4 != 0

    @property
    def is_pppoe(self) -> bool:
        """A PPPoE session header was stepped over."""
        return u32(self._records, self._at + 60)[0] & 0x8000 != 0

    @property
    def eth_src(self) -> MacAddress | None:
        """Source MAC address."""
        if not (u32(self._records, self._at + 60)[0] & 0x8):
            return None
        hi = u32(self._records, self._at + 92)[0]
        lo = u16(self._records, self._at + 100)[0]
        return MacAddress.from_number(hi << 16 | lo)

    @property
    def eth_dst(self) -> MacAddress | None:
        """Destination MAC address."""
        if not (u32(self._records, self._at + 60)[0] & 0x10):
            return None
        hi = u32(self._records, self._at + 96)[0]
        lo = u16(self._records, self._at + 102)[0]
        return MacAddress.from_number(hi << 16 | lo)

    @property
    def eth_type(self) -> int | None:
        """The innermost EtherType; an 802.3 frame has none."""
        if not (u32(self._records, self._at + 60)[0] & 0x20):
            return None
        return u16(self._records, self._at + 104)[0]

    @property
    def mpls_labels(self) -> int:
        """MPLS labels that were stepped over on the way to the network header."""
        return self._records[self._at + 151]

    @property
    def ip_version(self) -> int | None:
        """4 or 6."""
        if not (self._records[self._at + 141]):
            return None
        return self._records[self._at + 141]

    @property
    def src(self) -> IPv4Address | IPv6Address | None:
        """Source address."""
        if not _has_ip(self):
            return None
        lo = u64(self._records, self._at + 16)[0]
        if self._records[self._at + 141] == 4:
            return ipv4(lo & 0xFFFFFFFF)
        hi = u64(self._records, self._at + 8)[0]
        return ipv6(hi << 64 | lo)

    @property
    def src_text(self) -> str | None:
        """Source address as text (RFC 5952)."""
        if not _has_ip(self):
            return None
        lo = u64(self._records, self._at + 16)[0]
        if self._records[self._at + 141] == 4:
            return ipv4_text(lo & 0xFFFFFFFF)
        hi = u64(self._records, self._at + 8)[0]
        return ipv6_text(hi << 64 | lo)

    @property
    def dst(self) -> IPv4Address | IPv6Address | None:
        """Destination address."""
        if not _has_ip(self):
            return None
        lo = u64(self._records, self._at + 32)[0]
        if self._records[self._at + 141] == 4:
            return ipv4(lo & 0xFFFFFFFF)
        hi = u64(self._records, self._at + 24)[0]
        return ipv6(hi << 64 | lo)

    @property
    def dst_text(self) -> str | None:
        """Destination address as text (RFC 5952)."""
        if not _has_ip(self):
            return None
        lo = u64(self._records, self._at + 32)[0]
        if self._records[self._at + 141] == 4:
            return ipv4_text(lo & 0xFFFFFFFF)
        hi = u64(self._records, self._at + 24)[0]
        return ipv6_text(hi << 64 | lo)

    @property
    def protocol(self) -> int | None:
        """The upper-layer protocol, after IPv6 extension headers: 6 TCP, 17 UDP, and so on as IANA
        assigns them.
        """
        if not _has_ip(self):
            return None
        return self._records[self._at + 143]

    @property
    def ip_len(self) -> int | None:
        """IP header and all that follows it, in bytes."""
        if not _has_ip(self):
            return None
        return u32(self._records, self._at + 64)[0]

    @property
    def ttl(self) -> int | None:
        """Time to live or hop limit."""
        if not _has_ip(self):
            return None
        return self._records[self._at + 144]

    @property
    def tos(self) -> int | None:
        """Type of service or traffic class: DSCP in the upper six bits, ECN in the lower two."""
        if not _has_ip(self):
            return None
        return self._records[self._at + 145]

    @property
    def ip_id(self) -> int | None:
        """Identification: IPv4's, or the IPv6 fragment header's."""
        if not _has_ip_id(self):
            return None
        return u32(self._records, self._at + 68)[0]

    @property
    def flow_label(self) -> int | None:
        """IPv6 flow label, 20 bits."""
        if not (_has_ip(self) and self._records[self._at + 141] == 6):
            return None
        return u32(self._records, self._at + 72)[0]

    @property
    def fragment_offset(self) -> int:
        """Where a fragment's bytes belong; 0 for the first and for what is no fragment."""
        return u16(self._records, self._at + 124)[0]

    @property
    def src_port(self) -> int | None:
        """Source port of TCP, UDP, UDP-Lite or SCTP."""
        if not (u32(self._records, self._at + 60)[0] & 0x100):
            return None
        return u16(self._records, self._at + 114)[0]

    @property
    def dst_port(self) -> int | None:
        """Destination port, as the source port."""
        if not (u32(self._records, self._at + 60)[0] & 0x100):
            return None
        return u16(self._records, self._at + 116)[0]

    @property
    def tcp_flags(self) -> TcpFlags | None:
        """TCP flags."""
        if not (u32(self._records, self._at + 60)[0] & 0x1000):
            return None
        return TcpFlags(u16(self._records, self._at + 118)[0])

    @property
    def tcp_seq(self) -> int | None:
        """TCP sequence number."""
        if not (u32(self._records, self._at + 60)[0] & 0x400):
            return None
        return u32(self._records, self._at + 76)[0]

    @property
    def tcp_ack(self) -> int | None:
        """TCP acknowledgment number; significant only with the flag ACK."""
        if not (u32(self._records, self._at + 60)[0] & 0x800):
            return None
        return u32(self._records, self._at + 80)[0]

    @property
    def tcp_window(self) -> int | None:
        """TCP window as in the header, not scaled."""
        if not (u32(self._records, self._at + 60)[0] & 0x2000):
            return None
        return u16(self._records, self._at + 120)[0]

    @property
    def icmp_type(self) -> int | None:
        """ICMP or ICMPv6 type."""
        if not (u32(self._records, self._at + 60)[0] & 0x200):
            return None
        return self._records[self._at + 147]

    @property
    def icmp_code(self) -> int | None:
        """ICMP or ICMPv6 code."""
        if not (u32(self._records, self._at + 60)[0] & 0x200):
            return None
        return self._records[self._at + 148]


FIELDS: Final[dict[str, tuple[int, int]]] = {
    "timestamp_ns": (0, 8),
    "src_hi": (8, 8),
    "src_lo": (16, 8),
    "dst_hi": (24, 8),
    "dst_lo": (32, 8),
    "matched": (40, 8),
    "wire_len": (48, 4),
    "cap_len": (52, 4),
    "ifindex": (56, 4),
    "marks": (60, 4),
    "ip_len": (64, 4),
    "ip_id": (68, 4),
    "flow_label": (72, 4),
    "tcp_seq": (76, 4),
    "tcp_ack": (80, 4),
    "sample_one_in": (84, 4),
    "payload_offset": (88, 4),
    "eth_src_hi": (92, 4),
    "eth_dst_hi": (96, 4),
    "eth_src_lo": (100, 2),
    "eth_dst_lo": (102, 2),
    "eth_type": (104, 2),
    "vlan0": (106, 2),
    "vlan1": (108, 2),
    "vlan2": (110, 2),
    "vlan3": (112, 2),
    "src_port": (114, 2),
    "dst_port": (116, 2),
    "tcp_flags": (118, 2),
    "tcp_window": (120, 2),
    "ip_checksum": (122, 2),
    "frag_offset": (124, 2),
    "payload_len": (126, 2),
    "gso_size": (128, 2),
    "gso_segments": (130, 2),
    "tap": (132, 2),
    "l3_offset": (134, 2),
    "l4_offset": (136, 2),
    "l7_offset": (138, 2),
    "vlan_count": (140, 1),
    "ip_version": (141, 1),
    "ihl": (142, 1),
    "protocol": (143, 1),
    "ttl": (144, 1),
    "tos": (145, 1),
    "ip_flags": (146, 1),
    "icmp_type": (147, 1),
    "icmp_code": (148, 1),
    "hook": (149, 1),
    "direction": (150, 1),
    "mpls_count": (151, 1),
}
"""Offset and size of each field."""
