//! Cases that are measured in turn, each in several ways: a table with a column for each.

use anyhow::Context;
use serde::Serialize;

use ringtap_flows::Summary;

/// What a column's numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    Nanoseconds,
    Microseconds,
    Milliseconds,
    Mebibytes,
    Percent,
    /// Of something a second.
    Millions,
    Times,
}

/// What a median is wished to be. The report says whether it is, and nothing fails where it is not.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    AtMost(f64),
    AtLeast(f64),
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Column {
    pub(crate) title: String,
    pub(crate) unit: Unit,
    /// The column of which this one is a multiple: that of another case, in the same round.
    times: Option<usize>,
}

/// A case of the grid that gave it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowId(usize);

pub(crate) struct Grid {
    name: String,
    columns: Vec<Column>,
    rows: Vec<Row>,
    notes: Vec<String>,
}

struct Row {
    name: String,
    reference: Option<RowId>,
    targets: Vec<Option<Target>>,
    run: Box<dyn FnMut() -> anyhow::Result<Vec<Option<f64>>>>,
}

/// What came of a grid.
#[derive(Debug, Serialize)]
pub(crate) struct MeasuredGrid {
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<MeasuredRow>,
    /// What a reader has to know, a sentence each.
    pub(crate) notes: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct MeasuredRow {
    pub(crate) name: String,
    pub(crate) cells: Vec<Option<Summary>>,
    pub(crate) targets: Vec<Option<Target>>,
    /// By round and column.
    samples: Vec<Vec<Option<f64>>>,
}

impl Target {
    pub(crate) fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
        }
    }
}

impl Grid {
    pub(crate) fn new(name: impl Into<String>, columns: &[(&str, Unit)]) -> Self {
        let column = |&(title, unit): &(&str, _)| Column { title: title.into(), unit, times: None };
        let columns = columns.iter().map(column).collect();
        Self { name: name.into(), columns, rows: Vec::new(), notes: Vec::new() }
    }

    /// Another column: how many times another case's `of` a case's is.
    pub(crate) fn times(&mut self, title: &str, of: usize) {
        let (title, unit, times) = (title.into(), Unit::Times, Some(of));
        self.columns.push(Column { title, unit, times });
    }

    /// Add a case. `run` gives what the columns show that are no multiples, from the left.
    pub(crate) fn row(
        &mut self,
        name: impl Into<String>,
        reference: Option<RowId>,
        run: impl FnMut() -> anyhow::Result<Vec<Option<f64>>> + 'static,
    ) -> RowId {
        let targets = vec![None; self.columns.len()];
        self.rows.push(Row { name: name.into(), reference, targets, run: Box::new(run) });
        RowId(self.rows.len() - 1)
    }

    /// What a case's column is wished to be.
    pub(crate) fn target(&mut self, RowId(row): RowId, column: usize, target: Target) {
        self.rows[row].targets[column] = Some(target);
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Run every case once a round.
    pub(crate) fn measure(mut self, rounds: u32) -> anyhow::Result<MeasuredGrid> {
        let mut samples: Vec<Vec<Vec<Option<f64>>>> = vec![Vec::new(); self.rows.len()];
        for round in 1..=rounds {
            for (row, samples) in self.rows.iter_mut().zip(&mut samples) {
                eprintln!("{}: round {round} of {rounds}: {}", self.name, row.name);
                let mut sample = (row.run)().with_context(|| row.name.clone())?;
                sample.resize(self.columns.len(), None);
                samples.push(sample);
            }
            self.relate(&mut samples);
        }
        Ok(self.summarize(samples))
    }

    /// Fill in the multiples of the last round.
    fn relate(&self, samples: &mut [Vec<Vec<Option<f64>>>]) {
        for (index, row) in self.rows.iter().enumerate() {
            let Some(RowId(other)) = row.reference else { continue };
            for (column, of) in self.columns.iter().enumerate() {
                let Some(of) = of.times else { continue };
                let value = |row: usize| samples[row].last().and_then(|round| round[of]);
                let ratio = value(index).zip(value(other)).map(|(own, other)| own / other);
                if let Some(round) = samples[index].last_mut() {
                    round[column] = ratio.filter(|ratio| ratio.is_finite());
                }
            }
        }
    }

    fn summarize(self, samples: Vec<Vec<Vec<Option<f64>>>>) -> MeasuredGrid {
        let Self { name, columns, rows, notes } = self;
        let measured = |(row, samples): (Row, Vec<Vec<Option<f64>>>)| {
            let cell = |column: usize| {
                let values: Vec<f64> = samples.iter().filter_map(|round| round[column]).collect();
                (!values.is_empty()).then(|| Summary::of(&values))
            };
            let cells = (0..columns.len()).map(cell).collect();
            MeasuredRow { name: row.name, cells, targets: row.targets, samples }
        };
        let rows = rows.into_iter().zip(samples).map(measured).collect();
        MeasuredGrid { name, columns, rows, notes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiples_are_of_the_same_round() {
        let mut grid = Grid::new("peers", &[("µs", Unit::Microseconds), ("lost", Unit::Percent)]);
        grid.times("times", 0);
        let script = |samples: [f64; 2]| {
            let mut samples = samples.into_iter();
            move || Ok(vec![samples.next(), None])
        };
        let one = grid.row("one", None, script([1.0, 4.0]));
        let two = grid.row("two", Some(one), script([2.0, 16.0]));
        grid.target(two, 2, Target::AtMost(2.5));
        let measured = grid.measure(2).unwrap();
        let two = &measured.rows[1];
        let summary = |median, least, most| Some(Summary { median, least, most });
        assert_eq!(two.cells, [summary(9.0, 2.0, 16.0), None, summary(3.0, 2.0, 4.0)]);
        assert!(!two.targets[2].unwrap().is_met(3.0));
        assert_eq!(measured.rows[0].cells[2], None);
    }
}
