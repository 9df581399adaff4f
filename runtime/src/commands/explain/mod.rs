//! `ringtap explain`: what filters and plugins' interests become, and why a packet is taken or not.

mod compiled;
mod configured;
mod describe;
mod hex;
mod packets;
mod view;

use anyhow::Context;
use ringtap_interest::Filter;

use crate::{
    cli::Explain,
    config::Loaded,
    exit::{Exit, Failure, OrExit},
    stdout,
};
use compiled::{Compiled, Subject};
use view::{Explanation, Refused};

pub(crate) fn explain(args: &Explain, loaded: &Loaded) -> Result<(), Failure> {
    let (subjects, refused) = match args.filters.is_empty() {
        true => configured::interests(args, &loaded.config)?,
        false => (filters(&args.filters)?, Vec::new()),
    };
    let compiled = Compiled::new(subjects).or_exit(Exit::Usage)?;
    let all_there = all_there(&refused);
    let mut explanation = Explanation::new(&compiled, refused);
    // What was read before an error is told all the same.
    let read = packets::add(args, &compiled, &mut explanation);
    if read.is_ok() || !explanation.is_without_packets() {
        let text = match args.json {
            true => serde_json::to_string(&explanation).context("write as JSON")? + "\n",
            false => explanation.to_string(),
        };
        stdout::write(&text)?;
    }
    read.and(all_there)
}

/// What is explained without a plugin is not all that would run.
fn all_there(refused: &[Refused]) -> Result<(), Failure> {
    let names: Vec<_> = refused.iter().map(|refused| refused.plugin.as_str()).collect();
    match names.is_empty() {
        true => Ok(()),
        false => Err(anyhow::anyhow!("refused: {}", names.join(", "))).or_exit(Exit::Input),
    }
}

fn filters(texts: &[String]) -> Result<Vec<Subject>, Failure> {
    let parse = |(number, text): (usize, &String)| {
        let filter = Filter::parse(text).with_context(|| format!("filter {number}"));
        filter.map(Subject::from).or_exit(Exit::Usage)
    };
    (1..).zip(texts).map(parse).collect()
}
