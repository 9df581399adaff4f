use super::RuleSet;
use crate::Dimension;

/// Words in a node of a trie: one for each value of a byte.
pub const NODE_WORDS: u32 = 256;

/// In a word of a trie: the rest is the index of a set of rules. Without it, the word is the index
/// of the next node's first word.
pub const LEAF: u32 = 1 << 31;

/// Where the look-ups of each dimension begin. By [`Dimension`] as a number.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// All rules. Without any dimension in use, they take every packet.
    pub rules: RuleSet,
    /// [`Dimension::bit`] of each dimension that some rule cares about.
    pub used: u32,
    /// Always 0: keeps the layout free of holes.
    pub reserved: u32,
    /// Index of the first word of the root.
    pub roots: [u32; Dimension::COUNT],
    /// Index of the set of rules that take packets without a value.
    pub absent: [u32; Dimension::COUNT],
}

const _: () = assert!(size_of::<Plan>() == 32 + 8 + 8 * Dimension::COUNT);

impl Plan {
    /// Whether some rule cares about that dimension.
    #[inline(always)]
    pub const fn uses(&self, dimension: Dimension) -> bool {
        self.used & dimension.bit() != 0
    }
}
