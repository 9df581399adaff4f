use ringtap_plugin::{Batch, Refusal};

/// Of the digest's 64 bits, so many are kept: a gauge holds them exactly.
const DIGEST_BITS: u32 = 48;

/// The digest after one more record. It begins with 0; a record that is missing, comes twice or in
/// another order makes another one.
pub fn digest(before: u64, sequence: u64) -> u64 {
    // The prime of FNV-1a, 64 bits.
    let mixed = (before ^ sequence).wrapping_add(1).wrapping_mul(0x100_0000_01b3);
    mixed & ((1 << DIGEST_BITS) - 1)
}

/// What is handed on.
#[derive(Default)]
pub(super) struct Progress {
    pub(super) records: u64,
    pub(super) packets: u64,
    pub(super) first: u64,
    pub(super) digest: u64,
    pub(super) restores: u64,
    /// Sequence number of the next record. Nothing has come as long as `records` is 0.
    next: u64,
}

/// How a batch follows the one before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Passed {
    pub(super) skipped: u64,
    pub(super) repeated: u64,
}

impl Progress {
    pub(super) fn pass(&mut self, batch: &Batch<'_>) -> Passed {
        let (start, len) = (batch.sequence(), batch.len() as u64);
        let expected = if self.records == 0 { start } else { self.next + batch.shed_before() };
        if self.records == 0 {
            self.first = start;
        }
        self.records += len;
        self.packets += batch.packets().map(|packet| packet.packets()).sum::<u64>();
        self.digest = (start..start + len).fold(self.digest, digest);
        self.next = start + len;
        let (skipped, repeated) = (start.saturating_sub(expected), expected.saturating_sub(start));
        Passed { skipped, repeated: repeated.min(len) }
    }

    /// Six numbers, from form 2 on with their sum behind them.
    pub(super) fn save(&self, schema: u32) -> Vec<u8> {
        let Self { records, packets, first, digest, restores, next } = *self;
        let mut words = vec![records, packets, first, digest, restores, next];
        if schema >= 2 {
            words.push(sum(&words));
        }
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    pub(super) fn restore(schema: u32, saved: &[u8]) -> Result<Self, Refusal> {
        let (words, rest) = saved.as_chunks();
        let words: Vec<_> = words.iter().map(|word| u64::from_le_bytes(*word)).collect();
        let numbers = if schema >= 2 {
            let (last, numbers) = words.split_last().ok_or("the state is empty")?;
            if *last != sum(numbers) {
                return Err("the state is damaged".into());
            }
            numbers
        } else {
            &words
        };
        let &[records, packets, first, digest, restores, next] = numbers else {
            return Err(format!("the state has {} bytes in form {schema}", saved.len()).into());
        };
        if !rest.is_empty() {
            return Err("the state ends in the middle of a number".into());
        }
        Ok(Self { records, packets, first, digest, restores: restores + 1, next })
    }
}

fn sum(words: &[u64]) -> u64 {
    words.iter().fold(0, |sum, word| sum.wrapping_add(*word))
}
