/// Multilinear-HM (Lemire and Kaser, Strongly universal string hashing is fast, 2014): with keys that
/// are not known, any two values of one length collide by a chance of 2^-32. One multiplication a
/// word, of numbers that WebAssembly can multiply.
#[derive(Clone, Copy)]
pub(super) struct Hash<const N: usize>([[u64; 2]; N]);

impl<const N: usize> Hash<N> {
    pub(super) fn new(seed: u64) -> Self {
        let mut state = seed;
        Self(std::array::from_fn(|_| [split_mix(&mut state), split_mix(&mut state)]))
    }

    #[inline]
    pub(super) fn of(&self, words: &[u64; N]) -> u32 {
        let mut sum = 0_u64;
        for (word, [low_key, high_key]) in words.iter().zip(&self.0) {
            let low = (word & 0xffff_ffff).wrapping_add(*low_key);
            let high = (word >> 32).wrapping_add(*high_key);
            sum = sum.wrapping_add(low.wrapping_mul(high));
        }
        spread((sum >> 32) as u32)
    }
}

/// Values that follow each other, as ports and addresses do, would else lie at equal distances, and
/// in heaps with some keys. Each number becomes another one, so that no more collide.
#[inline]
fn spread(hash: u32) -> u32 {
    let hash = (hash ^ hash >> 15).wrapping_mul(0x9e37_79b1);
    hash ^ hash >> 16
}

/// `SplitMix64` (Steele, Lea, Flood 2014), to make many keys of one.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}
