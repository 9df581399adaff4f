use super::{LEAF, PATH, Plan, RuleSet, TrieNode, TriePath};
use crate::{Dimension, Keys};

/// Compiled tables, wherever they are: maps in the kernel, vectors on the host.
///
/// `None` means that there is no such index, which tables from the compiler never lead to; no rule
/// matches then.
pub trait Lookup {
    /// Where look-ups begin.
    fn plan(&self) -> Option<&Plan>;
    /// Node `index` of the tries.
    fn node(&self, index: u16) -> Option<&TrieNode>;
    /// Path `index` of the tries.
    fn path(&self, index: u16) -> Option<&TriePath>;
    /// Set `index` of rules.
    fn set(&self, index: u16) -> Option<&RuleSet>;
}

/// Bytes in a path, at least: for one, a node is quicker.
pub(super) const MIN_PATH_BYTES: u32 = 2;

/// The rules that take a packet.
///
/// For every dimension in use: one step for each byte of its value, at most (16 for IPv6 addresses,
/// four for IPv4, two for ports), fewer where a shorter prefix decides or prefixes have much in
/// common, and one set. Ends as soon as no rule is left.
#[inline(always)]
pub fn classify<L: Lookup + ?Sized>(tables: &L, keys: &Keys) -> RuleSet {
    let Some(plan) = tables.plan() else { return RuleSet::EMPTY };
    let mut search = Search { tables, plan, keys, left: plan.rules };
    match search.run() {
        Some(()) => search.left,
        None => RuleSet::EMPTY,
    }
}

struct Search<'a, L: ?Sized> {
    tables: &'a L,
    plan: &'a Plan,
    keys: &'a Keys,
    left: RuleSet,
}

impl<L: Lookup + ?Sized> Search<'_, L> {
    /// `None` where no rule is left. One call each, because a loop over dimensions would make the
    /// verifier and the compiler lose what is constant about each.
    #[inline(always)]
    fn run(&mut self) -> Option<()> {
        self.narrow(Dimension::Kind)?;
        self.narrow(Dimension::Protocol)?;
        self.narrow(Dimension::DstPort)?;
        self.narrow(Dimension::SrcPort)?;
        self.narrow(Dimension::TcpFlags)?;
        self.narrow(Dimension::DstV4)?;
        self.narrow(Dimension::SrcV4)?;
        self.narrow(Dimension::DstV6)?;
        self.narrow(Dimension::SrcV6)?;
        self.narrow(Dimension::Vlan)?;
        self.narrow(Dimension::Interface)?;
        self.narrow(Dimension::Direction)?;
        self.narrow(Dimension::Fragment)?;
        self.narrow(Dimension::Length)?;
        self.narrow(Dimension::Ttl)?;
        self.narrow(Dimension::Dscp)
    }

    #[inline(always)]
    fn narrow(&mut self, dimension: Dimension) -> Option<()> {
        if !self.plan.uses(dimension) {
            return Some(());
        }
        let set = if self.keys.has(dimension) {
            self.find(dimension)?
        } else {
            self.plan.absent[dimension as usize]
        };
        self.left = self.left.and(*self.tables.set(set)?);
        if self.left.is_empty() { None } else { Some(()) }
    }

    /// The index of the set for the packet's value.
    #[inline(always)]
    fn find(&self, dimension: Dimension) -> Option<u16> {
        let [mut hi, mut lo] = self.keys.top_aligned(dimension);
        let mut word = self.plan.roots[dimension as usize];
        for _ in 0..dimension.bytes() {
            // A trie of a path alone is none.
            if dimension.bytes() > MIN_PATH_BYTES && word & (LEAF | PATH) == PATH {
                let path = self.tables.path(word & !PATH)?;
                if hi & path.mask != path.value {
                    return Some(path.other);
                }
                word = path.next;
                [hi, lo] = shifted(hi, lo, path.bits);
            } else if word & LEAF == 0 {
                word = self.tables.node(word)?[usize::from((hi >> 56) as u8)];
                [hi, lo] = [hi << 8 | lo >> 56, lo << 8];
            }
            if word & LEAF != 0 {
                return Some(word & !LEAF);
            }
        }
        None
    }
}

/// Without so many bits at the top, of which there are at least 8.
#[inline(always)]
fn shifted(hi: u64, lo: u64, bits: u16) -> [u64; 2] {
    match bits {
        64.. => [lo, 0],
        _ => [hi << (bits & 63) | lo >> ((64 - bits) & 63), lo << (bits & 63)],
    }
}
