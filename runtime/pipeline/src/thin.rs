use ringtap_record::PacketRecord;

use crate::batch::Batch;

/// Makes samples of batches, for a plugin that can't take all of its records.
///
/// Of every `one_in` records in a row chance keeps one. So each stays with the same probability,
/// whatever rhythm the traffic has, and of n records at most ⌈n / one_in⌉ stay.
#[derive(Clone, Debug)]
pub struct Thinner {
    chance: fastrand::Rng,
}

impl Thinner {
    /// The same seed draws the same samples.
    pub fn new(seed: u64) -> Self {
        Self { chance: fastrand::Rng::with_seed(seed) }
    }

    /// One in `one_in` of the records, with their payload; 0 and 1 keep all. May leave none. Their
    /// `sample_one_in` is multiplied, to `u32::MAX` at most.
    pub fn thin(&mut self, batch: &Batch, one_in: u32) -> Batch {
        let step = one_in.max(1) as usize;
        let starts = (0..batch.len()).step_by(step);
        let kept = starts.filter_map(|start| batch.records.get(start + self.chance.usize(..step)));
        let kept: Vec<&PacketRecord> = kept.collect();
        let mut thinned = batch.pick(kept);
        for record in &mut thinned.records {
            record.sample_one_in = record.sample_one_in.saturating_mul(one_in.max(1));
        }
        thinned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(records: u32) -> Batch {
        let mut batch = Batch::default();
        for wire_len in 0..records {
            let record = PacketRecord { wire_len, sample_one_in: 3, ..PacketRecord::default() };
            batch.push(record, &wire_len.to_be_bytes()[..(wire_len % 5) as usize]);
        }
        batch
    }

    #[test]
    fn one_of_every_so_many_in_a_row_stays_and_says_so() {
        let (batch, mut thinner) = (batch(1000), Thinner::new(7));
        for one_in in [2, 3, 64, 999] {
            let thinned = thinner.thin(&batch, one_in);
            let runs: Vec<_> = thinned.records.iter().map(|one| one.wire_len / one_in).collect();
            let whole = 1000 / one_in;
            assert_eq!(runs[..whole as usize], (0..whole).collect::<Vec<_>>());
            assert!(runs.len() as u32 <= 1000_u32.div_ceil(one_in), "{runs:?}");
            for record in &thinned.records {
                let start = record.payload_offset as usize;
                let payload = &thinned.payload[start..start + usize::from(record.payload_len)];
                let expected = record.wire_len.to_be_bytes();
                assert_eq!(payload, &expected[..(record.wire_len % 5) as usize]);
                assert_eq!(record.sample_one_in, 3 * one_in);
            }
        }
    }

    #[test]
    fn every_record_stays_as_often_as_every_other() {
        const ROUNDS: u32 = 40_000;
        let (batch, mut thinner, mut stayed) = (batch(10), Thinner::new(1), [0_u32; 10]);
        for _ in 0..ROUNDS {
            for record in thinner.thin(&batch, 4).records {
                stayed[record.wire_len as usize] += 1;
            }
        }
        // Six standard deviations around a fourth: the seed is fixed, so this never fails by chance.
        let expected = ROUNDS / 4;
        assert!(stayed.iter().all(|n| n.abs_diff(expected) < 520), "{stayed:?}");
    }

    #[test]
    fn rates_that_say_nothing_or_too_much_are_taken() {
        let (batch, mut thinner) = (batch(5), Thinner::new(1));
        assert_eq!(thinner.thin(&batch, 0), batch);
        assert_eq!(thinner.thin(&batch, 1), batch);
        let rare: Vec<_> = (0..1000).map(|_| thinner.thin(&batch, u32::MAX).len()).collect();
        assert!(rare.iter().all(|len| *len <= 1));
        assert_eq!(thinner.thin(&Batch::default(), 8), Batch::default());
        let one = Batch {
            records: vec![PacketRecord { sample_one_in: u32::MAX, ..PacketRecord::default() }; 4],
            ..Batch::default()
        };
        assert_eq!(thinner.thin(&one, 4).records[0].sample_one_in, u32::MAX);
    }
}
