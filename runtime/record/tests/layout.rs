//! The record's bytes are what `wit/layout.wit` says.

use std::{collections::BTreeMap, mem::offset_of, path::Path};

use ringtap_record::PacketRecord;
use wit_parser::{Resolve, SizeAlign, Type, TypeDefKind};

/// Offset and size of each field, by its name in WIT.
fn wit_layout() -> (usize, BTreeMap<String, (usize, usize)>) {
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    resolve.push_dir(wit).unwrap();
    let mut sizes = SizeAlign::default();
    sizes.fill(&resolve);
    let (id, packet) = resolve
        .types
        .iter()
        .find(|(_, def)| def.name.as_deref() == Some("packet"))
        .expect("layout.packet");
    let TypeDefKind::Record(record) = &packet.kind else { panic!("packet is no record") };
    let offsets = sizes.field_offsets(record.fields.iter().map(|field| &field.ty));
    let fields = record.fields.iter().zip(offsets).map(|(field, (offset, ty))| {
        (field.name.clone(), (offset.size_wasm32(), sizes.size(ty).size_wasm32()))
    });
    (sizes.size(&Type::Id(id)).size_wasm32(), fields.collect())
}

macro_rules! rust_layout {
    ($($field:ident: $ty:ty),+ $(,)?) => {
        [$((stringify!($field).replace('_', "-"), (offset_of!(PacketRecord, $field), size_of::<$ty>()))),+]
    };
}

#[test]
fn the_record_is_laid_out_as_the_wit_says() {
    let (size, wit) = wit_layout();
    assert_eq!(size, size_of::<PacketRecord>());
    let mut rust = BTreeMap::from(rust_layout! {
        timestamp_ns: u64, src_hi: u64, src_lo: u64, dst_hi: u64, dst_lo: u64, matched: u64,
        wire_len: u32, cap_len: u32, ifindex: u32, marks: u32, ip_len: u32, ip_id: u32,
        flow_label: u32, tcp_seq: u32, tcp_ack: u32, sample_one_in: u32, payload_offset: u32,
        eth_src_hi: u32, eth_dst_hi: u32, eth_src_lo: u16, eth_dst_lo: u16, eth_type: u16,
        src_port: u16, dst_port: u16, tcp_flags: u16, tcp_window: u16, ip_checksum: u16,
        frag_offset: u16, payload_len: u16, gso_size: u16, gso_segments: u16, tap: u16,
        l3_offset: u16, l4_offset: u16, l7_offset: u16, vlan_count: u8, ip_version: u8, ihl: u8,
        protocol: u8, ttl: u8, tos: u8, ip_flags: u8, icmp_type: u8, icmp_code: u8, hook: u8,
        direction: u8, mpls_count: u8,
    });
    for slot in 0..4 {
        rust.insert(format!("vlan{slot}"), (offset_of!(PacketRecord, vlan) + 2 * slot, 2));
    }
    assert_eq!(rust, wit);
}

#[test]
fn there_is_no_padding() {
    let (size, wit) = wit_layout();
    assert_eq!(wit.values().map(|(_, size)| size).sum::<usize>(), size);
}
