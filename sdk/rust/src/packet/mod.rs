//! One packet of a batch. An accessor that answers `Option` is `None` where the packet has no such
//! thing, or its headers ended before it.

mod ethernet;
mod ip;
mod layout;
pub mod mark;
mod tap;
#[cfg(test)]
mod tests;
mod transport;

use std::fmt;

pub use ethernet::{Arp, MacAddress, VlanTag};
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use layout::FIELDS;
pub use layout::{Fields, RECORD_SIZE};
pub use tap::{Direction, Hook};
pub use transport::{Gso, TcpFlags};

use crate::Batch;

/// A packet, as a view of its record. Reading a field is a load; nothing is copied or allocated.
#[derive(Clone, Copy)]
pub struct Packet<'a> {
    fields: Fields<'a>,
    batch: &'a Batch<'a>,
}

impl<'a> Packet<'a> {
    #[inline]
    pub(crate) fn new(record: &'a [u8; RECORD_SIZE], batch: &'a Batch<'a>) -> Self {
        Self { fields: Fields(record), batch }
    }

    /// The record as it is, for what there is no accessor for.
    #[inline]
    pub fn fields(&self) -> Fields<'a> {
        self.fields
    }

    /// Whether all bits of `marks` are set; see [`mark`].
    #[inline]
    pub fn has(&self, marks: u32) -> bool {
        self.fields.marks() & marks == marks
    }

    /// When the tap saw the packet, Unix time in ns.
    #[inline]
    pub fn time_ns(&self) -> u64 {
        self.batch.unix_time_ns(self.fields.timestamp_ns())
    }

    /// Packets that this record stands for on the wire: the segments of a GSO super-packet, or 1.
    /// Count with this, not with 1.
    #[inline]
    pub fn packets(&self) -> u64 {
        self.gso().map_or(1, |gso| u64::from(gso.segments).max(1))
    }

    /// Bytes that this record stands for on the wire, without frame check sequences: every segment
    /// of a GSO super-packet has headers of its own. Count with this, not with
    /// [`wire_len`](Self::wire_len).
    #[inline]
    pub fn wire_bytes(&self) -> u64 {
        let metadata_tag = if self.has(mark::VLAN_IN_METADATA) { 4 } else { 0 };
        let headers = u64::from(self.fields.l7_offset()) + metadata_tag;
        u64::from(self.wire_len()) + (self.packets() - 1) * headers
    }

    /// Bytes of the packet as the tap saw it, a GSO super-packet being one.
    #[inline]
    pub fn wire_len(&self) -> u32 {
        self.fields.wire_len()
    }

    /// Bit i: the plugin's i-th interest wanted this packet. Bit 0 for a plugin without interests.
    #[inline]
    pub fn matched(&self) -> u64 {
        self.fields.matched()
    }

    /// Headers end early, or go on past a parser bound. What is there is right.
    #[inline]
    pub fn is_partial(&self) -> bool {
        self.has(mark::PARTIAL)
    }

    /// Headers contradict themselves. What is there was read before that, and is right.
    #[inline]
    pub fn is_malformed(&self) -> bool {
        self.has(mark::MALFORMED)
    }

    /// The packet's bytes, as far as the plugin asked for them and was granted them. None of this
    /// version's hosts sends any.
    pub fn payload(&self) -> Option<&'a [u8]> {
        let len = self.fields.payload_len();
        if len == 0 { None } else { self.batch.payload(self.fields.payload_offset(), len) }
    }

    #[inline]
    fn given<T>(&self, marks: u32, value: impl FnOnce(Fields<'a>) -> T) -> Option<T> {
        self.has(marks).then(|| value(self.fields))
    }
}

impl fmt::Debug for Packet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut packet = f.debug_struct("Packet");
        packet.field("time_ns", &self.time_ns()).field("wire_len", &self.wire_len());
        packet.field("src", &self.src()).field("dst", &self.dst());
        packet.field("protocol", &self.protocol());
        packet.field("src_port", &self.src_port()).field("dst_port", &self.dst_port());
        packet.finish_non_exhaustive()
    }
}
