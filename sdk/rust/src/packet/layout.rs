use std::mem::offset_of;

/// Bytes of a record that this SDK knows. A newer host's records may be longer.
pub const RECORD_SIZE: usize = size_of::<Layout>();

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
}

macro_rules! layout {
    ($($(#[$doc:meta])* $field:ident: $type:ty,)*) => {
        /// Laid out as the canonical ABI does: in order, naturally aligned.
        #[repr(C)]
        struct Layout {
            $($field: $type,)*
        }

        impl Fields<'_> {
            $(
                $(#[$doc])*
                #[inline]
                pub fn $field(self) -> $type {
                    <$type>::from_le_bytes(self.read(offset_of!(Layout, $field)))
                }
            )*
        }

        /// Name, offset and size of each field.
        #[cfg(any(test, not(target_arch = "wasm32")))]
        pub(crate) const FIELDS: &[(&str, usize, usize)] =
            &[$((stringify!($field), offset_of!(Layout, $field), size_of::<$type>()),)*];
    };
}

layout! {
    /// When the tap saw the packet, in ns, on the clock of the tap.
    timestamp_ns: u64,
    /// High half of the source address.
    src_hi: u64,
    /// Low half of the source address; an IPv4 address is its low 32 bits.
    src_lo: u64,
    /// High half of the destination address.
    dst_hi: u64,
    /// Low half of the destination address.
    dst_lo: u64,
    /// Bit i: the plugin's i-th interest took this packet.
    matched: u64,
    /// Bytes on the wire.
    wire_len: u32,
    /// Bytes that the parser could see.
    cap_len: u32,
    /// Interface index.
    ifindex: u32,
    /// Bits of [`mark`](crate::mark).
    marks: u32,
    /// IP header and all that follows it, in bytes.
    ip_len: u32,
    /// Identification, of IPv4 or the IPv6 fragment header.
    ip_id: u32,
    /// IPv6 flow label.
    flow_label: u32,
    /// TCP sequence number.
    tcp_seq: u32,
    /// TCP acknowledgment number.
    tcp_ack: u32,
    /// Packets that this record stands for: 1 when nothing was sampled out.
    sample_one_in: u32,
    /// Where in the batch's payload this packet's bytes start.
    payload_offset: u32,
    /// Bits 47 to 16 of the source MAC address.
    eth_src_hi: u32,
    /// Bits 47 to 16 of the destination MAC address.
    eth_dst_hi: u32,
    /// Bits 15 to 0 of the source MAC address.
    eth_src_lo: u16,
    /// Bits 15 to 0 of the destination MAC address.
    eth_dst_lo: u16,
    /// The innermost EtherType.
    eth_type: u16,
    /// Tag control information of the outermost VLAN tag.
    vlan0: u16,
    /// Of the second.
    vlan1: u16,
    /// Of the third.
    vlan2: u16,
    /// Of the fourth.
    vlan3: u16,
    /// Source port.
    src_port: u16,
    /// Destination port.
    dst_port: u16,
    /// TCP flags, 12 bits.
    tcp_flags: u16,
    /// TCP window, not scaled.
    tcp_window: u16,
    /// IPv4 header checksum, not verified.
    ip_checksum: u16,
    /// Fragment offset in bytes.
    frag_offset: u16,
    /// Bytes of this packet in the batch's payload.
    payload_len: u16,
    /// Payload bytes in each segment of a GSO super-packet.
    gso_size: u16,
    /// Segments of a GSO super-packet.
    gso_segments: u16,
    /// The tap that saw the packet; 0 in replay.
    tap: u16,
    /// Where the network header starts in the frame.
    l3_offset: u16,
    /// Where the transport header starts in the frame.
    l4_offset: u16,
    /// Where what follows the transport header starts in the frame.
    l7_offset: u16,
    /// VLAN tags.
    vlan_count: u8,
    /// 4, 6, or 0 for anything but IP.
    ip_version: u8,
    /// IPv4 header length in 32-bit words.
    ihl: u8,
    /// The upper-layer protocol, after IPv6 extension headers.
    protocol: u8,
    /// Time to live or hop limit.
    ttl: u8,
    /// Type of service or traffic class.
    tos: u8,
    /// 4 reserved, 2 don't fragment, 1 more fragments.
    ip_flags: u8,
    /// ICMP type, or the ARP operation.
    icmp_type: u8,
    /// ICMP code.
    icmp_code: u8,
    /// 1 XDP, 2 TC, 3 replay.
    hook: u8,
    /// 1 ingress, 2 egress, 0 not known.
    direction: u8,
    /// MPLS labels stepped over.
    mpls_count: u8,
}

#[cfg(test)]
mod tests {
    use wit_parser::{Resolve, SizeAlign, TypeDefKind};

    use super::*;

    #[test]
    fn the_layout_is_that_of_the_wit_record() {
        let mut resolve = Resolve::default();
        let wit = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit");
        let (package, _) = resolve.push_path(wit).unwrap();
        let layout = resolve.packages[package].interfaces["layout"];
        let packet = resolve.interfaces[layout].types["packet"];
        let TypeDefKind::Record(record) = &resolve.types[packet].kind else { panic!("a record") };
        let mut sizes = SizeAlign::default();
        sizes.fill(&resolve);
        let offsets = sizes.field_offsets(record.fields.iter().map(|field| &field.ty));
        let expected = record.fields.iter().zip(offsets).map(|(field, (offset, ty))| {
            (field.name.replace('-', "_"), offset.size_wasm32(), sizes.size(ty).size_wasm32())
        });
        let ours = FIELDS.iter().map(|(name, offset, size)| ((*name).to_owned(), *offset, *size));
        assert_eq!(ours.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        assert_eq!(RECORD_SIZE, sizes.size(&wit_parser::Type::Id(packet)).size_wasm32());
    }
}
