use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::mark;

/// VLAN tags that a record has room for.
pub const VLAN_SLOTS: usize = 4;

/// One packet: the same bytes from the tap to the plugin.
///
/// Field by field as `record packet` in `wit/layout.wit`, which documents units and absence; a test
/// holds sizes and offsets against it. All bit patterns are valid, and there is no padding.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "std", derive(bytemuck::Pod, bytemuck::Zeroable))]
#[expect(missing_docs, reason = "documented once, in wit/layout.wit")]
pub struct PacketRecord {
    pub timestamp_ns: u64,
    pub src_hi: u64,
    pub src_lo: u64,
    pub dst_hi: u64,
    pub dst_lo: u64,
    pub matched: u64,

    pub wire_len: u32,
    pub cap_len: u32,
    pub ifindex: u32,
    pub marks: u32,
    pub ip_len: u32,
    pub ip_id: u32,
    pub flow_label: u32,
    pub tcp_seq: u32,
    pub tcp_ack: u32,
    pub sample_one_in: u32,
    pub payload_offset: u32,
    pub eth_src_hi: u32,
    pub eth_dst_hi: u32,

    pub eth_src_lo: u16,
    pub eth_dst_lo: u16,
    pub eth_type: u16,
    pub vlan: [u16; VLAN_SLOTS],
    pub src_port: u16,
    pub dst_port: u16,
    pub tcp_flags: u16,
    pub tcp_window: u16,
    pub ip_checksum: u16,
    pub frag_offset: u16,
    pub payload_len: u16,
    pub gso_size: u16,
    pub gso_segments: u16,
    pub tap: u16,
    pub l3_offset: u16,
    pub l4_offset: u16,
    pub l7_offset: u16,

    pub vlan_count: u8,
    pub ip_version: u8,
    pub ihl: u8,
    pub protocol: u8,
    pub ttl: u8,
    pub tos: u8,
    pub ip_flags: u8,
    pub icmp_type: u8,
    pub icmp_code: u8,
    pub hook: u8,
    pub direction: u8,
    pub mpls_count: u8,
}

const _: () = assert!(size_of::<PacketRecord>() == 152 && align_of::<PacketRecord>() == 8);

/// Where a tap sits. The number stands in [`PacketRecord::hook`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Hook {
    /// eXpress Data Path: the driver, before a socket buffer exists.
    Xdp = 1,
    /// Traffic control.
    Tc = 2,
    /// A capture file.
    Replay = 3,
}

impl Hook {
    /// The name in labels and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Xdp => "xdp",
            Self::Tc => "tc",
            Self::Replay => "replay",
        }
    }

    /// The hook that `number` stands for.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Xdp),
            2 => Some(Self::Tc),
            3 => Some(Self::Replay),
            _ => None,
        }
    }
}

/// Which way packets pass a tap. The number stands in [`PacketRecord::direction`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Direction {
    /// Towards this host.
    Ingress = 1,
    /// Away from this host.
    Egress = 2,
}

impl Direction {
    /// The name in labels and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }

    /// The direction that `number` stands for.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Ingress),
            2 => Some(Self::Egress),
            _ => None,
        }
    }
}

/// A MAC address, in the order of transmission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MacAddress(pub [u8; 6]);

impl MacAddress {
    const fn from_parts(hi: u32, lo: u16) -> Self {
        let [a, b, c, d] = hi.to_be_bytes();
        let [e, f] = lo.to_be_bytes();
        Self([a, b, c, d, e, f])
    }
}

impl core::fmt::Display for MacAddress {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl PacketRecord {
    /// Whether all bits of `marks` are set.
    #[inline(always)]
    pub const fn has(&self, marks: u32) -> bool {
        self.marks & marks == marks
    }

    /// Source address, for IPv4 and IPv6.
    pub fn src(&self) -> Option<IpAddr> {
        self.address(self.src_hi, self.src_lo)
    }

    /// Destination address, for IPv4 and IPv6.
    pub fn dst(&self) -> Option<IpAddr> {
        self.address(self.dst_hi, self.dst_lo)
    }

    fn address(&self, hi: u64, lo: u64) -> Option<IpAddr> {
        match self.ip_version {
            // No IP header is complete without a header length and no record without one has addresses.
            4 if self.l3_header_complete() => Some(IpAddr::V4(Ipv4Addr::from_bits(lo as u32))),
            6 if self.l3_header_complete() => {
                Some(IpAddr::V6(Ipv6Addr::from_bits(u128::from(hi) << 64 | u128::from(lo))))
            }
            _ => None,
        }
    }

    /// Whether the whole fixed IP header was there; `ip_len` counts at least that header then.
    pub const fn l3_header_complete(&self) -> bool {
        self.ip_version != 0 && self.ip_len != 0
    }

    /// Source MAC address.
    pub fn eth_src(&self) -> Option<MacAddress> {
        self.has(mark::ETH_SRC).then(|| MacAddress::from_parts(self.eth_src_hi, self.eth_src_lo))
    }

    /// Destination MAC address.
    pub fn eth_dst(&self) -> Option<MacAddress> {
        self.has(mark::ETH_DST).then(|| MacAddress::from_parts(self.eth_dst_hi, self.eth_dst_lo))
    }

    /// Tag control information of the VLAN tags, outermost first.
    pub fn vlan_tags(&self) -> &[u16] {
        &self.vlan[..usize::from(self.vlan_count).min(VLAN_SLOTS)]
    }

    /// Packets that this record stands for on the wire: the segments of a GSO super-packet, or 1.
    pub fn packets(&self) -> u32 {
        if self.has(mark::GSO) { u32::from(self.gso_segments).max(1) } else { 1 }
    }

    /// Bytes that this record stands for on the wire: every segment of a GSO super-packet has
    /// headers of its own.
    pub fn wire_bytes(&self) -> u64 {
        let repeated =
            u64::from(self.packets() - 1) * u64::from(self.l7_offset + self.metadata_tag_len());
        u64::from(self.wire_len) + repeated
    }

    /// Where in the frame the payload starts and ends, in bytes: from behind the last header that is
    /// described here, so from `l7_offset`, else `l4_offset`, else `l3_offset`, else the start; to the
    /// end of the IP packet, or of a frame without one, which has `frame_len` bytes.
    #[inline(always)]
    pub fn payload_bounds(&self, frame_len: u32) -> (u32, u32) {
        let offsets = [self.l7_offset, self.l4_offset, self.l3_offset];
        let [l7, l4, l3] = offsets.map(u32::from);
        let start = if l7 != 0 {
            l7
        } else if l4 != 0 {
            l4
        } else {
            l3
        };
        let end = if self.l3_header_complete() {
            frame_len.min(l3.saturating_add(self.ip_len))
        } else {
            frame_len
        };
        (start, end.max(start))
    }

    /// Where in the frame its headers say that the IP packet ends; 0 where they don't.
    #[inline(always)]
    pub fn ip_end(&self) -> u32 {
        if self.ip_len == 0 { 0 } else { u32::from(self.l3_offset).saturating_add(self.ip_len) }
    }

    /// Bytes of the frame on the wire that stand in the frame, so without a tag from metadata.
    #[inline(always)]
    pub fn frame_len(&self) -> u32 {
        self.wire_len.saturating_sub(self.metadata_tag_len().into())
    }

    /// Set both lengths to what the frame has, and the tag from metadata.
    #[inline(always)]
    pub fn set_frame_len(&mut self, frame_len: u32) {
        self.wire_len = frame_len + u32::from(self.metadata_tag_len());
        self.cap_len = self.wire_len;
    }

    #[inline(always)]
    fn metadata_tag_len(&self) -> u16 {
        if self.has(mark::VLAN_IN_METADATA) { 4 } else { 0 }
    }
}

#[cfg(feature = "std")]
impl PacketRecord {
    /// The record as its bytes in memory, on every supported target little-endian.
    pub fn as_bytes(&self) -> &[u8] {
        bytemuck::bytes_of(self)
    }

    /// Many records as bytes, one after the other.
    pub fn slice_as_bytes(records: &[Self]) -> &[u8] {
        bytemuck::cast_slice(records)
    }
}

#[cfg(target_endian = "big")]
compile_error!("records are little-endian in memory; big-endian targets are not supported");
