use std::{cell::OnceCell, sync::Arc};

use ringtap_interest::{Interest, RuleSet};
use ringtap_record::PacketRecord;

use crate::{
    batch::{Batch, Collected},
    kept::Kept,
    mask::Mask,
};

/// What a plugin wants of the records that one generation of tables judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wants {
    /// By interest; a record's `matched` has a bit for each.
    each: Vec<Want>,
    /// The rules of all of them.
    any: RuleSet,
    mask: Mask,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Want {
    rules: RuleSet,
    one_in: u32,
    payload: u16,
}

/// Records that are about to be selected from.
pub(crate) struct Records {
    batch: Arc<Batch>,
    kept: Kept,
    payload: Vec<u8>,
    /// All of them, without payload.
    bare: OnceCell<Arc<Batch>>,
}

/// What becomes of a record for one plugin.
struct Label {
    matched: u64,
    one_in: u32,
    payload: u16,
}

impl Wants {
    /// `interests` with the bits that their rules have.
    pub(crate) fn new<'a>(
        interests: impl IntoIterator<Item = (&'a Interest, RuleSet)>,
        mask: Mask,
    ) -> Self {
        let want = |(interest, rules): (&Interest, RuleSet)| Want {
            rules,
            one_in: interest.sampling.one_in(),
            payload: interest.payload,
        };
        let each: Vec<_> = interests.into_iter().map(want).collect();
        let any = each.iter().fold(RuleSet::EMPTY, |any, want| any.or(want.rules));
        Self { each, any, mask }
    }

    /// Whether no record can be wanted.
    pub(crate) fn are_none(&self) -> bool {
        self.any.is_empty()
    }

    /// How many bits the rules of each interest take.
    pub(crate) fn bits(&self) -> impl Iterator<Item = usize> {
        self.each.iter().map(|want| want.rules.len())
    }

    /// The records that are wanted, marked for this plugin; `None` where none is.
    pub(crate) fn select(&self, from: &Records) -> Option<Arc<Batch>> {
        let runs = from.kept.runs().filter(|(rules, _)| self.any.meets(*rules));
        let wanted = runs.map(|(_, records)| records).sum();
        match wanted {
            0 => None,
            all if all == from.batch.len() && self.are_plain() => Some(from.bare()),
            _ => Some(Arc::new(self.copy(from, wanted))),
        }
    }

    /// Whether a record that is wanted stays as it was collected, but for its payload.
    fn are_plain(&self) -> bool {
        matches!(self.each[..], [Want { one_in: 1, payload: 0, .. }]) && self.mask.is_none()
    }

    fn copy(&self, from: &Records, wanted: usize) -> Batch {
        let mut batch = Batch {
            records: Vec::with_capacity(wanted),
            payload: Vec::new(),
            clock_offset_ns: from.batch.clock_offset_ns,
        };
        let mut rest = &from.batch.records[..];
        for (rules, count) in from.kept.runs() {
            let (run, others) = rest.split_at(count.min(rest.len()));
            rest = others;
            if !self.any.meets(rules) {
                continue;
            }
            let Label { matched, one_in, payload } = self.label(rules);
            for record in run {
                let payload = from.payload_of(record, payload);
                let marked = PacketRecord { matched, sample_one_in: one_in, ..*record };
                batch.push(marked, payload);
            }
        }
        if !self.mask.is_none() {
            batch.records.iter_mut().for_each(|record| self.mask.apply(record));
        }
        batch
    }

    fn label(&self, kept: RuleSet) -> Label {
        let none = Label { matched: 0, one_in: u32::MAX, payload: 0 };
        let bits = (0..u64::BITS).map(|bit| 1 << bit);
        bits.zip(&self.each).filter(|(_, want)| want.rules.meets(kept)).fold(
            none,
            |label, (bit, want)| Label {
                matched: label.matched | bit,
                one_in: label.one_in.min(want.one_in),
                payload: label.payload.max(want.payload),
            },
        )
    }
}

impl Records {
    pub(crate) fn new(collected: Collected) -> Self {
        let Collected { records, kept, payload, clock_offset_ns, .. } = collected;
        debug_assert_eq!(records.len(), kept.records());
        let batch = Arc::new(Batch { records, payload: Vec::new(), clock_offset_ns });
        Self { batch, kept, payload, bare: OnceCell::new() }
    }

    fn bare(&self) -> Arc<Batch> {
        let bare = self.bare.get_or_init(|| match self.payload.is_empty() {
            true => Arc::clone(&self.batch),
            false => Arc::new(without_payload(&self.batch)),
        });
        Arc::clone(bare)
    }

    /// The first bytes of a packet, `most` at most.
    fn payload_of(&self, record: &PacketRecord, most: u16) -> &[u8] {
        let start = record.payload_offset as usize;
        let end = start.saturating_add(record.payload_len.min(most).into());
        self.payload.get(start..end).unwrap_or_default()
    }
}

fn without_payload(batch: &Batch) -> Batch {
    let bare =
        |record: &PacketRecord| PacketRecord { payload_offset: 0, payload_len: 0, ..*record };
    let records = batch.records.iter().map(bare).collect();
    Batch { records, payload: Vec::new(), clock_offset_ns: batch.clock_offset_ns }
}

#[cfg(test)]
mod tests {
    use ringtap_interest::{SampleBy, Sampling};

    use super::*;

    fn rules(bits: &[usize]) -> RuleSet {
        let mut rules = RuleSet::EMPTY;
        bits.iter().for_each(|&bit| rules.set(bit, true));
        rules
    }

    /// A plugin's interests: bits, rate, payload bytes.
    fn wants(interests: &[(&[usize], u32, u16)]) -> Wants {
        let interests: Vec<_> = interests
            .iter()
            .map(|&(bits, one_in, payload)| {
                let sampling = Sampling::new(one_in, SampleBy::Packet).unwrap();
                (Interest { sampling, payload, ..Interest::everything() }, rules(bits))
            })
            .collect();
        let interests = interests.iter().map(|(interest, rules)| (interest, *rules));
        Wants::new(interests, Mask::default())
    }

    /// Records that kept these bits, each with this payload, told apart by their length.
    fn records(of: &[(&[usize], &[u8])]) -> Records {
        let mut collected = Collected { clock_offset_ns: 7, ..Collected::default() };
        for ((bits, payload), wire_len) in of.iter().zip(100..) {
            collected.kept.push(rules(bits));
            collected.records.push(PacketRecord {
                wire_len,
                matched: 1,
                sample_one_in: 1,
                payload_offset: collected.payload.len() as u32,
                payload_len: payload.len() as u16,
                ..PacketRecord::default()
            });
            collected.payload.extend_from_slice(payload);
        }
        Records::new(collected)
    }

    /// Length, bits, rate and payload of each record.
    fn seen(batch: &Batch) -> Vec<(u32, u64, u32, &[u8])> {
        let one = |record: &PacketRecord| {
            let start = record.payload_offset as usize;
            let payload = &batch.payload[start..start + usize::from(record.payload_len)];
            (record.wire_len, record.matched, record.sample_one_in, payload)
        };
        batch.records.iter().map(one).collect()
    }

    #[test]
    fn bits_are_the_plugins_own() {
        let records = records(&[(&[0], b""), (&[200], b""), (&[0, 3, 255], b""), (&[7], b"")]);
        let selected = wants(&[(&[3, 4], 1, 0), (&[0], 1, 0), (&[255], 1, 0)]).select(&records);
        let selected = selected.unwrap();
        assert_eq!(seen(&selected), [(100, 0b010, 1, &b""[..]), (102, 0b111, 1, b"")]);
        assert_eq!(selected.clock_offset_ns, 7);
        assert_eq!(wants(&[(&[8, 64], 1, 0)]).select(&records), None);
        assert_eq!(Wants::default().select(&records), None);
    }

    #[test]
    fn a_record_stands_for_as_many_as_its_densest_sample_says() {
        let records = records(&[(&[0, 1], b""), (&[0], b""), (&[1], b"")]);
        let selected = wants(&[(&[0], 100, 0), (&[1], 10, 0)]).select(&records).unwrap();
        let expected = [(100, 0b11, 10, &b""[..]), (101, 0b01, 100, b""), (102, 0b10, 10, b"")];
        assert_eq!(seen(&selected), expected);
    }

    #[test]
    fn payload_is_cut_to_what_the_interests_that_kept_the_packet_asked_for() {
        let records =
            records(&[(&[0], b"abcdef"), (&[1], b"gh"), (&[0, 1], b"ijklmn"), (&[2], b"")]);
        let selected = wants(&[(&[0], 1, 2), (&[1], 1, 4), (&[2], 1, 9)]).select(&records).unwrap();
        let expected = [
            (100, 0b001, 1, &b"ab"[..]),
            (101, 0b010, 1, b"gh"),
            (102, 0b011, 1, b"ijkl"),
            (103, 0b100, 1, b""),
        ];
        assert_eq!(seen(&selected), expected);
        assert_eq!(selected.payload, b"abghijkl");
        assert_eq!(selected.records[3].payload_offset, 0);
        let without = wants(&[(&[0, 1, 2], 1, 0)]).select(&records).unwrap();
        assert_eq!(without.payload, b"");
        assert!(without.records.iter().all(|r| (r.payload_offset, r.payload_len) == (0, 0)));
    }

    #[test]
    fn whole_batches_are_shared_and_nothing_else() {
        let kept_by_all = records(&[(&[0, 1], b""), (&[0, 1, 2], b"")]);
        let plain = wants(&[(&[0], 1, 0)]).select(&kept_by_all).unwrap();
        let other = wants(&[(&[1], 1, 0)]).select(&kept_by_all).unwrap();
        assert!(Arc::ptr_eq(&plain, &other) && Arc::ptr_eq(&plain, &kept_by_all.batch));
        for copied in [wants(&[(&[0], 10, 0)]), wants(&[(&[0], 1, 9)]), wants(&[(&[2], 1, 0)])] {
            let copied = copied.select(&kept_by_all).unwrap();
            assert!(!Arc::ptr_eq(&plain, &copied), "{copied:?}");
        }
        let with_payload = records(&[(&[0, 1], b"ab"), (&[0, 1], b"c")]);
        let plain = wants(&[(&[0], 1, 0)]).select(&with_payload).unwrap();
        let other = wants(&[(&[1], 1, 0)]).select(&with_payload).unwrap();
        assert!(Arc::ptr_eq(&plain, &other));
        assert_eq!(seen(&plain), [(100, 1, 1, &b""[..]), (101, 1, 1, b"")]);
    }

    #[test]
    fn a_mask_is_the_plugins_own_and_leaves_others_what_they_had() {
        let records = records(&[(&[0], b"ab"), (&[1], b"")]);
        let mut batch = Batch::clone(&records.batch);
        batch.records.iter_mut().for_each(|record| record.src_lo = 0x0a01_0203);
        let records = Records { batch: Arc::new(batch), ..records };
        let plain = wants(&[(&[0, 1], 1, 0)]);
        let masked = Wants { mask: Mask { v4: 24, ..Mask::default() }, ..plain.clone() };
        assert_ne!(plain, masked);
        let sources = |wants: &Wants| -> Vec<_> {
            let selected = wants.select(&records).unwrap();
            selected.records.iter().map(|one| (one.src_lo, one.payload_len)).collect()
        };
        assert_eq!(sources(&masked), [(0x0a01_0200, 0); 2]);
        assert_eq!(sources(&plain), [(0x0a01_0203, 0); 2]);
    }

    #[test]
    fn a_record_whose_payload_is_not_there_has_none() {
        let mut records = records(&[(&[0], b"abc")]);
        records.payload.truncate(2);
        let selected = wants(&[(&[0], 1, 3)]).select(&records).unwrap();
        assert_eq!(seen(&selected), [(100, 1, 1, &b""[..])]);
    }
}
