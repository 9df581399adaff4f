use std::ops::RangeInclusive;

use crate::Dimension;

/// A set of values in one dimension, of which "has none" is one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Set {
    absent: bool,
    /// First and last value; ascending, neither overlapping nor adjacent.
    ranges: Vec<(u128, u128)>,
}

impl Set {
    /// These values.
    pub(crate) fn range(range: RangeInclusive<u128>) -> Self {
        Self { absent: false, ranges: vec![range.into_inner()] }
    }

    /// This value.
    pub(crate) fn one(value: impl Into<u128>) -> Self {
        let value = value.into();
        Self::range(value..=value)
    }

    /// The bytes for which something holds.
    pub(crate) fn bytes(holds: impl Fn(u8) -> bool) -> Self {
        let bytes = (0..=u8::MAX).filter(|&byte| holds(byte));
        Self::from_ranges(false, bytes.map(|byte| (byte.into(), byte.into())).collect())
    }

    /// From ranges in any order.
    pub(crate) fn from_ranges(absent: bool, mut ranges: Vec<(u128, u128)>) -> Self {
        ranges.sort_unstable();
        let mut joined: Vec<(u128, u128)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match joined.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => joined.push((first, last)),
            }
        }
        Self { absent, ranges: joined }
    }

    /// Whether packets without a value are in it.
    pub fn takes_absent(&self) -> bool {
        self.absent
    }

    /// First and last value of each range; ascending, neither overlapping nor adjacent.
    pub fn ranges(&self) -> &[(u128, u128)] {
        &self.ranges
    }

    pub fn contains(&self, value: Option<u128>) -> bool {
        let Some(value) = value else { return self.absent };
        let behind = self.ranges.partition_point(|&(first, _)| first <= value);
        behind
            .checked_sub(1)
            .and_then(|at| self.ranges.get(at))
            .is_some_and(|&(_, last)| value <= last)
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.absent && self.ranges.is_empty()
    }

    /// Whether it is everything that a packet can have there.
    pub(crate) fn is_full(&self, dimension: Dimension) -> bool {
        (self.absent || dimension.is_always_there()) && self.ranges == [(0, dimension.last())]
    }

    /// All other values, and "has none" if packets can and it is not in this one.
    pub(crate) fn not(&self, dimension: Dimension) -> Self {
        let mut ranges = Vec::with_capacity(self.ranges.len() + 1);
        let mut next = Some(0);
        for &(first, last) in &self.ranges {
            if let Some(start) = next
                && start < first
            {
                ranges.push((start, first - 1));
            }
            next = last.checked_add(1);
        }
        if let Some(start) = next
            && start <= dimension.last()
        {
            ranges.push((start, dimension.last()));
        }
        Self { absent: !self.absent && !dimension.is_always_there(), ranges }
    }

    pub(crate) fn or(&self, other: &Self) -> Self {
        let ranges = [self.ranges.as_slice(), &other.ranges].concat();
        Self::from_ranges(self.absent || other.absent, ranges)
    }

    pub(crate) fn and(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.ranges.iter().peekable(), other.ranges.iter().peekable());
        let mut ranges = Vec::new();
        while let (Some(&&(a, b)), Some(&&(c, d))) = (left.peek(), right.peek()) {
            let (first, last) = (a.max(c), b.min(d));
            if first <= last {
                ranges.push((first, last));
            }
            if b < d {
                left.next()
            } else {
                right.next()
            };
        }
        Self { absent: self.absent && other.absent, ranges }
    }

    /// Whether all of it is in the other.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        (other.absent || !self.absent)
            && self.ranges.iter().all(|&(first, last)| {
                let behind = other.ranges.partition_point(|&(start, _)| start <= first);
                let around = behind.checked_sub(1).and_then(|at| other.ranges.get(at));
                around.is_some_and(|&(_, end)| last <= end)
            })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Small numbers, so that sets meet; 4095 is the last of this dimension.
    const DIMENSION: Dimension = Dimension::Vlan;

    fn sets() -> impl Strategy<Value = Set> {
        let value = prop_oneof![0_u128..20, 4085_u128..=4095];
        let range = (value.clone(), value).prop_map(|(a, b)| (a.min(b), a.max(b)));
        (any::<bool>(), prop::collection::vec(range, 0..5))
            .prop_map(|(absent, ranges)| Set::from_ranges(absent, ranges))
    }

    fn values() -> impl Iterator<Item = Option<u128>> {
        (0..22).chain(4080..=4095).map(Some).chain([None])
    }

    proptest! {
        #[test]
        fn sets_are_sets(a in sets(), b in sets()) {
            let (and, or, not) = (a.and(&b), a.or(&b), a.not(DIMENSION));
            for value in values() {
                let (in_a, in_b) = (a.contains(value), b.contains(value));
                prop_assert_eq!(and.contains(value), in_a && in_b, "{:?}", value);
                prop_assert_eq!(or.contains(value), in_a || in_b, "{:?}", value);
                prop_assert_eq!(not.contains(value), !in_a, "{:?}", value);
            }
            prop_assert_eq!(a.is_within(&b), and == a);
            prop_assert!(and.is_within(&a) && a.is_within(&or));
            prop_assert_eq!(not.not(DIMENSION), a.clone());
            prop_assert!(a.or(&not).is_full(DIMENSION) && a.and(&not).is_empty());
        }
    }

    #[test]
    fn the_ends_of_the_widest_dimension() {
        let dimension = Dimension::SrcV6;
        let all = Set::range(0..=u128::MAX);
        assert_eq!(all.not(dimension), Set { absent: true, ranges: vec![] });
        let last = Set::one(u128::MAX);
        assert_eq!(last.not(dimension).ranges, [(0, u128::MAX - 1)]);
        assert_eq!(last.or(&last.not(dimension)), Set { absent: true, ..all });
    }
}
