//! `ringtap status`: where every packet went, in every instance on this host.

mod look;
mod table;
mod watch;

use anyhow::Context;

use crate::{
    cli::Status,
    config::Loaded,
    exit::{Exit, Failure},
    stdout,
};
use look::Look;
use table::Table;

pub(crate) fn status(args: &Status, loaded: &Loaded) -> Result<Exit, Failure> {
    let ask = look::Ask { control: loaded.config.control.clone(), pid: args.pid };
    match args.watch {
        Some(every) => watch::watch(ask, every, args.json),
        None => once(&ask, args.json),
    }
}

fn once(ask: &look::Ask, json: bool) -> Result<Exit, Failure> {
    let look = ask.look();
    if json || !look.instances.is_empty() {
        stdout::write(&shown(&look, None, json)?)?;
    }
    look.warn();
    match look.instances.is_empty() {
        true => Err(nobody(ask, &look)),
        false => Ok(Exit::Success),
    }
}

/// As one JSON object on a line, or for people, with rates since `before`.
fn shown(look: &Look, before: Option<&Look>, json: bool) -> Result<String, Failure> {
    match json {
        true => Ok(serde_json::to_string(look).context("write as JSON")? + "\n"),
        false => Ok(Table { look, before }.to_string()),
    }
}

fn nobody(ask: &look::Ask, look: &Look) -> Failure {
    Failure { exit: Exit::Host, error: anyhow::anyhow!("{}", ask.in_vain(look)) }
}
