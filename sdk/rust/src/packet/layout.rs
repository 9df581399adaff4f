// Made by `cargo xtask codegen` from wit/layout.wit.

/// Bytes of a record that this SDK knows. A newer host's records may be longer.
pub const RECORD_SIZE: usize = 152;

/// The fields of a record as they are, where 0 may mean that the packet has no such thing. The
/// accessors of [`Packet`](crate::Packet) tell; these are for what it has no accessor for.
#[derive(Clone, Copy)]
pub struct Fields<'a>(pub(super) &'a [u8; RECORD_SIZE]);

impl Fields<'_> {
    // The compiler knows offset and size, so a read is one load without a check.
    #[inline(always)]
    fn read<const N: usize>(self, offset: usize) -> [u8; N] {
        *self.0[offset..].first_chunk().expect("a field lies within the record")
    }

    /// When the tap saw the packet, in ns. Add `batch.clock-offset-ns` for Unix time.
    #[inline]
    pub fn timestamp_ns(self) -> u64 {
        u64::from_le_bytes(self.read(0))
    }

    /// Source address as one 128-bit number, high and low half. IPv4 and ARP: low 32 bits only.
    #[inline]
    pub fn src_hi(self) -> u64 {
        u64::from_le_bytes(self.read(8))
    }

    /// The low half.
    #[inline]
    pub fn src_lo(self) -> u64 {
        u64::from_le_bytes(self.read(16))
    }

    /// Destination address, as the source.
    #[inline]
    pub fn dst_hi(self) -> u64 {
        u64::from_le_bytes(self.read(24))
    }

    /// The low half.
    #[inline]
    pub fn dst_lo(self) -> u64 {
        u64::from_le_bytes(self.read(32))
    }

    /// Bit i: the plugin's i-th interest, counted from 0, took this packet: its filter matches, and
    /// the packet is in its sample. At least one bit is set. Bit 0 for a plugin without interests.
    #[inline]
    pub fn matched(self) -> u64 {
        u64::from_le_bytes(self.read(40))
    }

    /// Bytes on the wire without the frame check sequence, tags in metadata included. For a GSO
    /// super-packet, the bytes of the super-packet.
    #[inline]
    pub fn wire_len(self) -> u32 {
        u32::from_le_bytes(self.read(48))
    }

    /// Bytes that the parser could see; less than `wire-len` only in a truncated capture.
    #[inline]
    pub fn cap_len(self) -> u32 {
        u32::from_le_bytes(self.read(52))
    }

    /// Interface index in the tap's network namespace; in replay the capture's interface, from 1.
    #[inline]
    pub fn ifindex(self) -> u32 {
        u32::from_le_bytes(self.read(56))
    }

    /// What the packet has and how it was parsed: the bits of `mark`.
    #[inline]
    pub fn marks(self) -> u32 {
        u32::from_le_bytes(self.read(60))
    }

    /// IP header and all that follows it, in bytes: IPv4 total length, IPv6 payload length + 40.
    /// Taken from the frame where the header says 0 for a super-packet, from the jumbo option (RFC
    /// 2675) where there is one.
    #[inline]
    pub fn ip_len(self) -> u32 {
        u32::from_le_bytes(self.read(64))
    }

    /// IPv4 identification, or the IPv6 fragment header's (32 bits).
    #[inline]
    pub fn ip_id(self) -> u32 {
        u32::from_le_bytes(self.read(68))
    }

    /// IPv6 flow label, 20 bits.
    #[inline]
    pub fn flow_label(self) -> u32 {
        u32::from_le_bytes(self.read(72))
    }

    /// TCP sequence number.
    #[inline]
    pub fn tcp_seq(self) -> u32 {
        u32::from_le_bytes(self.read(76))
    }

    /// TCP acknowledgment number; significant only with the flag `ack`.
    #[inline]
    pub fn tcp_ack(self) -> u32 {
        u32::from_le_bytes(self.read(80))
    }

    /// This record stands for so many packets (of a GSO super-packet: super-packets) of those that
    /// the plugin wants: the smallest number that an interest in `matched` samples by, 1 when
    /// nothing was sampled out. Exact for all interests together, since they draw together: a
    /// packet in the sample of one is in that of each other that keeps more and whose filter takes
    /// it. Larger by as much where records were sampled out on the way, because the plugin can't
    /// take all.
    #[inline]
    pub fn sample_one_in(self) -> u32 {
        u32::from_le_bytes(self.read(84))
    }

    /// Where in the batch's `payload` this packet's bytes start, if `payload-len` is not 0.
    #[inline]
    pub fn payload_offset(self) -> u32 {
        u32::from_le_bytes(self.read(88))
    }

    /// Source MAC address as one 48-bit number: bits 47 to 16 here, 15 to 0 in `eth-src-lo`.
    #[inline]
    pub fn eth_src_hi(self) -> u32 {
        u32::from_le_bytes(self.read(92))
    }

    /// Destination MAC address, as the source's.
    #[inline]
    pub fn eth_dst_hi(self) -> u32 {
        u32::from_le_bytes(self.read(96))
    }

    /// Bits 15 to 0 of the source MAC address.
    #[inline]
    pub fn eth_src_lo(self) -> u16 {
        u16::from_le_bytes(self.read(100))
    }

    /// Bits 15 to 0 of the destination MAC address.
    #[inline]
    pub fn eth_dst_lo(self) -> u16 {
        u16::from_le_bytes(self.read(102))
    }

    /// The innermost EtherType.
    #[inline]
    pub fn eth_type(self) -> u16 {
        u16::from_le_bytes(self.read(104))
    }

    /// VLAN tag control information (priority, drop eligible, 12-bit id), outermost first.
    #[inline]
    pub fn vlan0(self) -> u16 {
        u16::from_le_bytes(self.read(106))
    }

    /// The second tag.
    #[inline]
    pub fn vlan1(self) -> u16 {
        u16::from_le_bytes(self.read(108))
    }

    /// The third tag.
    #[inline]
    pub fn vlan2(self) -> u16 {
        u16::from_le_bytes(self.read(110))
    }

    /// The fourth tag.
    #[inline]
    pub fn vlan3(self) -> u16 {
        u16::from_le_bytes(self.read(112))
    }

    /// Source port of TCP, UDP, UDP-Lite and SCTP. Never set on a fragment other than the first.
    #[inline]
    pub fn src_port(self) -> u16 {
        u16::from_le_bytes(self.read(114))
    }

    /// Destination port, as the source port.
    #[inline]
    pub fn dst_port(self) -> u16 {
        u16::from_le_bytes(self.read(116))
    }

    /// The bits of `tcp-flag`.
    #[inline]
    pub fn tcp_flags(self) -> u16 {
        u16::from_le_bytes(self.read(118))
    }

    /// As in the header, not scaled.
    #[inline]
    pub fn tcp_window(self) -> u16 {
        u16::from_le_bytes(self.read(120))
    }

    /// IPv4 header checksum as in the header; not verified. 0 where addresses are masked.
    #[inline]
    pub fn ip_checksum(self) -> u16 {
        u16::from_le_bytes(self.read(122))
    }

    /// Fragment offset in bytes.
    #[inline]
    pub fn frag_offset(self) -> u16 {
        u16::from_le_bytes(self.read(124))
    }

    /// Bytes of this packet in the batch's `payload`: the most that an interest in `matched` asked
    /// for and was granted, or as many as the packet has. 0 where none did.
    #[inline]
    pub fn payload_len(self) -> u16 {
        u16::from_le_bytes(self.read(126))
    }

    /// Payload bytes in each segment of a GSO super-packet.
    #[inline]
    pub fn gso_size(self) -> u16 {
        u16::from_le_bytes(self.read(128))
    }

    /// Segments that a GSO super-packet stands for.
    #[inline]
    pub fn gso_segments(self) -> u16 {
        u16::from_le_bytes(self.read(130))
    }

    /// The tap that saw the packet; 0 in replay.
    #[inline]
    pub fn tap(self) -> u16 {
        u16::from_le_bytes(self.read(132))
    }

    /// Where the network header starts in the frame as seen, in bytes; 0 where there is none.
    #[inline]
    pub fn l3_offset(self) -> u16 {
        u16::from_le_bytes(self.read(134))
    }

    /// As `l3-offset`, of the transport header.
    #[inline]
    pub fn l4_offset(self) -> u16 {
        u16::from_le_bytes(self.read(136))
    }

    /// As `l3-offset`, of what follows the transport header.
    #[inline]
    pub fn l7_offset(self) -> u16 {
        u16::from_le_bytes(self.read(138))
    }

    /// VLAN tags, at most 4.
    #[inline]
    pub fn vlan_count(self) -> u8 {
        u8::from_le_bytes(self.read(140))
    }

    /// 4, 6, or 0 for anything but IP.
    #[inline]
    pub fn ip_version(self) -> u8 {
        u8::from_le_bytes(self.read(141))
    }

    /// IPv4 header length in 32-bit words.
    #[inline]
    pub fn ihl(self) -> u8 {
        u8::from_le_bytes(self.read(142))
    }

    /// The upper-layer protocol, after IPv6 extension headers.
    #[inline]
    pub fn protocol(self) -> u8 {
        u8::from_le_bytes(self.read(143))
    }

    /// Time to live or hop limit.
    #[inline]
    pub fn ttl(self) -> u8 {
        u8::from_le_bytes(self.read(144))
    }

    /// Type of service or traffic class: DSCP in the upper six bits, ECN in the lower two.
    #[inline]
    pub fn tos(self) -> u8 {
        u8::from_le_bytes(self.read(145))
    }

    /// 3 bits: 4 reserved, 2 don't fragment, 1 more fragments.
    #[inline]
    pub fn ip_flags(self) -> u8 {
        u8::from_le_bytes(self.read(146))
    }

    /// ICMP or ICMPv6 type, or the ARP operation.
    #[inline]
    pub fn icmp_type(self) -> u8 {
        u8::from_le_bytes(self.read(147))
    }

    /// ICMP or ICMPv6 code.
    #[inline]
    pub fn icmp_code(self) -> u8 {
        u8::from_le_bytes(self.read(148))
    }

    /// As `hook` counts.
    #[inline]
    pub fn hook(self) -> u8 {
        u8::from_le_bytes(self.read(149))
    }

    /// As `direction` counts; `unknown` in replay.
    #[inline]
    pub fn direction(self) -> u8 {
        u8::from_le_bytes(self.read(150))
    }

    /// MPLS labels stepped over.
    #[inline]
    pub fn mpls_count(self) -> u8 {
        u8::from_le_bytes(self.read(151))
    }
}

/// Name, offset and size of each field.
#[cfg(any(test, not(target_arch = "wasm32")))]
pub(crate) const FIELDS: &[(&str, usize, usize)] = &[
    ("timestamp_ns", 0, 8),
    ("src_hi", 8, 8),
    ("src_lo", 16, 8),
    ("dst_hi", 24, 8),
    ("dst_lo", 32, 8),
    ("matched", 40, 8),
    ("wire_len", 48, 4),
    ("cap_len", 52, 4),
    ("ifindex", 56, 4),
    ("marks", 60, 4),
    ("ip_len", 64, 4),
    ("ip_id", 68, 4),
    ("flow_label", 72, 4),
    ("tcp_seq", 76, 4),
    ("tcp_ack", 80, 4),
    ("sample_one_in", 84, 4),
    ("payload_offset", 88, 4),
    ("eth_src_hi", 92, 4),
    ("eth_dst_hi", 96, 4),
    ("eth_src_lo", 100, 2),
    ("eth_dst_lo", 102, 2),
    ("eth_type", 104, 2),
    ("vlan0", 106, 2),
    ("vlan1", 108, 2),
    ("vlan2", 110, 2),
    ("vlan3", 112, 2),
    ("src_port", 114, 2),
    ("dst_port", 116, 2),
    ("tcp_flags", 118, 2),
    ("tcp_window", 120, 2),
    ("ip_checksum", 122, 2),
    ("frag_offset", 124, 2),
    ("payload_len", 126, 2),
    ("gso_size", 128, 2),
    ("gso_segments", 130, 2),
    ("tap", 132, 2),
    ("l3_offset", 134, 2),
    ("l4_offset", 136, 2),
    ("l7_offset", 138, 2),
    ("vlan_count", 140, 1),
    ("ip_version", 141, 1),
    ("ihl", 142, 1),
    ("protocol", 143, 1),
    ("ttl", 144, 1),
    ("tos", 145, 1),
    ("ip_flags", 146, 1),
    ("icmp_type", 147, 1),
    ("icmp_code", 148, 1),
    ("hook", 149, 1),
    ("direction", 150, 1),
    ("mpls_count", 151, 1),
];
