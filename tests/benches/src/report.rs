use std::fmt::Write;

use ringtap_flows::Summary;
use serde::Serialize;

use crate::{
    grid::{self, MeasuredGrid, MeasuredRow, Target, Unit},
    live::Mix,
    machine::Machine,
    suite::{Column, Measured, MeasuredCase, Relation, Scale},
};

/// What a run of the benchmarks found.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    machine: Machine,
    rounds: u32,
    /// What live traffic was made of, where there was any.
    mix: Mix,
    suites: Vec<Section>,
}

/// A table and what stands below it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Section {
    Suite(Measured),
    Grid(MeasuredGrid),
}

impl Report {
    pub(crate) fn new(machine: Machine, rounds: u32, mix: Mix, suites: Vec<Section>) -> Self {
        Self { machine, rounds, mix, suites }
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
            match suite {
                Section::Suite(suite) => {
                    text += &table(suite);
                    text += &targets(suite);
                }
                Section::Grid(grid) => text += &grid_table(grid),
            }
        }
        text
    }
}

fn table(suite: &Measured) -> String {
    let Measured { name, unit, scale, columns, cases } = suite;
    let mut text = match scale {
        Scale::Nanoseconds => format!("| {name} | ns a {unit} | M {unit}s/s |"),
        Scale::Milliseconds => format!("| {name} | ms a {unit} | {unit}s/s |"),
    };
    text.extend(columns.iter().map(|column| format!(" {} |", column.title)));
    text += "\n|---|--:|--:|";
    text += &"--:|".repeat(columns.len());
    text += "\n";
    for case in cases {
        row(*scale, columns, case, &mut text);
    }
    text
}

fn row(scale: Scale, columns: &[Column], case: &MeasuredCase, text: &mut String) {
    let MeasuredCase { name, time, relations, targets, .. } = case;
    let (time, rate) = match scale {
        Scale::Nanoseconds => (spread(time, nanoseconds), 1e3 / time.median),
        Scale::Milliseconds => (spread(time, |ns| format!("{:.2}", ns / 1e6)), 1e9 / time.median),
    };
    write!(text, "| {name} | {time} | {rate:.1} |").expect("a string takes everything");
    for ((column, relation), target) in columns.iter().zip(relations).zip(targets) {
        let cell = relation.map_or(String::new(), |summary| cell(column, &summary, *target));
        write!(text, " {cell} |").expect("a string takes everything");
    }
    text.push('\n');
}

fn cell(column: &Column, summary: &Summary, target: Option<f64>) -> String {
    let cell = match column.relation {
        Relation::Difference => spread(summary, nanoseconds_more),
        Relation::Ratio => spread(summary, |ratio| format!("{ratio:.2}")),
        Relation::Milliseconds => spread(summary, |ms| format!("{ms:.1}")),
    };
    match target {
        None => cell,
        Some(target) if summary.median <= target => format!("{cell} ≤ {target}"),
        Some(target) => format!("**{cell} > {target}**"),
    }
}

fn grid_table(grid: &MeasuredGrid) -> String {
    let MeasuredGrid { name, columns, rows, notes } = grid;
    let titles: Vec<_> = columns.iter().map(|column| format!(" {} |", column.title)).collect();
    let mut text =
        format!("| {name} |{}\n|---|{}\n", titles.concat(), "--:|".repeat(columns.len()));
    for MeasuredRow { name, cells, targets, .. } in rows {
        write!(text, "| {name} |").expect("a string takes everything");
        for ((column, cell), target) in columns.iter().zip(cells).zip(targets) {
            let cell = cell.map_or(String::new(), |cell| grid_cell(column, &cell, *target));
            write!(text, " {cell} |").expect("a string takes everything");
        }
        text.push('\n');
    }
    for note in notes {
        write!(text, "\n{note}\n").expect("a string takes everything");
    }
    text
}

fn grid_cell(column: &grid::Column, summary: &Summary, target: Option<Target>) -> String {
    let digits = match column.unit {
        Unit::Microseconds | Unit::Milliseconds => 3,
        Unit::Percent | Unit::Millions | Unit::Times => 2,
        Unit::Nanoseconds | Unit::Mebibytes => 1,
    };
    let cell = spread(summary, |value| format!("{value:.digits$}"));
    let Some(target) = target else { return cell };
    let (sign, opposite, wished) = match target {
        Target::AtMost(most) => ("≤", ">", most),
        Target::AtLeast(least) => ("≥", "<", least),
    };
    match target.is_met(summary.median) {
        true => format!("{cell} {sign} {wished}"),
        false => format!("**{cell} {opposite} {wished}**"),
    }
}

/// A line for each target: how many of its cases meet it by their medians.
fn targets(suite: &Measured) -> String {
    let mut lines: Vec<Line> = Vec::new();
    for case in &suite.cases {
        let columns = suite.columns.iter().zip(&case.relations).zip(&case.targets);
        for ((Column { title, .. }, relation), target) in columns {
            let (Some(summary), Some(target)) = (relation, *target) else { continue };
            let met = usize::from(summary.median <= target);
            match lines.iter_mut().find(|line| (line.title, line.target) == (*title, target)) {
                Some(line) => (line.met, line.cases) = (line.met + met, line.cases + 1),
                None => lines.push(Line { title, target, met, cases: 1 }),
            }
        }
    }
    lines.iter().map(Line::text).collect()
}

struct Line {
    title: &'static str,
    target: f64,
    met: usize,
    cases: usize,
}

impl Line {
    fn text(&self) -> String {
        let Self { title, target, met, cases } = self;
        format!("\nTarget, at most {target} {title}: met in this run by {met} of {cases} cases.\n")
    }
}

fn spread(summary: &Summary, number: impl Fn(f64) -> String) -> String {
    let Summary { median, least, most } = *summary;
    format!("{} ({}..{})", number(median), number(least), number(most))
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

    #[test]
    fn what_takes_long_is_told_in_milliseconds() {
        let mut suite = Suite::new("tables", "change", &[]).in_milliseconds();
        suite.case("one rule", &[], || Ok(12_500_000.0));
        assert_eq!(
            table(&suite.measure(1).unwrap()),
            "| tables | ms a change | changes/s |\n\
             |---|--:|--:|\n\
             | one rule | 12.50 (12.50..12.50) | 80.0 |\n"
        );
    }

    #[test]
    fn targets_are_told_beside_the_medians_and_below() {
        let columns = [("ns more than empty", Relation::Difference)];
        let mut suite = Suite::new("taps", "packet", &columns);
        let empty = suite.case("empty", &[], || Ok(4.0));
        for (name, time, target) in [("a", 24.0, 20.0), ("b", 25.0, 20.0), ("c", 25.0, 35.0)] {
            let case = suite.case(name, &[Some(empty)], move || Ok(time));
            suite.targets(case, &[Some(target)]);
        }
        let measured = suite.measure(1).unwrap();
        let table = table(&measured);
        let cells: Vec<_> =
            table.lines().skip(3).filter_map(|row| row.split(" | ").nth(3)).collect();
        assert_eq!(
            cells,
            ["+20 (+20..+20) ≤ 20 |", "**+21 (+21..+21) > 20** |", "+21 (+21..+21) ≤ 35 |"]
        );
        assert_eq!(
            targets(&measured),
            "\nTarget, at most 20 ns more than empty: met in this run by 1 of 2 cases.\n\
             \nTarget, at most 35 ns more than empty: met in this run by 1 of 1 cases.\n"
        );
    }
}
