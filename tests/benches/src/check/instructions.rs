use std::{
    collections::BTreeMap,
    process::{Command, ExitCode, Stdio},
};

use anyhow::{Context, ensure};

use super::ended;
use crate::parts::{Named, PARTS};

/// With this argument, a part's name and a number the process runs the part so many times.
const RUN_PART: &str = "run-part";

/// Runs whose instructions are counted; as many again go before, to warm up.
const RUNS: u64 = 20;

/// If this process was started to run a part, its end.
pub(crate) fn run_part() -> Option<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() != Some(RUN_PART) {
        return None;
    }
    Some(ended(run(arguments.next().as_deref(), arguments.next().as_deref())))
}

fn run(name: Option<&str>, runs: Option<&str>) -> anyhow::Result<()> {
    let named =
        PARTS.iter().find(|part| Some(part.name) == name).context("no part of that name")?;
    let runs: u64 = runs.context("how many runs?")?.parse()?;
    let mut part = named.make()?;
    println!("{}", part.units);
    for _ in 0..runs {
        (part.run)()?;
    }
    Ok(())
}

/// Instructions that a unit of each part takes.
pub(super) fn count() -> anyhow::Result<BTreeMap<String, f64>> {
    let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    version.context(
        "valgrind, which counts instructions, is not installed: apt-get install valgrind",
    )?;
    PARTS
        .iter()
        .filter(|part| part.counts)
        .map(|part| Ok((part.name.to_owned(), of(part)?)))
        .collect()
}

/// What more runs take more: the start of the process, and what is done once, are in both.
fn of(part: &Named) -> anyhow::Result<f64> {
    eprintln!("check: counting instructions of {}", part.name);
    let (fewer, _) = collected(part.name, RUNS)?;
    let (more, units) = collected(part.name, 2 * RUNS)?;
    let runs = more.checked_sub(fewer).context("more runs took fewer instructions")?;
    Ok(runs as f64 / (RUNS * units) as f64)
}

/// Instructions of so many runs, and the units of each.
fn collected(name: &str, runs: u64) -> anyhow::Result<(u64, u64)> {
    let mut command = Command::new("valgrind");
    // Where a plugin is compiled in a child, that is none of the part.
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--trace-children=no"]);
    command.arg(std::env::current_exe()?).args([RUN_PART, name, &runs.to_string()]);
    let output = command.output().context("run valgrind")?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{name} failed: {said}");
    let units = String::from_utf8_lossy(&output.stdout).trim().parse()?;
    let total = collected_in(&said);
    Ok((total.with_context(|| format!("valgrind says no instructions: {said}"))?, units))
}

/// From a line such as `==1== Collected : 123`.
fn collected_in(said: &str) -> Option<u64> {
    said.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_found_in_what_valgrind_says() {
        let said = "==7== Events    : Ir\n==7== Collected : 12345\n==7== \n";
        assert_eq!(collected_in(said), Some(12345));
        assert_eq!(collected_in("==7== Events"), None);
    }
}
