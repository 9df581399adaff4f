//! A capture, replayed through each build.

use std::{
    collections::HashMap,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::Context;
use ringtap_kit::dev::Changes;
use tokio::io::AsyncReadExt;

use super::{child::Group, config, ringtap, say};
use crate::{
    cli,
    exit::{Exit, Failure, OrExit},
    stdout,
};

/// Replays and what came of them last, by the plugin's name.
pub(super) struct Replays {
    capture: PathBuf,
    arguments: Vec<OsString>,
    last: HashMap<String, Told>,
    /// For events, while a replay runs; it goes with this.
    folder: tempfile::TempDir,
}

/// What a plugin told in a replay.
#[derive(Debug, Default)]
struct Told {
    events: Vec<String>,
    metrics: Vec<String>,
}

impl Replays {
    pub(super) fn new(capture: &Path, args: &cli::Dev) -> Result<Self, Failure> {
        // It is read at each build, and a mistake in its name shows now.
        let read = || format!("can't read the capture {}", capture.display());
        fs::File::open(capture).with_context(read).or_exit(Exit::Input)?;
        let mut arguments = vec!["--config".into(), config(args).to_owned()];
        arguments.extend(args.arguments.iter().cloned());
        let folder = tempfile::tempdir().context("make a folder for events")?;
        Ok(Self { capture: capture.to_owned(), arguments, last: HashMap::new(), folder })
    }

    /// Replay the capture through a component and show what is different since the last time.
    pub(super) async fn show(&mut self, name: &str, component: &Path) -> Result<(), Failure> {
        let Some(told) = self.replay(component).await? else {
            say(&name, "the replay failed, see above");
            return Ok(());
        };
        let nothing = Told::default();
        let last = self.last.get(name);
        let mut text = match last {
            Some(_) => format!("{name}: what changed since the last build\n"),
            None => format!("{name}: what it makes of {}\n", self.capture.display()),
        };
        let last = last.unwrap_or(&nothing);
        for (what, old, new) in
            [("metrics", &last.metrics, &told.metrics), ("events", &last.events, &told.events)]
        {
            text.push_str(&format!(" {} {what}\n{}", new.len(), Changes::between(old, new)));
        }
        stdout::write(&text)?;
        self.last.insert(name.to_owned(), told);
        Ok(())
    }

    async fn replay(&self, component: &Path) -> Result<Option<Told>, Failure> {
        let events = self.folder.path().join("events.jsonl");
        fs::remove_file(&events).ok();
        let mut command = ringtap()?;
        command.arg("replay").arg(&self.capture).arg("--plugin").arg(component);
        command.args(["--deterministic", "--print", "metrics", "--events"]).arg(&events);
        command.args(["--log", "warn,plugin=info"]).args(&self.arguments).stdout(Stdio::piped());
        let mut group = Group::start(&mut command).context("start a replay")?;
        let mut metrics = String::new();
        if let Some(mut output) = group.output() {
            output.read_to_string(&mut metrics).await.context("read what a replay tells")?;
        }
        let status = group.wait().await.context("wait for a replay")?;
        let events = fs::read_to_string(&events).unwrap_or_default();
        let lines = |text: &str| text.lines().map(str::to_owned).collect();
        let told = Told { events: lines(&events), metrics: own(&metrics) };
        Ok(status.success().then_some(told))
    }
}

/// The plugin's own series: neither the host's nor what describes them.
fn own(exposition: &str) -> Vec<String> {
    let is_own = |line: &&str| !line.starts_with('#') && !line.starts_with("ringtap_");
    exposition.lines().filter(is_own).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_series_are_left_out() {
        let text =
            "# TYPE a_total counter\na_total{plugin=\"a\"} 1\nringtap_packets_seen_total 3\n";
        assert_eq!(own(text), ["a_total{plugin=\"a\"} 1"]);
    }
}
