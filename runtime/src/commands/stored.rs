//! What plugins have stored, looked at and dropped while no instance runs.

use std::fmt::Write;

use anyhow::{Context, anyhow};
use ringtap_pipeline::name::PluginName;
use ringtap_plugin::{KvError, KvFile};

use crate::{
    cli::Forget,
    config::{Loaded, state_directory},
    exit::{Exit, Failure, OrExit},
    stdout,
};

/// Say what each plugin has stored.
pub(crate) fn list(loaded: &Loaded) -> Result<(), Failure> {
    let Some(file) = open(loaded)? else { return stdout::write("nothing is stored\n") };
    let mut text = String::new();
    for (plugin, usage) in file.sizes().or_exit(Exit::Host)? {
        writeln!(text, "{:>8} keys {:>12} bytes  {plugin}", usage.keys, usage.bytes)?;
    }
    if text.is_empty() {
        text.push_str("nothing is stored\n");
    }
    stdout::write(&text)
}

/// Drop what a plugin has stored.
pub(crate) fn forget(args: &Forget, loaded: &Loaded) -> Result<(), Failure> {
    let name = PluginName::new(&args.name).or_exit(Exit::Usage)?;
    let forgotten = match open(loaded)? {
        None => false,
        Some(file) => file.forget(&name).or_exit(Exit::Host)?,
    };
    match forgotten {
        true => stdout::write(&format!("{name}: what it stored is gone\n")),
        false => Err(anyhow!("plugin {name} has stored nothing: see `ringtap plugin kv`"))
            .or_exit(Exit::Usage),
    }
}

/// `None` where nothing was ever stored.
fn open(loaded: &Loaded) -> Result<Option<KvFile>, Failure> {
    let directory = state_directory(&loaded.config.state_directory);
    let directory = directory.context("there is no state directory: set `state_directory`");
    match KvFile::open(&directory.or_exit(Exit::Usage)?) {
        Err(held @ KvError::Held { .. }) => Err(held)
            .context("an instance runs, and its /metrics tell what plugins store")
            .or_exit(Exit::Host),
        opened => opened.or_exit(Exit::Host),
    }
}
