use super::RuleSet;
use crate::{Dimension, Rule};

/// The values of a dimension, cut where rules begin and end to care.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Partition {
    /// First value of each part, from 0 on, and the rules that take the part.
    pub(super) parts: Vec<(u128, RuleSet)>,
    /// The rules that take packets without a value.
    pub(super) absent: RuleSet,
}

/// A rule begins or ends to take values here.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    at: u128,
    rule: usize,
    begins: bool,
}

impl Partition {
    /// `None` where no rule cares. Rules are numbered from 0.
    pub(super) fn of<'a>(
        rules: impl Iterator<Item = &'a Rule> + Clone,
        dimension: Dimension,
    ) -> Option<Self> {
        rules.clone().find(|rule| rule.set(dimension).is_some())?;
        let (mut taken, mut absent, mut edges) = (RuleSet::EMPTY, RuleSet::EMPTY, Vec::new());
        for (number, rule) in rules.enumerate() {
            let Some(set) = rule.set(dimension) else {
                taken.set(number, true);
                absent.set(number, true);
                continue;
            };
            absent.set(number, set.takes_absent());
            for &(first, last) in set.ranges() {
                edges.push(Edge { at: first, rule: number, begins: true });
                // No value is behind the last one, so that nothing can end there.
                if last < dimension.last() {
                    edges.push(Edge { at: last + 1, rule: number, begins: false });
                }
            }
        }
        edges.sort_unstable();
        let mut parts = vec![(0, taken)];
        for edge in edges {
            taken.set(edge.rule, edge.begins);
            match parts.last_mut() {
                Some((at, part)) if *at == edge.at => *part = taken,
                _ => parts.push((edge.at, taken)),
            }
        }
        // Where one rule ends and another of the same set begins, nothing changes.
        parts.dedup_by_key(|(_, part)| *part);
        Some(Self { parts, absent })
    }

    /// How many sets of rules tell values apart.
    pub(super) fn classes(&self) -> usize {
        let mut classes: Vec<_> = self.parts.iter().map(|(_, rules)| rules.0).collect();
        classes.push(self.absent.0);
        classes.sort_unstable();
        classes.dedup();
        classes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Set;

    fn rules(bits: &[usize]) -> RuleSet {
        let mut set = RuleSet::EMPTY;
        bits.iter().for_each(|&bit| set.set(bit, true));
        set
    }

    #[test]
    fn parts_change_where_rules_do() {
        let of = |range| Rule::of(Dimension::DstPort, Set::range(range));
        let all = [of(80..=90), Rule::default(), of(85..=65535), of(0..=79)];
        let partition = Partition::of(all.iter(), Dimension::DstPort).unwrap();
        let expected = [
            (0, rules(&[1, 3])),
            (80, rules(&[0, 1])),
            (85, rules(&[0, 1, 2])),
            (91, rules(&[1, 2])),
        ];
        assert_eq!(partition.parts, expected);
        assert_eq!(partition.absent, rules(&[1]));
        assert_eq!(partition.classes(), 5);
        assert_eq!(Partition::of(all.iter(), Dimension::SrcPort), None);
    }
}
