use super::{LEAF, Plan, RuleSet, TrieNode};
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
    /// Set `index` of rules.
    fn set(&self, index: u16) -> Option<&RuleSet>;
}

/// The rules that take a packet.
///
/// For every dimension in use: one word for each byte of its value, at most (16 for IPv6 addresses,
/// four for IPv4, two for ports), fewer where a shorter prefix decides, and one set. Ends as soon
/// as no rule is left.
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
        let mut node = self.plan.roots[dimension as usize];
        for _ in 0..dimension.bytes() {
            let byte = (hi >> 56) as u8;
            let word = self.tables.node(node)?[usize::from(byte)];
            if word & LEAF != 0 {
                return Some(word & !LEAF);
            }
            node = word;
            hi = hi << 8 | lo >> 56;
            lo <<= 8;
        }
        None
    }
}
