use ringtap_interest::RuleSet;

/// For which rules each of some records was kept. Told in runs, since most records were kept for the
/// same rules as the one before: what is done for each run is done once and not a thousand times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept(Vec<Run>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    rules: RuleSet,
    records: usize,
}

impl Kept {
    /// One more record.
    #[inline]
    pub fn push(&mut self, rules: RuleSet) {
        match self.0.last_mut() {
            Some(run) if run.rules == rules => run.records += 1,
            _ => self.0.push(Run { rules, records: 1 }),
        }
    }

    /// Rules, and how many records in a row were kept for just these.
    pub fn runs(&self) -> impl Iterator<Item = (RuleSet, usize)> {
        self.0.iter().map(|run| (run.rules, run.records))
    }

    /// Record by record.
    pub fn iter(&self) -> impl Iterator<Item = RuleSet> {
        self.runs().flat_map(|(rules, records)| std::iter::repeat_n(rules, records))
    }

    /// How many records.
    pub fn records(&self) -> usize {
        self.runs().map(|(_, records)| records).sum()
    }
}

impl FromIterator<RuleSet> for Kept {
    fn from_iter<I: IntoIterator<Item = RuleSet>>(records: I) -> Self {
        let mut kept = Self::default();
        records.into_iter().for_each(|rules| kept.push(rules));
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        let [a, b] = [1, 2].map(|bits| RuleSet([bits, 0, 0, 0]));
        let records = [a, a, b, a, b, b, b];
        let kept: Kept = records.into_iter().collect();
        assert_eq!(kept.iter().collect::<Vec<_>>(), records);
        assert_eq!(kept.runs().collect::<Vec<_>>(), [(a, 2), (b, 1), (a, 1), (b, 3)]);
        assert_eq!((kept.records(), Kept::default().records()), (7, 0));
    }
}
