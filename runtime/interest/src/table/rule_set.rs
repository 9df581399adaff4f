/// Rules that tables have bits for, at most.
pub const MAX_RULES: usize = 256;

/// A set of rules, by their bits: bit 0 is the lowest of the first word.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RuleSet(pub [u64; MAX_RULES / 64]);

impl RuleSet {
    /// No rule.
    pub const EMPTY: Self = Self([0; MAX_RULES / 64]);

    /// Those that are in both.
    #[inline(always)]
    pub const fn and(self, other: Self) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Self([a & e, b & f, c & g, d & h])
    }

    /// Those that are not in it, bits beyond the last rule included.
    #[inline(always)]
    pub const fn not(self) -> Self {
        let [a, b, c, d] = self.0;
        Self([!a, !b, !c, !d])
    }

    /// Those that are in either.
    #[inline(always)]
    pub const fn or(self, other: Self) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Self([a | e, b | f, c | g, d | h])
    }

    #[inline(always)]
    pub const fn is_empty(self) -> bool {
        let [a, b, c, d] = self.0;
        a | b | c | d == 0
    }

    /// Whether a rule is in both: whether a packet that matched `self` is for the owner of `other`.
    #[inline(always)]
    pub const fn meets(self, other: Self) -> bool {
        !self.and(other).is_empty()
    }

    /// Whether the rule is in it. None from [`MAX_RULES`] on is.
    pub fn has(self, rule: usize) -> bool {
        self.0.get(rule / 64).is_some_and(|word| word >> (rule % 64) & 1 != 0)
    }

    /// Add or remove a rule. Those from [`MAX_RULES`] on are passed over.
    pub fn set(&mut self, rule: usize, is_in: bool) {
        let Some(word) = self.0.get_mut(rule / 64) else { return };
        let bit = 1 << (rule % 64);
        *word = if is_in { *word | bit } else { *word & !bit };
    }

    /// The bits, ascending.
    pub fn bits(self) -> impl Iterator<Item = usize> {
        (0..MAX_RULES).filter(move |&rule| self.has(rule))
    }

    /// How many.
    pub fn len(self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;

    #[test]
    fn bits_go_in_and_out() {
        let mut set = RuleSet::EMPTY;
        for rule in [0, 63, 64, 255, 256, 1000] {
            set.set(rule, true);
        }
        assert_eq!(set.bits().collect::<Vec<_>>(), [0, 63, 64, 255]);
        set.set(64, false);
        assert_eq!((set.len(), set.has(64), set.has(63), set.has(256)), (3, false, true, false));
        assert!(set.meets(set) && !set.meets(RuleSet::EMPTY));
    }
}
