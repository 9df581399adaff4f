use ringtap_record::{PacketRecord, abi::SLOT_BYTES};

use crate::RuleSet;

/// What a tap puts into a slot of its ring for a packet.
/// [`payload_len`](PacketRecord::payload_len) bytes of payload follow, in as many slots as they take.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The rules that the packet was kept for.
    pub kept: RuleSet,
    /// Of the tables that the rules are in.
    pub generation: u32,
    /// Always 0: keeps the layout free of holes.
    pub reserved: u32,
    pub record: PacketRecord,
}

const _: () = assert!(size_of::<Entry>() == SLOT_BYTES && align_of::<Entry>() == 8);

impl Entry {
    /// Slots that an entry and `payload_len` bytes of payload take.
    #[inline(always)]
    pub const fn slots(payload_len: u32) -> u32 {
        1 + payload_len.div_ceil(SLOT_BYTES as u32)
    }
}
