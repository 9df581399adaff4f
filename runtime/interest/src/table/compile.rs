use std::collections::HashMap;

use super::{
    Lookup, MAX_RULES, Plan, RuleSet, classify,
    partition::Partition,
    trie::{Full, Sets, Words},
};
use crate::{Dimension, Filter, Keys, Rule, Set};

/// Words in the tries of tables, at most: 8 MiB.
pub const MAX_WORDS: usize = 8192 * super::NODE_WORDS as usize;

/// Different sets of rules in tables, at most: 256 KiB.
pub const MAX_SETS: usize = 8192;

/// Any number of filters as tables. Never changed: new filters make new tables.
#[derive(Clone, Debug)]
pub struct Tables {
    plan: Plan,
    words: Vec<u32>,
    sets: Vec<RuleSet>,
    rules: Vec<Rule>,
    filters: Vec<RuleSet>,
    classes: [usize; Dimension::COUNT],
    interfaces: Vec<(String, u32)>,
}

/// Why filters don't fit into one set of tables. `filter` is its place in the list, from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    #[error(
        "filter {filter} needs {needed} rules and {left} of {MAX_RULES} are left: narrow it, or \
         load fewer plugins with filters of their own"
    )]
    TooManyRules { filter: usize, needed: usize, left: usize },
    #[error(
        "the filters together have too many different values of {}: use shorter prefixes, or \
         ranges in place of single values",
        dimension.name()
    )]
    TooManyValues { dimension: Dimension },
}

impl Tables {
    /// Compile filters. Rules that are the same, in one filter or in several, share a bit.
    ///
    /// `interfaces` are the names and indexes of those that there are taps on. A filter that names
    /// another matches no packet by that name.
    pub fn compile(filters: &[&Filter], interfaces: &[(&str, u32)]) -> Result<Self, CompileError> {
        let mut bits = Bits::default();
        for (number, filter) in filters.iter().enumerate() {
            bits.add(number, filter, interfaces)?;
        }
        let mut tables = Self {
            plan: Plan { rules: first(bits.rules.len()), ..Plan::default() },
            words: Vec::new(),
            sets: Vec::new(),
            rules: bits.rules,
            filters: bits.filters,
            classes: [1; Dimension::COUNT],
            interfaces: interfaces.iter().map(|&(name, index)| (name.to_owned(), index)).collect(),
        };
        tables.build()?;
        Ok(tables)
    }

    fn build(&mut self) -> Result<(), CompileError> {
        let (mut words, mut sets) = (Words::default(), Sets::default());
        let slots = self.plan.roots.iter_mut().zip(&mut self.plan.absent).zip(&mut self.classes);
        for (dimension, ((root, absent), classes)) in Dimension::ALL.into_iter().zip(slots) {
            let Some(partition) = Partition::of(self.rules.iter(), dimension) else { continue };
            let parts = partition.parts.iter();
            let numbered: Vec<_> = parts.map(|&(at, set)| (at, sets.number_of(set))).collect();
            let full = CompileError::TooManyValues { dimension };
            let trie = words.trie(dimension.bytes(), &numbered);
            *root = trie.map_err(|Full| full.clone())?;
            *absent = sets.number_of(partition.absent);
            *classes = partition.classes();
            self.plan.used |= dimension.bit();
            if sets.sets.len() > MAX_SETS {
                return Err(full);
            }
        }
        (self.words, self.sets) = (words.0, sets.sets);
        Ok(())
    }

    /// The rules that take a packet.
    pub fn classify(&self, keys: &Keys) -> RuleSet {
        classify(self, keys)
    }

    /// The bits of a filter's rules; it takes the packet if [`RuleSet::meets`]. By the filter's place
    /// in the list.
    pub fn filter(&self, number: usize) -> Option<RuleSet> {
        self.filters.get(number).copied()
    }

    /// By their bits. In the dimension of interfaces, numbers are interface indexes.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Into how many classes the values of a dimension fall, "has none" included: 1 where no rule
    /// cares.
    pub fn classes(&self, dimension: Dimension) -> usize {
        self.classes.get(dimension as usize).copied().unwrap_or(1)
    }

    pub(crate) fn interface_name(&self, index: u32) -> Option<&str> {
        let found = self.interfaces.iter().find(|(_, other)| *other == index);
        found.map(|(name, _)| name.as_str())
    }

    /// Where look-ups begin.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// All tries; at most [`MAX_WORDS`].
    pub fn words(&self) -> &[u32] {
        &self.words
    }

    /// All sets that tries lead to; at most [`MAX_SETS`].
    pub fn sets(&self) -> &[RuleSet] {
        &self.sets
    }
}

impl Lookup for Tables {
    fn plan(&self) -> Option<&Plan> {
        Some(&self.plan)
    }

    fn word(&self, index: u32) -> Option<u32> {
        self.words.get(index as usize).copied()
    }

    fn set(&self, index: u32) -> Option<&RuleSet> {
        self.sets.get(index as usize)
    }
}

/// Gives rules their bits.
#[derive(Default)]
struct Bits {
    rules: Vec<Rule>,
    by_rule: HashMap<Rule, usize>,
    filters: Vec<RuleSet>,
}

impl Bits {
    fn add(
        &mut self,
        number: usize,
        filter: &Filter,
        interfaces: &[(&str, u32)],
    ) -> Result<(), CompileError> {
        let resolved = filter.rules().iter();
        let resolved: Vec<_> =
            resolved.filter_map(|rule| resolve(rule, filter, interfaces)).collect();
        let left = MAX_RULES - self.rules.len();
        let needed = resolved.iter().filter(|rule| !self.by_rule.contains_key(rule)).count();
        if needed > left {
            return Err(CompileError::TooManyRules { filter: number, needed, left });
        }
        let mut bits = RuleSet::EMPTY;
        for rule in resolved {
            let next = self.rules.len();
            let bit = *self.by_rule.entry(rule).or_insert_with_key(|rule| {
                self.rules.push(rule.clone());
                next
            });
            bits.set(bit, true);
        }
        self.filters.push(bits);
        Ok(())
    }
}

/// The rule with interface indexes in place of the numbers of names; `None` where it names only
/// interfaces that there are no taps on.
fn resolve(rule: &Rule, filter: &Filter, interfaces: &[(&str, u32)]) -> Option<Rule> {
    let Some(names) = rule.set(Dimension::Interface) else { return Some(rule.clone()) };
    let named = filter.interfaces().iter().zip(0_u32..).filter(|(_, number)| {
        // A rule speaks of an interface where it treats it unlike those without a name here.
        names.contains(Some((*number).into())) != names.contains(Some(u32::MAX.into()))
    });
    let indexes = named.flat_map(|(name, _)| {
        interfaces.iter().filter(move |(other, _)| other == name).map(|(_, index)| *index)
    });
    let indexes = indexes.map(|index| (index.into(), index.into())).collect();
    let set = Set::from_ranges(false, indexes);
    let set = match names.contains(Some(u32::MAX.into())) {
        true => set.not(Dimension::Interface),
        false => set,
    };
    let mut resolved = rule.clone();
    if set.is_empty() {
        return None;
    }
    resolved.replace(Dimension::Interface, set);
    Some(resolved)
}

/// The first so many rules.
fn first(count: usize) -> RuleSet {
    let mut rules = RuleSet::EMPTY;
    (0..count).for_each(|rule| rules.set(rule, true));
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(text: String) -> Filter {
        Filter::parse(&text).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Rules that can't be merged.
    fn apart(range: std::ops::Range<usize>) -> Filter {
        let rules: Vec<_> = range.map(|n| format!("(src port {} and ttl {n})", 2 * n)).collect();
        filter(rules.join(" or "))
    }

    #[test]
    fn bits_are_given_until_there_are_none() {
        // Ten of them are shared.
        let (most, more) = (apart(0..200), apart(190..256));
        assert!(Tables::compile(&[&most, &more], &[]).is_ok());
        let last = filter("udp or (vlan and arp)".to_owned());
        let error = Tables::compile(&[&most, &more, &last], &[]).unwrap_err();
        assert_eq!(error, CompileError::TooManyRules { filter: 2, needed: 2, left: 0 });
    }

    #[test]
    fn the_last_bit_works() {
        let (most, rest) = (apart(0..200), apart(200..256));
        let tables = Tables::compile(&[&most, &rest], &[]).unwrap();
        assert_eq!(tables.rules().len(), MAX_RULES);
        let present = [Dimension::Kind, Dimension::SrcPort, Dimension::Ttl, Dimension::Protocol];
        let present = present.iter().fold(0, |bits, one| bits | one.bit());
        let keys =
            Keys { src_port: 510, ttl: 255, present, kind: 1, protocol: 6, ..Keys::default() };
        assert_eq!(tables.classify(&keys).bits().collect::<Vec<_>>(), [255]);
        assert!(tables.filter(1).unwrap().has(255) && !tables.filter(0).unwrap().has(255));
        assert_eq!(tables.filter(2), None);
    }

    #[test]
    fn a_dimension_that_no_rule_uses_is_not_looked_up() {
        let tables = Tables::compile(&[&filter("tcp".to_owned())], &[]).unwrap();
        assert_eq!(tables.plan().used, Dimension::Protocol.bit());
        assert_eq!(tables.words().len(), 256);
        let none = Tables::compile(&[], &[]).unwrap();
        assert_eq!((none.plan().used, none.plan().rules), (0, RuleSet::EMPTY));
        let all = Tables::compile(&[&filter(String::new())], &[]).unwrap();
        assert_eq!(all.classify(&Keys::default()).bits().collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn too_many_long_prefixes_are_refused() {
        let hosts = |n: usize| {
            let host = |m| format!("2001:db8:{n:x}:{m:x}::1");
            filter(format!("dst host {}", (0..100).map(host).collect::<Vec<_>>().join(" or ")))
        };
        let filters: Vec<_> = (0..20).map(hosts).collect();
        let error = Tables::compile(&filters.iter().collect::<Vec<_>>(), &[]).unwrap_err();
        assert_eq!(error, CompileError::TooManyValues { dimension: Dimension::DstV6 });
    }

    #[test]
    fn interfaces_by_name_become_indexes() {
        let interfaces = [("eth0", 2), ("eth1", 70_000)];
        let takes = |text: &str, ifindex| {
            let filter = filter(text.to_owned());
            let keys = Keys { ifindex, present: Dimension::Interface.bit(), ..Keys::default() };
            !Tables::compile(&[&filter], &interfaces).unwrap().classify(&keys).is_empty()
        };
        for (text, expected) in [
            ("iface eth1", [false, true, false]),
            ("not iface eth1", [true, false, true]),
            ("iface eth0 or eth1 or eth7", [true, true, false]),
            ("not iface eth7", [true, true, true]),
            ("iface eth7", [false, false, false]),
            ("iface eth0 or not iface eth7", [true, true, true]),
        ] {
            assert_eq!([2, 70_000, 5].map(|index| takes(text, index)), expected, "{text}");
        }
    }
}
