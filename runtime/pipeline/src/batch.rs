use ringtap_interest::RuleSet;
use ringtap_record::PacketRecord;

use crate::kept::Kept;

/// Records in a batch, at most. `wit/types.wit` promises this number to plugins.
pub const MAX_BATCH_RECORDS: usize = 1024;

/// Records as a tap or a capture gives them, all judged by the same tables. Whom they are for is
/// still in bits of rules.
#[derive(Clone, Debug, Default)]
pub struct Collected {
    /// Of the tables that judged them: what [`Judge::install`](crate::judge::Judge::install) was
    /// called with.
    pub generation: u32,
    /// At most [`MAX_BATCH_RECORDS`]. `matched` and `sample_one_in` are 1.
    pub records: Vec<PacketRecord>,
    /// By record: the rules that it matched and whose sample kept it.
    pub kept: Kept,
    /// What records point into with `payload_offset` and `payload_len`: as much of each packet as the
    /// greediest of the interests that kept it asked for. Empty where no record has any.
    pub payload: Vec<u8>,
    /// Add to a record's timestamp for Unix time in ns.
    pub clock_offset_ns: i64,
}

impl Collected {
    /// Nothing yet, with room for so many records.
    pub fn with_capacity(generation: u32, records: usize) -> Self {
        Self { generation, records: Vec::with_capacity(records), ..Self::default() }
    }

    /// Append a record, with what is there of its packet's payload.
    #[inline]
    pub fn push(&mut self, record: &PacketRecord, kept: RuleSet, payload: &[u8]) {
        self.push_whole(record, kept);
        if let Some(last) = self.records.last_mut() {
            (last.payload_offset, last.payload_len) = (0, 0);
        }
        if !payload.is_empty() {
            self.extend_payload(payload);
        }
    }

    /// Append a record as it is, which says that it has no payload.
    #[inline]
    pub fn push_whole(&mut self, record: &PacketRecord, kept: RuleSet) {
        self.records.push(*record);
        self.kept.push(kept);
    }

    /// Append to the payload of the last record.
    pub fn extend_payload(&mut self, payload: &[u8]) {
        let Some(record) = self.records.last_mut() else { return };
        if record.payload_len == 0 {
            record.payload_offset = self.payload.len() as u32;
        }
        record.payload_len = record.payload_len.saturating_add(payload.len() as u16);
        self.payload.extend_from_slice(payload);
    }
}

/// Records on their way to a plugin, with its own marks on them. Shared between plugins that want the
/// same, never changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// In the order in which one ring or capture had them; 1 to [`MAX_BATCH_RECORDS`].
    pub records: Vec<PacketRecord>,
    /// Packet bytes that records point into.
    pub payload: Vec<u8>,
    /// Add to a record's timestamp for Unix time in ns.
    pub clock_offset_ns: i64,
}

impl Batch {
    pub fn len(&self) -> usize {
        self.records.len()
    }

    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Unix time of the latest record, in ns.
    pub fn latest_ns(&self) -> Option<u64> {
        let latest = self.records.iter().map(|record| record.timestamp_ns).max()?;
        Some(latest.saturating_add_signed(self.clock_offset_ns))
    }

    /// A batch of some of these records, each with its payload.
    pub fn pick<'a>(&'a self, records: impl IntoIterator<Item = &'a PacketRecord>) -> Self {
        self.copy(records, u16::MAX)
    }

    /// The first bytes of a record's packet, `most` at most.
    fn payload_of(&self, record: &PacketRecord, most: u16) -> &[u8] {
        let start = record.payload_offset as usize;
        let end = start.saturating_add(record.payload_len.min(most).into());
        self.payload.get(start..end).unwrap_or_default()
    }

    /// Records of this batch with `payload` bytes of each at most.
    pub(crate) fn copy<'a>(
        &'a self,
        records: impl IntoIterator<Item = &'a PacketRecord>,
        payload: u16,
    ) -> Self {
        let records = records.into_iter();
        let mut copy = Self {
            records: Vec::with_capacity(records.size_hint().0),
            payload: Vec::new(),
            clock_offset_ns: self.clock_offset_ns,
        };
        for record in records {
            copy.push(*record, self.payload_of(record, payload));
        }
        copy
    }

    /// Append a record that points at `payload`.
    #[inline]
    pub(crate) fn push(&mut self, record: PacketRecord, payload: &[u8]) {
        let payload_offset = if payload.is_empty() { 0 } else { self.payload.len() as u32 };
        let payload_len = payload.len() as u16;
        self.records.push(PacketRecord { payload_offset, payload_len, ..record });
        self.payload.extend_from_slice(payload);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_points_at_its_payload() {
        let mut collected = Collected::default();
        for payload in [&b"abc"[..], b"", b"de"] {
            collected.push(&PacketRecord::default(), RuleSet::EMPTY, payload);
        }
        let places = collected.records.iter().map(|one| (one.payload_offset, one.payload_len));
        assert_eq!(places.collect::<Vec<_>>(), [(0, 3), (0, 0), (3, 2)]);
        assert_eq!(collected.payload, b"abcde");
        assert_eq!(collected.kept.records(), 3);
    }

    #[test]
    fn what_is_picked_keeps_its_payload() {
        let mut batch = Batch { clock_offset_ns: 9, ..Batch::default() };
        for (wire_len, payload) in (0..).zip([&b"abc"[..], b"", b"de", b"f"]) {
            batch.push(PacketRecord { wire_len, ..PacketRecord::default() }, payload);
        }
        batch.payload.pop();
        let picked = batch.pick(batch.records.iter().filter(|record| record.wire_len != 0));
        let places =
            picked.records.iter().map(|one| (one.wire_len, one.payload_offset, one.payload_len));
        assert_eq!(places.collect::<Vec<_>>(), [(1, 0, 0), (2, 0, 2), (3, 0, 0)]);
        assert_eq!((&picked.payload[..], picked.clock_offset_ns), (&b"de"[..], 9));
        assert_eq!(batch.copy(&batch.records, 1).payload, b"ad");
    }
}
