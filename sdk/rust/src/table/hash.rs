/// NH (J. Black et al., UMAC: Fast and Secure Message Authentication, 1999): with keys that are not
/// known, any two values of one length collide by a chance of 2^-32. One multiplication a word, of
/// numbers that WebAssembly can multiply.
#[derive(Clone, Copy)]
pub(super) struct Hash<const N: usize>([u64; N]);

impl<const N: usize> Hash<N> {
    pub(super) fn new(seed: u64) -> Self {
        let mut state = seed;
        Self(std::array::from_fn(|_| split_mix(&mut state)))
    }

    #[inline]
    pub(super) fn of(&self, words: &[u64; N]) -> u32 {
        let mut sum = 0_u64;
        for (word, key) in words.iter().zip(&self.0) {
            let low = (*word as u32).wrapping_add(*key as u32);
            let high = ((word >> 32) as u32).wrapping_add((key >> 32) as u32);
            sum = sum.wrapping_add(u64::from(low) * u64::from(high));
        }
        mix(sum) as u32
    }
}

/// `SplitMix64` (Steele, Lea, Flood 2014), to make many keys of one.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mix(*state)
}

/// The part of `SplitMix64` that makes each bit depend on all: values that follow each other, as ports
/// and addresses do, would else lie in heaps.
#[inline]
fn mix(mut z: u64) -> u64 {
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}
