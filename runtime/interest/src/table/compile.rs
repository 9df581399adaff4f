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
