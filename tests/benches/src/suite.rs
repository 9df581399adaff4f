use anyhow::Context;
use serde::Serialize;

use ringtap_flows::Summary;

/// Cases that are measured in turn, A B C A B C, and compared within each turn.
pub(crate) struct Suite {
    name: &'static str,
    /// What is counted, as in "ns a packet".
    unit: &'static str,
    scale: Scale,
    columns: Vec<(&'static str, Relation)>,
    cases: Vec<Case>,
}

/// In what the time of a unit is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Scale {
    Nanoseconds,
    Milliseconds,
}

/// How a case stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Relation {
    /// ns more.
    Difference,
    /// Times as much.
    Ratio,
    /// The time itself, in ms, to hold it against a target. The reference has to be the case.
    Milliseconds,
}

struct Case {
    name: String,
    /// By column, the case that it is compared with.
    references: Vec<Option<CaseId>>,
    /// By column, what is wished for.
    targets: Vec<Option<f64>>,
    /// Runs some units. The average time of one, in ns.
    run: Box<dyn FnMut() -> anyhow::Result<f64>>,
}

/// A case of the suite that gave it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CaseId(usize);

/// What came of a suite.
#[derive(Debug, Serialize)]
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) scale: Scale,
    pub(crate) columns: Vec<Column>,
    pub(crate) cases: Vec<MeasuredCase>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Column {
    pub(crate) title: &'static str,
    pub(crate) relation: Relation,
}

#[derive(Debug, Serialize)]
pub(crate) struct MeasuredCase {
    pub(crate) name: String,
    /// ns a unit.
    pub(crate) time: Summary,
    /// By column, over the rounds.
    pub(crate) relations: Vec<Option<Summary>>,
    /// By column, what the median is wished to be at most.
    pub(crate) targets: Vec<Option<f64>>,
    /// ns a unit, by round.
    samples: Vec<f64>,
}

impl Suite {
    pub(crate) fn new(
        name: &'static str,
        unit: &'static str,
        columns: &[(&'static str, Relation)],
    ) -> Self {
        let scale = Scale::Nanoseconds;
        Self { name, unit, scale, columns: columns.to_vec(), cases: Vec::new() }
    }

    pub(crate) fn in_milliseconds(self) -> Self {
        Self { scale: Scale::Milliseconds, ..self }
    }

    /// Add a case; `references` are, by column, the cases to compare it with.
    pub(crate) fn case(
        &mut self,
        name: impl Into<String>,
        references: &[Option<CaseId>],
        run: impl FnMut() -> anyhow::Result<f64> + 'static,
    ) -> CaseId {
        let mut references = references.to_vec();
        references.resize(self.columns.len(), None);
        let targets = vec![None; self.columns.len()];
        self.cases.push(Case { name: name.into(), references, targets, run: Box::new(run) });
        CaseId(self.cases.len() - 1)
    }

    /// The case that is added next, for a column that shows it by itself.
    pub(crate) fn next(&self) -> CaseId {
        CaseId(self.cases.len())
    }

    /// What a case is wished to be at most, by column. The report says whether it is, and nothing
    /// fails where it is not.
    pub(crate) fn targets(&mut self, CaseId(case): CaseId, targets: &[Option<f64>]) {
        let wished = &mut self.cases[case].targets;
        wished.iter_mut().zip(targets).for_each(|(wished, target)| *wished = *target);
    }

    /// Run every case once to warm up, and then once a round.
    pub(crate) fn measure(mut self, rounds: u32) -> anyhow::Result<Measured> {
        let mut samples = vec![Vec::new(); self.cases.len()];
        for round in 0..=rounds {
            eprint!("\r{}: round {round} of {rounds}", self.name);
            for (case, samples) in self.cases.iter_mut().zip(&mut samples) {
                let sample = (case.run)().with_context(|| case.name.clone())?;
                if round > 0 {
                    samples.push(sample);
                }
            }
        }
        eprintln!();
        Ok(self.summarize(samples))
    }

    fn summarize(self, samples: Vec<Vec<f64>>) -> Measured {
        let Self { name, unit, scale, columns, cases } = self;
        let relations = |own: usize, references: &[Option<CaseId>]| {
            let columns = columns.iter().zip(references);
            let relate = |(column, reference): (&(_, Relation), &Option<CaseId>)| {
                reference.map(|CaseId(other)| column.1.of(&samples[own], &samples[other]))
            };
            columns.map(relate).collect()
        };
        let measured = |(index, case): (usize, Case)| MeasuredCase {
            name: case.name,
            time: Summary::of(&samples[index]),
            relations: relations(index, &case.references),
            targets: case.targets,
            samples: samples[index].clone(),
        };
        let cases = cases.into_iter().enumerate().map(measured).collect();
        let column = |&(title, relation): &_| Column { title, relation };
        Measured { name, unit, scale, columns: columns.iter().map(column).collect(), cases }
    }
}

impl Measured {
    /// How many times another case a case takes, by their names.
    pub(crate) fn ratio(&self, case: &str, reference: &str) -> Option<Summary> {
        let samples = |name: &str| Some(&self.cases.iter().find(|case| case.name == name)?.samples);
        Some(Relation::Ratio.of(samples(case)?, samples(reference)?))
    }
}

impl Relation {
    /// Within each round: what drifts from round to round meets both.
    fn of(self, samples: &[f64], reference: &[f64]) -> Summary {
        let pairs = samples.iter().zip(reference);
        let related: Vec<_> = match self {
            Self::Difference => pairs.map(|(own, other)| own - other).collect(),
            Self::Ratio => pairs.map(|(own, other)| own / other).collect(),
            Self::Milliseconds => samples.iter().map(|own| own / 1e6).collect(),
        };
        Summary::of(&related)
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, rc::Rc};

    use super::*;

    #[test]
    fn cases_take_turns_and_are_compared_within_a_turn() {
        let order = Rc::new(RefCell::new(String::new()));
        let script = |name: char, samples: [f64; 4]| {
            let order = Rc::clone(&order);
            let mut samples = samples.into_iter();
            move || {
                order.borrow_mut().push(name);
                samples.next().context("more runs than rounds")
            }
        };
        let columns = [("more", Relation::Difference), ("times", Relation::Ratio)];
        let mut suite = Suite::new("test", "packet", &columns);
        let a = suite.case("a", &[], script('a', [99.0, 1.0, 2.0, 4.0]));
        suite.case("b", &[Some(a), Some(a)], script('b', [99.0, 2.0, 5.0, 8.0]));
        let measured = suite.measure(3).unwrap();

        assert_eq!(order.take(), "abababab");
        let [a, b] = &measured.cases[..] else { panic!("{measured:?}") };
        assert_eq!((&a.relations, &a.samples), (&vec![None, None], &vec![1.0, 2.0, 4.0]));
        assert_eq!(b.time, Summary { median: 5.0, least: 2.0, most: 8.0 });
        let more = Summary { median: 3.0, least: 1.0, most: 4.0 };
        let times = Summary { median: 2.0, least: 2.0, most: 2.5 };
        assert_eq!(b.relations, [Some(more), Some(times)]);
    }

    #[test]
    fn a_case_that_fails_ends_the_suite_with_its_name() {
        let mut suite = Suite::new("test", "packet", &[]);
        suite.case("a", &[], || anyhow::bail!("3 packets were lost"));
        let error = suite.measure(1).unwrap_err();
        assert_eq!(format!("{error:#}"), "a: 3 packets were lost");
    }
}
