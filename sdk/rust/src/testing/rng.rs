/// A pseudo-random number generator that gives the same numbers for each seed, on every machine:
/// xorshift64 (Marsaglia, "Xorshift RNGs", 2003). For tests that try many inputs and have to fail in
/// the same way again; not for secrets, nor for statistics.
///
/// ```
/// use ringtap_plugin::testing::Rng;
///
/// let mut rng = Rng::new(7);
/// assert_eq!([(); 5].map(|()| rng.below(100)), [98, 57, 24, 37, 72]);
/// ```
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// # Panics
    ///
    /// With the seed 0, after which there would be nothing but zeros.
    pub fn new(seed: u64) -> Self {
        assert_ne!(seed, 0, "a seed of 0 makes nothing but zeros");
        Self(seed)
    }

    /// A number from 0 to `bound - 1`. Numbers have 48 bits, so that none is above 2^48, and small
    /// bounds are hardly biased.
    ///
    /// # Panics
    ///
    /// If `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // The low bits are the weakest.
        (self.0 >> 16) % bound
    }
}
