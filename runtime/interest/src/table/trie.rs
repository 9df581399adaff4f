use super::{
    LEAF, MAX_NODES, MAX_PATHS, MAX_SETS, NODE_WORDS, PATH, RuleSet, TrieNode, TriePath,
    classify::MIN_PATH_BYTES,
};

/// The tries of all dimensions.
#[derive(Clone, Debug, Default)]
pub(super) struct Tries {
    pub(super) nodes: Vec<TrieNode>,
    pub(super) paths: Vec<TriePath>,
}

/// They would be more than [`MAX_NODES`] or [`MAX_PATHS`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

/// A trie that is being built.
struct Trie<'a> {
    tries: &'a mut Tries,
    /// First value of each part, from 0 on, and the index of its set.
    parts: &'a [(u128, u16)],
    has_paths: bool,
}

/// The values from `first` on that differ in their `bits` low bits only.
#[derive(Clone, Copy)]
struct Block {
    first: u128,
    bits: u32,
}

impl Tries {
    /// Add the trie of a dimension whose values have so many bytes. Returns its first word.
    pub(super) fn add(&mut self, bytes: u32, parts: &[(u128, u16)]) -> Result<u16, Full> {
        let mut trie = Trie { tries: self, parts, has_paths: bytes > MIN_PATH_BYTES };
        let all = Block { first: 0, bits: 8 * bytes };
        // Look-ups begin with a step.
        match trie.path(all)? {
            Some(path) => Ok(path),
            None => trie.node(all),
        }
    }
}

impl Trie<'_> {
    fn word(&mut self, block: Block) -> Result<u16, Full> {
        if let Some(set) = self.only_set(block) {
            return Ok(LEAF | set);
        }
        match self.path(block)? {
            Some(path) => Ok(path),
            None => self.node(block),
        }
    }

    fn node(&mut self, block: Block) -> Result<u16, Full> {
        let index = self.tries.nodes.len();
        if index == MAX_NODES {
            return Err(Full);
        }
        self.tries.nodes.push([0; NODE_WORDS]);
        let bits = block.bits - 8;
        let mut node = [0; NODE_WORDS];
        for (byte, word) in (0_u128..).zip(&mut node) {
            *word = self.word(Block { first: block.first | byte << bits, bits })?;
        }
        if let Some(slot) = self.tries.nodes.get_mut(index) {
            *slot = node;
        }
        Ok(index as u16)
    }

    /// The path through the block, if all that it does not lead to has the same set.
    fn path(&mut self, block: Block) -> Result<Option<u16>, Full> {
        if !self.has_paths {
            return Ok(None);
        }
        let edges = [block.first, block.last()].map(|edge| self.set_of(edge));
        let longest = edges.into_iter().map(|other| (self.common_bytes(block, other), other));
        let Some(((bytes, inside), other)) = longest.max_by_key(|((bytes, _), _)| *bytes) else {
            return Ok(None);
        };
        let bytes = bytes.min(8);
        if bytes < MIN_PATH_BYTES {
            return Ok(None);
        }
        let index = self.tries.paths.len();
        if index == MAX_PATHS {
            return Err(Full);
        }
        let (bits, rest) = (8 * bytes, block.bits - 8 * bytes);
        let mask = u64::MAX << (64 - bits);
        // The block's values, from the top of 64 bits on.
        let top = inside << (128 - block.bits) >> 64;
        let path = TriePath { value: top as u64 & mask, mask, bits: bits as u16, ..<_>::default() };
        self.tries.paths.push(path);
        let next = self.word(Block { first: inside >> rest << rest, bits: rest })?;
        if let Some(slot) = self.tries.paths.get_mut(index) {
            *slot = TriePath { next, other, ..path };
        }
        Ok(Some(PATH | index as u16))
    }

    /// How many bytes of the block's values all those have in common that have another set than
    /// `other`, and one of them.
    fn common_bytes(&self, block: Block, other: u16) -> (u32, u128) {
        let parts = self.parts_of(block).filter(|(_, set)| *set != other);
        let values = parts.flat_map(|(part, _)| [part.first, part.last]);
        let (lowest, highest) =
            values.fold((u128::MAX, 0), |(low, high), value| (low.min(value), high.max(value)));
        let equal = (lowest ^ highest).leading_zeros().saturating_sub(128 - block.bits);
        (equal / 8, lowest)
    }

    /// The parts that reach into the block, as far as they do.
    fn parts_of(&self, block: Block) -> impl Iterator<Item = (Range, u16)> {
        let begin = self.parts.partition_point(|&(start, _)| start <= block.first);
        let parts = self.parts.get(begin.saturating_sub(1)..).unwrap_or_default();
        let ends = parts.iter().skip(1).map(|&(next, _)| next - 1).chain([u128::MAX]);
        let parts = parts.iter().zip(ends).take_while(move |((at, _), _)| *at <= block.last());
        parts.map(move |(&(start, set), end)| {
            (Range { first: start.max(block.first), last: end.min(block.last()) }, set)
        })
    }

    fn set_of(&self, value: u128) -> u16 {
        let behind = self.parts.partition_point(|&(start, _)| start <= value);
        let part = behind.checked_sub(1).and_then(|index| self.parts.get(index));
        part.map_or(0, |&(_, set)| set)
    }

    /// The set of all values of the block, if it is one.
    fn only_set(&self, block: Block) -> Option<u16> {
        let mut parts = self.parts_of(block);
        let (_, set) = parts.next()?;
        parts.next().is_none().then_some(set)
    }
}

struct Range {
    first: u128,
    last: u128,
}

impl Block {
    fn last(self) -> u128 {
        match self.bits {
            128 => u128::MAX,
            bits => self.first | !(u128::MAX << bits),
        }
    }
}

/// The sets that words lead to, each once.
#[derive(Debug, Default)]
pub(super) struct Sets {
    pub(super) sets: Vec<RuleSet>,
    numbers: std::collections::HashMap<RuleSet, usize>,
}

impl Sets {
    /// `None` beyond [`MAX_SETS`].
    pub(super) fn number_of(&mut self, set: RuleSet) -> Option<u16> {
        let next = self.sets.len();
        let number = *self.numbers.entry(set).or_insert(next);
        if number == next {
            if next == MAX_SETS {
                self.numbers.remove(&set);
                return None;
            }
            self.sets.push(set);
        }
        Some(number as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Follow a value of so many bytes: the set, and the steps.
    fn find(tries: &Tries, root: u16, bytes: u32, value: u128) -> (u16, u32) {
        let (mut word, mut value, mut steps) = (root, value << (128 - 8 * bytes), 0);
        while word & LEAF == 0 {
            steps += 1;
            if word & PATH != 0 {
                let path = tries.paths[usize::from(word & !PATH)];
                if (value >> 64) as u64 & path.mask != path.value {
                    return (path.other, steps);
                }
                (word, value) = (path.next, value << path.bits);
            } else {
                (word, value) =
                    (tries.nodes[usize::from(word)][(value >> 120) as usize], value << 8);
            }
        }
        (word & !LEAF, steps)
    }

    #[test]
    fn short_prefixes_end_early_and_long_ones_go_down() {
        let mut tries = Tries::default();
        let ten = 10 << 24;
        let host = ten | 0x1_0203;
        let parts = [(0, 0), (ten, 1), (host, 2), (host + 1, 1), (11 << 24, 0)];
        let root = tries.add(4, &parts).unwrap();
        assert_eq!(find(&tries, root, 4, 9 << 24), (0, 1));
        assert_eq!(find(&tries, root, 4, ten), (1, 2));
        assert_eq!(find(&tries, root, 4, host), (2, 2));
        assert_eq!(find(&tries, root, 4, host - 1), (1, 2));
        assert_eq!(find(&tries, root, 4, host + 1), (1, 2));
        assert_eq!(find(&tries, root, 4, 11 << 24), (0, 1));
        assert_eq!((tries.nodes.len(), tries.paths.len()), (1, 1));
    }

    #[test]
    fn what_all_prefixes_have_in_common_is_one_step() {
        let mut tries = Tries::default();
        let net = 0x2001_0db8_u128 << 96;
        let hosts = (1..4_u128).flat_map(|n| [(net | n << 80 | 5, 1), (net | n << 80 | 6, 0)]);
        let parts: Vec<_> = [(0, 0)].into_iter().chain(hosts).collect();
        let root = tries.add(16, &parts).unwrap();
        assert_eq!(find(&tries, root, 16, net | 2 << 80 | 5), (1, 4));
        assert_eq!(find(&tries, root, 16, net | 2 << 80 | 4), (0, 4));
        assert_eq!(find(&tries, root, 16, 1), (0, 1));
        assert_eq!(find(&tries, root, 16, net | 9 << 80), (0, 2));
    }

    #[test]
    fn the_first_and_the_last_of_the_widest_values() {
        let mut tries = Tries::default();
        let parts = [(0, 2), (1, 0), (u128::MAX, 1)];
        let root = tries.add(16, &parts).unwrap();
        for (value, set) in [(0, 2), (1, 0), (u128::MAX / 2, 0), (u128::MAX - 1, 0), (u128::MAX, 1)]
        {
            assert_eq!(find(&tries, root, 16, value).0, set, "{value:x}");
        }
    }

    #[test]
    fn there_is_an_end_to_it() {
        let odd = (1..10_000_u16).map(|at| (u128::from(at) << 16 | 1, at));
        let parts: Vec<_> = [(0, 0)].into_iter().chain(odd).collect();
        assert_eq!(Tries::default().add(16, &parts), Err(Full));
    }
}
