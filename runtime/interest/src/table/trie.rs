use super::{LEAF, MAX_WORDS, NODE_WORDS, RuleSet};

/// Builds the tries of all dimensions into one array of words.
#[derive(Debug, Default)]
pub(super) struct Words(pub(super) Vec<u32>);

/// The words would be more than [`MAX_WORDS`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

/// A trie that is being built.
struct Trie<'a> {
    words: &'a mut Words,
    /// First value of each part, from 0 on, and the index of its set.
    parts: &'a [(u128, u32)],
}

impl Words {
    /// Add the trie of a dimension whose values have so many bytes. Returns the first word's index.
    pub(super) fn trie(&mut self, bytes: u32, parts: &[(u128, u32)]) -> Result<u32, Full> {
        Trie { words: self, parts }.node(8 * bytes, 0)
    }

    fn allocate(&mut self) -> Result<u32, Full> {
        let first = self.0.len();
        let end = first + NODE_WORDS as usize;
        if end > MAX_WORDS {
            return Err(Full);
        }
        self.0.resize(end, 0);
        Ok(first as u32)
    }
}

impl Trie<'_> {
    /// The node for the `bits` low bits of values from `first` on; `bits` is a multiple of 8 and at
    /// least 8.
    fn node(&mut self, bits: u32, first: u128) -> Result<u32, Full> {
        let node = self.words.allocate()?;
        let below = bits - 8;
        for byte in 0..NODE_WORDS {
            let start = first | u128::from(byte) << below;
            let word = match self.only_part(start, start | !(u128::MAX << below)) {
                Some(set) => LEAF | set,
                None => self.node(below, start)?,
            };
            if let Some(slot) = self.words.0.get_mut((node + byte) as usize) {
                *slot = word;
            }
        }
        Ok(node)
    }

    /// The set of the part that has all these values, if it is one.
    fn only_part(&self, first: u128, last: u128) -> Option<u32> {
        let behind = self.parts.partition_point(|&(start, _)| start <= first);
        let (_, set) = self.parts.get(behind.checked_sub(1)?)?;
        let ends = self.parts.get(behind).is_none_or(|&(next, _)| last < next);
        ends.then_some(*set)
    }
}

/// The sets that words lead to, each once.
#[derive(Debug, Default)]
pub(super) struct Sets {
    pub(super) sets: Vec<RuleSet>,
    numbers: std::collections::HashMap<RuleSet, u32>,
}

impl Sets {
    pub(super) fn number_of(&mut self, set: RuleSet) -> u32 {
        *self.numbers.entry(set).or_insert_with(|| {
            self.sets.push(set);
            self.sets.len() as u32 - 1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Follow a value of so many bytes.
    fn find(words: &Words, root: u32, bytes: u32, value: u128) -> (u32, u32) {
        let (mut node, mut looked) = (root, 0);
        for level in (0..bytes).rev() {
            looked += 1;
            let word = words.0[(node + (value >> (8 * level) & 0xff) as u32) as usize];
            if word & LEAF != 0 {
                return (word & !LEAF, looked);
            }
            node = word;
        }
        panic!("{value} leads nowhere");
    }

    #[test]
    fn short_prefixes_end_early_and_long_ones_go_down() {
        let mut words = Words::default();
        let ten = 10 << 24;
        let host = ten | 0x1_0203;
        let parts = [(0, 0), (ten, 1), (host, 2), (host + 1, 1), (11 << 24, 0)];
        let root = words.trie(4, &parts).unwrap();
        assert_eq!(find(&words, root, 4, 9 << 24), (0, 1));
        assert_eq!(find(&words, root, 4, ten), (1, 2));
        assert_eq!(find(&words, root, 4, host), (2, 4));
        assert_eq!(find(&words, root, 4, host - 1), (1, 4));
        assert_eq!(find(&words, root, 4, host + 1), (1, 4));
        assert_eq!(find(&words, root, 4, 11 << 24), (0, 1));
        assert_eq!(words.0.len(), 4 * 256);
    }

    #[test]
    fn the_last_of_the_widest_values() {
        let mut words = Words::default();
        let root = words.trie(16, &[(0, 0), (u128::MAX, 1)]).unwrap();
        assert_eq!(find(&words, root, 16, u128::MAX), (1, 16));
        assert_eq!(find(&words, root, 16, u128::MAX - 1), (0, 16));
        assert_eq!(words.0.len(), 16 * 256);
    }

    #[test]
    fn there_is_an_end_to_it() {
        let odd = (1..10_000_u32).map(|at| (u128::from(at) << 8 | 1, at));
        let parts: Vec<_> = [(0, 0)].into_iter().chain(odd).collect();
        assert_eq!(Words::default().trie(16, &parts), Err(Full));
    }
}
