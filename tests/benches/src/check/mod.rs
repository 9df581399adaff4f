//! Whether anything that is hot has become slower, on machines that are too busy for times: by
//! instructions, and by ratios within one run whose bounds leave room.

mod instructions;
mod ratios;

use std::{collections::BTreeMap, path::Path, process::ExitCode};

use anyhow::{Context, bail};
pub(crate) use instructions::run_part;
use serde::{Deserialize, Serialize};

use crate::{Arguments, machine, write};

/// By how much instructions may differ from what is committed, in percent: what hash seeds and
/// addresses make of them.
const TOLERANCE_PERCENT: f64 = 5.0;

const BASELINES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/baselines.json");

/// What is committed.
#[derive(Debug, Deserialize, Serialize)]
struct Baselines {
    /// Of the compiler and for the architecture that they are.
    rustc: String,
    architecture: String,
    /// Instructions a unit, by part.
    instructions: BTreeMap<String, f64>,
}

pub(crate) fn check(arguments: &Arguments) -> anyhow::Result<()> {
    let found = Baselines {
        rustc: machine::rustc()?,
        architecture: std::env::consts::ARCH.to_owned(),
        instructions: instructions::count()?,
    };
    if arguments.bless {
        return write(Path::new(BASELINES), &(serde_json::to_string_pretty(&found)? + "\n"));
    }
    let text = std::fs::read_to_string(BASELINES).context("read the committed instructions")?;
    let mut worse = compare(&serde_json::from_str(&text)?, &found);
    worse.extend(ratios::check(arguments)?);
    if worse.is_empty() {
        return Ok(());
    }
    bail!("slower than it was:\n  {}", worse.join("\n  "))
}

/// Print a line for each part. Those that take more than they did.
fn compare(committed: &Baselines, found: &Baselines) -> Vec<String> {
    let same = (&committed.rustc, &committed.architecture) == (&found.rustc, &found.architecture);
    if !same {
        println!(
            "note: the committed instructions are of {} for {}, and this is {} for {}: they are \
             shown and not held against each other; --check --bless makes them those of this one",
            committed.rustc, committed.architecture, found.rustc, found.architecture
        );
    }
    let mut worse = Vec::new();
    for (name, now) in &found.instructions {
        let Some(before) = committed.instructions.get(name) else {
            worse.push(format!("{name} has no committed instructions: --check --bless"));
            continue;
        };
        let change = (now / before - 1.0) * 100.0;
        let line = format!("{name}: {now:.1} instructions, {change:+.1} % of {before:.1}");
        println!("{line}");
        if same && change > TOLERANCE_PERCENT {
            worse.push(line);
        } else if same && change < -TOLERANCE_PERCENT {
            println!("note: {name} takes less than it did; --check --bless keeps it there");
        }
    }
    worse
}

/// The end of the process that runs one part, if this is it.
fn ended(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baselines(rustc: &str, parse: f64) -> Baselines {
        let instructions = [("parse".to_owned(), parse)].into();
        Baselines { rustc: rustc.to_owned(), architecture: "x86_64".to_owned(), instructions }
    }

    #[test]
    fn more_instructions_are_worse_beyond_the_tolerance_and_for_the_same_compiler() {
        let committed = baselines("1.95", 100.0);
        assert!(compare(&committed, &baselines("1.95", 104.0)).is_empty());
        assert!(compare(&committed, &baselines("1.95", 50.0)).is_empty());
        assert_eq!(compare(&committed, &baselines("1.95", 106.0)).len(), 1);
        assert!(compare(&committed, &baselines("1.96", 200.0)).is_empty());
    }

    #[test]
    fn a_part_without_a_baseline_is_no_silent_success() {
        let none = Baselines { instructions: BTreeMap::new(), ..baselines("1.95", 0.0) };
        assert_eq!(compare(&none, &baselines("1.95", 100.0)).len(), 1);
    }
}
