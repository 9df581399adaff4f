use super::{LEAF, MAX_NODES, MAX_SETS, NODE_WORDS, RuleSet, TrieNode};

/// The tries of all dimensions, in one array of nodes.
#[derive(Debug, Default)]
pub(super) struct Nodes(pub(super) Vec<TrieNode>);

/// The nodes would be more than [`MAX_NODES`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

/// A trie that is being built.
struct Trie<'a> {
    nodes: &'a mut Nodes,
    /// First value of each part, from 0 on, and the index of its set.
    parts: &'a [(u128, u16)],
}

impl Nodes {
    /// Add the trie of a dimension whose values have so many bytes. Returns the root's index.
    pub(super) fn trie(&mut self, bytes: u32, parts: &[(u128, u16)]) -> Result<u16, Full> {
        Trie { nodes: self, parts }.node(8 * bytes, 0)
    }
}

impl Trie<'_> {
    /// The node for the `bits` low bits of values from `first` on; `bits` is a multiple of 8 and at
    /// least 8.
    fn node(&mut self, bits: u32, first: u128) -> Result<u16, Full> {
        let index = self.nodes.0.len();
        if index == MAX_NODES {
            return Err(Full);
        }
        self.nodes.0.push([0; NODE_WORDS]);
        let below = bits - 8;
        let mut node = [0; NODE_WORDS];
        for (byte, word) in (0_u128..).zip(&mut node) {
            let start = first | byte << below;
            *word = match self.only_part(start, start | !(u128::MAX << below)) {
                Some(set) => LEAF | set,
                None => self.node(below, start)?,
            };
        }
        if let Some(slot) = self.nodes.0.get_mut(index) {
            *slot = node;
        }
        Ok(index as u16)
    }

    /// The set of the part that has all these values, if it is one.
    fn only_part(&self, first: u128, last: u128) -> Option<u16> {
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

    /// Follow a value of so many bytes.
    fn find(nodes: &Nodes, root: u16, bytes: u32, value: u128) -> (u16, u32) {
        let (mut node, mut looked) = (root, 0);
        for level in (0..bytes).rev() {
            looked += 1;
            let word = nodes.0[usize::from(node)][(value >> (8 * level) & 0xff) as usize];
            if word & LEAF != 0 {
                return (word & !LEAF, looked);
            }
            node = word;
        }
        panic!("{value} leads nowhere");
    }

    #[test]
    fn short_prefixes_end_early_and_long_ones_go_down() {
        let mut nodes = Nodes::default();
        let ten = 10 << 24;
        let host = ten | 0x1_0203;
        let parts = [(0, 0), (ten, 1), (host, 2), (host + 1, 1), (11 << 24, 0)];
        let root = nodes.trie(4, &parts).unwrap();
        assert_eq!(find(&nodes, root, 4, 9 << 24), (0, 1));
        assert_eq!(find(&nodes, root, 4, ten), (1, 2));
        assert_eq!(find(&nodes, root, 4, host), (2, 4));
        assert_eq!(find(&nodes, root, 4, host - 1), (1, 4));
        assert_eq!(find(&nodes, root, 4, host + 1), (1, 4));
        assert_eq!(find(&nodes, root, 4, 11 << 24), (0, 1));
        assert_eq!(nodes.0.len(), 4);
    }

    #[test]
    fn the_last_of_the_widest_values() {
        let mut nodes = Nodes::default();
        let root = nodes.trie(16, &[(0, 0), (u128::MAX, 1)]).unwrap();
        assert_eq!(find(&nodes, root, 16, u128::MAX), (1, 16));
        assert_eq!(find(&nodes, root, 16, u128::MAX - 1), (0, 16));
        assert_eq!(nodes.0.len(), 16);
    }

    #[test]
    fn there_is_an_end_to_it() {
        let odd = (1..10_000_u16).map(|at| (u128::from(at) << 8 | 1, at));
        let parts: Vec<_> = [(0, 0)].into_iter().chain(odd).collect();
        assert_eq!(Nodes::default().trie(16, &parts), Err(Full));
    }
}
