use super::RuleSet;
use crate::Dimension;

/// Words in a node of a trie: one for each value of a byte.
pub const NODE_WORDS: usize = 256;

/// Nodes in the tries of tables, at most: 4 MiB.
pub const MAX_NODES: usize = 8192;

/// Different sets of rules in tables, at most: 256 KiB.
pub const MAX_SETS: usize = 8192;

/// Different sample rates that tables have room for, and different numbers of payload bytes.
pub const MAX_CLASSES: usize = 8;

/// Paths in the tries of tables, at most.
pub const MAX_PATHS: usize = 8192;

/// One step of a look-up, in which the value of a byte chooses the next word.
///
/// A word leads to what its upper bits say, and the rest is an index there: with [`LEAF`] to a set of
/// rules, at which the look-up ends; with [`PATH`] to a [`TriePath`]; with neither to a node.
pub type TrieNode = [u16; NODE_WORDS];

/// See [`TrieNode`].
pub const LEAF: u16 = 1 << 15;

/// See [`TrieNode`].
pub const PATH: u16 = 1 << 14;

const _: () = assert!(MAX_NODES <= PATH as usize && MAX_PATHS <= PATH as usize);
const _: () = assert!(MAX_SETS <= LEAF as usize);

/// Several steps of a look-up at once, where all but one value lead to the same set.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TriePath {
    /// What the next bytes have to be, from the top.
    pub value: u64,
    /// Which bits of `value` count.
    pub mask: u64,
    /// How many bits those are: 16 to 64, a multiple of 8.
    pub bits: u16,
    /// The word where they are that. With another value the look-up ends.
    pub next: u16,
    /// Index of the set of rules for all other values.
    pub other: u16,
    /// Always 0: keeps the layout free of holes.
    pub reserved: u16,
}

const _: () = assert!(size_of::<TriePath>() == 24);

/// Where the look-ups of each dimension begin, by [`Dimension`] as a number, and what becomes of the
/// packets that match.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// All rules. Without any dimension in use, they take every packet.
    pub rules: RuleSet,
    /// The rules of interests that want every packet and not just a sample.
    pub unsampled: RuleSet,
    /// [`Dimension::bit`] of each dimension that some rule cares about.
    pub used: u32,
    /// Tells these tables from those before; stands in what a tap publishes.
    pub generation: u32,
    /// Goes into the hash by which flows are sampled, so that nobody outside can know the sample.
    pub seed: u32,
    /// 1 if some rule's packets are sampled by chance.
    pub sampled_by_packet: u8,
    /// 1 if some rule's packets are sampled by flow.
    pub sampled_by_flow: u8,
    /// 1 if some rule asks for payload.
    pub with_payload: u8,
    /// 1 if records are stamped by the clock that ticks with the kernel's timer, every 1 to 10 ms.
    pub coarse_time: u8,
    /// 1 if every packet is kept for all rules, without a look at it.
    pub keeps_all: u32,
    /// Always 0: keeps the layout free of holes.
    pub reserved: u32,
    /// The first word.
    pub roots: [u16; Dimension::COUNT],
    /// Index of the set of rules that take packets without a value.
    pub absent: [u16; Dimension::COUNT],
    pub samples: [SampleClass; MAX_CLASSES],
    /// Those with more bytes first.
    pub payloads: [PayloadClass; MAX_CLASSES],
}

/// Two sets of tables, of which one judges packets while the other is written.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plans {
    /// Which one judges packets: 0 or 1.
    pub active: u32,
    /// Always 0: keeps the layout free of holes.
    pub reserved: u32,
    pub plans: [Plan; 2],
}

const _: () = assert!(size_of::<Plans>() == 8 + 2 * size_of::<Plan>());

/// The rules that are sampled in one way.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SampleClass {
    pub rules: RuleSet,
    /// A packet is kept when its number, of 32 bits, is below this.
    pub below: u32,
    /// 1: the number is a hash of the packet's flow; 0: it is drawn anew.
    pub by_flow: u32,
}

/// The rules that ask for so many payload bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PayloadClass {
    pub rules: RuleSet,
    /// At least 1.
    pub bytes: u32,
    /// Always 0: keeps the layout free of holes.
    pub reserved: u32,
}

const _: () = assert!(
    size_of::<Plan>() == 2 * 32 + 4 * 6 + 4 * Dimension::COUNT + 2 * MAX_CLASSES * (32 + 8)
);

impl Plan {
    /// Whether some rule cares about that dimension.
    #[inline(always)]
    pub const fn uses(&self, dimension: Dimension) -> bool {
        self.used & dimension.bit() != 0
    }

    /// Whether it takes a packet's keys to judge it.
    #[inline(always)]
    pub fn needs_keys(&self) -> bool {
        self.used != 0 || self.sampled_by_flow != 0
    }

    /// The payload bytes that the greediest of these rules asks for.
    #[inline(always)]
    pub fn payload(&self, kept: RuleSet) -> u32 {
        // Most tables have none, and then nothing is looked at.
        if self.with_payload == 0 {
            return 0;
        }
        let mut bytes = 0;
        for class in &self.payloads {
            if bytes == 0 && class.rules.meets(kept) {
                bytes = class.bytes;
            }
        }
        bytes
    }
}
