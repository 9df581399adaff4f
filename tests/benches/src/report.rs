use std::fmt::Write;

use serde::Serialize;

use crate::{
    machine::Machine,
    statistics::Summary,
    suite::{Column, Measured, MeasuredCase, Relation},
};

/// What a run of the benchmarks found.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    machine: Machine,
    rounds: u32,
    suites: Vec<Measured>,
}

impl Report {
    pub(crate) fn new(machine: Machine, rounds: u32, suites: Vec<Measured>) -> Self {
        Self { machine, rounds, suites }
    }

    /// The summaries and every sample.
    pub(crate) fn json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// A table for each suite: medians, and from the least to the most of all rounds in brackets.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("{}; {} rounds.\n", self.machine.text(), self.rounds);
        for suite in &self.suites {
            text += "\n";
            text += &table(suite);
        }
        text
    }
}

fn table(suite: &Measured) -> String {
    let Measured { name, unit, columns, cases } = suite;
    let mut text = format!("| {name} | ns a {unit} | M {unit}s/s |");
    text.extend(columns.iter().map(|column| format!(" {} |", column.title)));
    text += "\n|---|--:|--:|";
    text += &"--:|".repeat(columns.len());
    text += "\n";
    for case in cases {
        row(columns, case, &mut text);
    }
    text
}

fn row(columns: &[Column], case: &MeasuredCase, text: &mut String) {
    let MeasuredCase { name, time, relations, .. } = case;
    let rate = 1e3 / time.median;
    let nanoseconds = spread(time, nanoseconds);
    write!(text, "| {name} | {nanoseconds} | {rate:.1} |").expect("a string takes everything");
    for (column, relation) in columns.iter().zip(relations) {
        let cell = relation.map_or(String::new(), |summary| match column.relation {
            Relation::Difference => spread(&summary, nanoseconds_more),
            Relation::Ratio => spread(&summary, |ratio| format!("{ratio:.2}")),
        });
        write!(text, " {cell} |").expect("a string takes everything");
    }
    text.push('\n');
}

fn spread(summary: &Summary, number: impl Fn(f64) -> String) -> String {
    let Summary { median, min, max } = *summary;
    format!("{} ({}..{})", number(median), number(min), number(max))
}

fn nanoseconds(value: f64) -> String {
    if value < 10.0 { format!("{value:.1}") } else { format!("{value:.0}") }
}

fn nanoseconds_more(value: f64) -> String {
    if value.abs() < 10.0 { format!("{value:+.1}") } else { format!("{value:+.0}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::Suite;

    #[test]
    fn a_table_has_medians_spread_and_comparisons() {
        let mut samples = [0.0, 20.0, 22.0, 30.0].into_iter();
        let columns = [("more", Relation::Difference), ("times", Relation::Ratio)];
        let mut suite = Suite::new("taps", "packet", &columns);
        let empty = suite.case("empty", &[], || Ok(4.0));
        let next = move || samples.next().ok_or_else(|| anyhow::anyhow!("no more"));
        suite.case("xdp", &[Some(empty), Some(empty)], next);
        let table = table(&suite.measure(3).unwrap());
        assert_eq!(
            table,
            "| taps | ns a packet | M packets/s | more | times |\n\
             |---|--:|--:|--:|--:|\n\
             | empty | 4.0 (4.0..4.0) | 250.0 |  |  |\n\
             | xdp | 22 (20..30) | 45.5 | +18 (+16..+26) | 5.50 (5.00..7.50) |\n"
        );
    }
}
