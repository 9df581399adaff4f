use ringtap_interest::RuleSet;
use ringtap_record::PacketRecord;

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
    pub kept: Vec<RuleSet>,
    /// What records point into with `payload_offset` and `payload_len`: as much of each packet as the
    /// greediest of the interests that kept it asked for. Empty where no record has any.
    pub payload: Vec<u8>,
    /// Add to a record's timestamp for Unix time in ns.
    pub clock_offset_ns: i64,
}

impl Collected {
    /// Append a record, with what is there of its packet's payload.
    pub fn push(&mut self, record: PacketRecord, kept: RuleSet, payload: &[u8]) {
        let payload_offset = if payload.is_empty() { 0 } else { self.payload.len() as u32 };
        let payload_len = payload.len() as u16;
        self.records.push(PacketRecord { payload_offset, payload_len, ..record });
        self.kept.push(kept);
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_points_at_its_payload() {
        let mut collected = Collected::default();
        for payload in [&b"abc"[..], b"", b"de"] {
            collected.push(PacketRecord::default(), RuleSet::EMPTY, payload);
        }
        let places = collected.records.iter().map(|one| (one.payload_offset, one.payload_len));
        assert_eq!(places.collect::<Vec<_>>(), [(0, 3), (0, 0), (3, 2)]);
        assert_eq!(collected.payload, b"abcde");
        assert_eq!(collected.kept.len(), 3);
    }
}
