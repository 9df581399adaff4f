//! One packet of a batch. An accessor that answers `Option` is `None` where the packet has no such
//! thing, or its headers ended before it.

mod accessors;
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

    /// Packets that this record stands for on the wire: the segments of a GSO super-packet, or 1,
    /// times [`sample_one_in`](Self::sample_one_in). Count with this, not with 1. With a sample, sums
    /// of it are estimates.
    #[inline]
    pub fn packets(&self) -> u64 {
        self.segments() * u64::from(self.sample_one_in())
    }

    /// Bytes that this record stands for on the wire, without frame check sequences: every segment
    /// of a GSO super-packet has headers of its own, and all of it counts
    /// [`sample_one_in`](Self::sample_one_in) times. Count with this, not with
    /// [`wire_len`](Self::wire_len).
    #[inline]
    pub fn wire_bytes(&self) -> u64 {
        let metadata_tag = if self.has(mark::VLAN_IN_METADATA) { 4 } else { 0 };
        let headers = u64::from(self.fields.l7_offset()) + metadata_tag;
        let bytes = u64::from(self.wire_len()) + (self.segments() - 1) * headers;
        match (u32::try_from(bytes), u64::from(self.sample_one_in())) {
            (_, 1) => bytes,
            // WebAssembly has no product of 128 bits, by which one would see that 64 are too few.
            (Ok(bytes), one_in) => u64::from(bytes) * one_in,
            // No host's rate gets there; one that were wrong must not end the plugin.
            (Err(_), one_in) => bytes.saturating_mul(one_in),
        }
    }

    #[inline]
    fn segments(&self) -> u64 {
        self.gso().map_or(1, |gso| u64::from(gso.segments).max(1))
    }

    /// Whether the plugin's interest of that index, from 0, took this packet: its filter matches, and
    /// the packet is in its sample.
    #[inline]
    pub fn matches(&self, interest: usize) -> bool {
        interest < 64 && self.matched() >> interest & 1 == 1
    }

    /// This record stands for so many records of all that the plugin's interests want together: 1
    /// unless the plugin or the operator asked for a sample. [`packets`](Self::packets) and
    /// [`wire_bytes`](Self::wire_bytes) have it in them.
    ///
    /// Where several interests took the packet, it is the number of the one that keeps most; so it
    /// does not tell how many packets one interest alone would have seen.
    #[inline]
    pub fn sample_one_in(&self) -> u32 {
        self.fields.sample_one_in().max(1)
    }

    /// The first bytes from behind the headers, the application's, as far as an interest asked for
    /// them, the operator granted them, and the packet has them. Empty otherwise.
    pub fn payload(&self) -> &'a [u8] {
        let len = self.fields.payload_len();
        self.batch.payload(self.fields.payload_offset(), len).unwrap_or_default()
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
