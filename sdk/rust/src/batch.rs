use crate::{Packet, RECORD_SIZE, bindings::capabilities::ringtap::plugin::types::Batch as Head};

/// Packets that the host handed over together.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    head: Head,
    records: &'a [u8],
    payload: &'a [u8],
}

impl<'a> Batch<'a> {
    /// Panics when the host's records are shorter than the layout that this SDK knows, which no host
    /// that takes the plugin has.
    pub(crate) fn new(head: Head, records: &'a [u8], payload: &'a [u8]) -> Self {
        let stride = head.record_size as usize;
        assert!(stride >= RECORD_SIZE, "the host's records have {stride} bytes, not {RECORD_SIZE}");
        Self { head, records, payload }
    }

    /// The packets, in the order in which a tap saw them.
    pub fn packets(&self) -> impl ExactSizeIterator<Item = Packet<'_>> {
        // A newer host appends fields: its stride counts, and what lies beyond ours is skipped.
        let records = self.records.chunks_exact(self.head.record_size as usize);
        records.map(|record| {
            let fields = record.first_chunk().expect("`new` checked the stride");
            Packet::new(fields, self)
        })
    }

    /// How many packets there are, 1 to 1024.
    pub fn len(&self) -> usize {
        self.packets().len()
    }

    /// Never true for a batch from the host.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of the first record among all that were meant for this plugin, from 0.
    pub fn sequence(&self) -> u64 {
        self.head.sequence
    }

    /// Records lost between the batch before and this one, because the plugin was too slow.
    pub fn shed_before(&self) -> u64 {
        self.head.shed_before
    }

    pub(crate) fn unix_time_ns(&self, timestamp_ns: u64) -> u64 {
        // No clock of a host gets to where this wraps, and to look whether it did costs each packet.
        timestamp_ns.wrapping_add_signed(self.head.clock_offset_ns)
    }

    pub(crate) fn payload(&self, offset: u32, len: u16) -> Option<&'a [u8]> {
        self.payload.get(offset as usize..)?.get(..usize::from(len))
    }
}
