//! `ringtap explain`: what filters become, and why a packet is taken or not.

mod compiled;
mod describe;
mod hex;
mod packets;
mod view;

use anyhow::Context;
use ringtap_interest::Filter;

use crate::{
    cli::Explain,
    exit::{Exit, Failure, OrExit},
    stdout,
};
use compiled::Compiled;
use view::Explanation;

pub(crate) fn explain(args: &Explain) -> Result<(), Failure> {
    let compiled = Compiled::new(filters(&args.filters)?).or_exit(Exit::Usage)?;
    let mut explanation = Explanation::new(&compiled);
    // What was read before an error is told all the same.
    let read = packets::add(args, &compiled, &mut explanation);
    if read.is_ok() || !explanation.is_without_packets() {
        let text = match args.json {
            true => serde_json::to_string(&explanation).context("write as JSON")? + "\n",
            false => explanation.to_string(),
        };
        stdout::write(&text)?;
    }
    read
}

fn filters(texts: &[String]) -> Result<Vec<Filter>, Failure> {
    let parse = |(number, text): (usize, &String)| {
        Filter::parse(text).with_context(|| format!("filter {number}")).or_exit(Exit::Usage)
    };
    (1..).zip(texts).map(parse).collect()
}
