//! Rules: a filter in disjunctive normal form, each conjunction a set of values per dimension.

mod conflict;
mod formula;
mod implied;
mod lower;
mod merge;
mod normal;
mod set;
mod words;

use std::collections::BTreeMap;

pub(crate) use conflict::Conflict;
pub(crate) use lower::lower;
pub(crate) use merge::Rules;
pub(crate) use normal::{Abort, normalize};
pub use set::Set;
pub(crate) use words::{NameOf, in_words, rule_in_words};

use crate::{Dimension, Keys};

/// A conjunction: packets whose value in each of these dimensions is in its set.
///
/// A dimension without an entry takes every packet, and no entry is empty or full.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rule {
    sets: BTreeMap<Dimension, Set>,
}

impl Rule {
    /// Packets whose value in that dimension is in the set. The set is not empty.
    pub(crate) fn of(dimension: Dimension, set: Set) -> Self {
        let mut rule = Self::default();
        rule.replace(dimension, set);
        rule
    }

    /// The dimensions that the rule cares about, and what it wants there.
    pub fn sets(&self) -> impl Iterator<Item = (Dimension, &Set)> {
        self.sets.iter().map(|(&dimension, set)| (dimension, set))
    }

    /// What the rule wants in that dimension; `None` is anything.
    pub fn set(&self, dimension: Dimension) -> Option<&Set> {
        self.sets.get(&dimension)
    }

    /// The dimensions that turn the packet away. The rule matches if there are none.
    ///
    /// In a [`Filter`](crate::Filter)'s rules, interfaces are numbers of names, not the indexes that
    /// keys have; in those of [`Tables`](crate::Tables) they are indexes.
    pub fn turned_away_by(&self, keys: &Keys) -> impl Iterator<Item = Dimension> {
        self.sets().filter(|(one, set)| !set.contains(keys.value(*one))).map(|(one, _)| one)
    }

    /// Want this instead in that dimension.
    pub(crate) fn replace(&mut self, dimension: Dimension, set: Set) {
        if set.is_full(dimension) {
            self.sets.remove(&dimension);
        } else {
            self.sets.insert(dimension, set);
        }
    }

    pub(crate) fn remove(&mut self, dimension: Dimension) {
        self.sets.remove(&dimension);
    }

    /// Packets that both take, or why there can't be any.
    pub(crate) fn and(&self, other: &Self) -> Result<Self, Conflict> {
        let mut both = self.clone();
        for (dimension, right) in other.sets() {
            let set = match self.set(dimension) {
                None => right.clone(),
                Some(left) => left.and(right),
            };
            if set.is_empty() {
                let left = self.set(dimension).unwrap_or(right);
                return Err(Conflict::new((dimension, left), (dimension, right)));
            }
            both.replace(dimension, set);
        }
        both.simplify()
    }

    /// Whether every packet of the other is one of this.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.sets().all(|(dimension, set)| {
            other.set(dimension).is_some_and(|narrower| narrower.is_within(set))
        })
    }

    /// Both in one, where they differ in one dimension only.
    pub(crate) fn joined(&self, other: &Self) -> Option<Self> {
        let differs = |&&one: &&Dimension| self.set(one) != other.set(one);
        let mut differing = Dimension::ALL.iter().filter(differs);
        let (&dimension, None) = (differing.next()?, differing.next()) else { return None };
        let mut both = self.clone();
        match (self.set(dimension), other.set(dimension)) {
            (Some(left), Some(right)) => both.replace(dimension, left.or(right)),
            _ => both.remove(dimension),
        }
        Some(both)
    }
}
