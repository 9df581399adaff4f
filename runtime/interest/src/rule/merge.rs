use super::Rule;

/// Alternatives, none of which covers another, or can be one with another.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules(Vec<Rule>);

impl Rules {
    /// Add an alternative. Returns how many pairs of rules were looked at.
    pub(crate) fn insert(&mut self, mut rule: Rule) -> usize {
        let mut pairs = 0;
        loop {
            pairs += self.0.len();
            if self.0.iter().any(|other| other.covers(&rule)) {
                return pairs;
            }
            self.0.retain(|other| !rule.covers(other));
            let mut others = self.0.iter().enumerate();
            let joined = others.find_map(|(at, other)| Some((at, other.joined(&rule)?)));
            let Some((at, both)) = joined else { break };
            self.0.remove(at);
            // What was joined may be joined again.
            rule = both;
        }
        self.0.push(rule);
        pairs
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn into_inner(self) -> Vec<Rule> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dimension, Set};

    fn rule(wishes: &[(Dimension, std::ops::RangeInclusive<u128>)]) -> Rule {
        wishes.iter().fold(Rule::default(), |rule, (dimension, range)| {
            rule.and(&Rule::of(*dimension, Set::range(range.clone()))).unwrap()
        })
    }

    fn merged(rules: &[Rule]) -> Vec<Rule> {
        let mut merged = Rules::default();
        for rule in rules {
            merged.insert(rule.clone());
        }
        merged.into_inner()
    }

    #[test]
    fn a_square_in_four_pieces_is_one_rule() {
        let piece = |a: u128, b: u128| {
            rule(&[(Dimension::Length, a..=a + 9), (Dimension::Interface, b..=b + 9)])
        };
        let whole = rule(&[(Dimension::Length, 0..=19), (Dimension::Interface, 0..=19)]);
        assert_eq!(merged(&[piece(0, 0), piece(10, 10), piece(10, 0), piece(0, 10)]), [whole]);
    }

    #[test]
    fn what_is_covered_goes() {
        let narrow = rule(&[(Dimension::Length, 5..=5), (Dimension::Interface, 1..=1)]);
        let wide = rule(&[(Dimension::Length, 0..=9)]);
        for order in [[&narrow, &wide], [&wide, &narrow]] {
            assert_eq!(merged(&order.map(Rule::clone)), std::slice::from_ref(&wide));
        }
        assert_eq!(merged(&[wide, Rule::default()]), [Rule::default()]);
    }

    #[test]
    fn what_differs_twice_stays_apart() {
        let rules = [
            rule(&[(Dimension::Length, 1..=1), (Dimension::Interface, 1..=1)]),
            rule(&[(Dimension::Length, 2..=2), (Dimension::Interface, 2..=2)]),
        ];
        assert_eq!(merged(&rules), rules);
    }
}
