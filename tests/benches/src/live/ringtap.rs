use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, ensure};
use ringtap_lab::{Lab, Side};
use rustix::process::Signal;
use serde::Deserialize;
use tempfile::TempDir;

use super::process::Process;

/// Runs `ringtap run` in labs, untouched by the configuration of the machine.
pub(crate) struct Ringtap {
    binary: PathBuf,
    /// Compiled code, so that only the first start compiles, and control sockets.
    folder: TempDir,
}

/// A `ringtap run` that has its taps and its plugins.
pub(crate) struct Running {
    pub(crate) process: Process,
    binary: PathBuf,
    control: PathBuf,
}

/// The part of `ringtap status --json` that is looked at.
#[derive(Debug, Deserialize)]
pub(crate) struct Status {
    pub(crate) taps: Vec<Tap>,
    pub(crate) plugins: Vec<Plugin>,
    problems: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Tap {
    pub(crate) seen: u64,
    pub(crate) lost_total: u64,
    pub(crate) published: u64,
    in_flight: u64,
    closes: bool,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Plugin {
    pub(crate) name: String,
    state: String,
    published: u64,
    shed: u64,
    failed: u64,
    delivered: u64,
    in_flight: u64,
    closes: bool,
}

impl Ringtap {
    pub(crate) fn new(binary: &Path) -> anyhow::Result<Self> {
        Ok(Self { binary: binary.to_owned(), folder: TempDir::new()? })
    }

    /// Start it on a side's interface. `config` is the text of a configuration file, `arguments` go behind `run`.
    pub(crate) fn start(
        &self,
        lab: &Lab,
        side: Side,
        config: &str,
        arguments: &[&str],
    ) -> anyhow::Result<Running> {
        let path = self.folder.path().join("ringtap.toml");
        fs::write(&path, config)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        let control = self.folder.path().join("control");
        let mut command = lab.command(side, &self.binary)?;
        untouched(&mut command);
        command.arg("run").arg("--config").arg(&path);
        command.args(["-i", side.interface(), "--log", "info"]);
        command.arg("--control").arg(&control);
        command.env("RINGTAP_CACHE", self.folder.path().join("code"));
        command.env("RINGTAP_STATE_DIRECTORY", "none");
        let mut process = Process::start("ringtap", {
            command.args(arguments).stdout(Stdio::null());
            command
        })?;
        process.says("serving http://")?;
        let mut running = Running { process, binary: self.binary.clone(), control };
        running.settle()?;
        Ok(running)
    }

    /// A file next to its own, for plugins and events.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Running {
    /// Wait until every plugin runs.
    fn settle(&mut self) -> anyhow::Result<()> {
        let (binary, control, id) = (self.binary.clone(), self.control.clone(), self.process.id());
        self.process.until("plugins that run", |_| {
            let status = status(&binary, &control, id)?;
            let run = status.plugins.iter().all(|plugin| plugin.state == "running");
            Ok((run && !status.plugins.is_empty()).then_some(()))
        })
    }

    pub(crate) fn status(&self) -> anyhow::Result<Status> {
        status(&self.binary, &self.control, self.process.id())
    }

    pub(crate) fn stop(self) -> anyhow::Result<()> {
        let (status, log) = self.process.stop(Signal::TERM)?;
        ensure!(status.success(), "ringtap failed ({status}): {log:?}");
        Ok(())
    }
}

impl Status {
    /// Packets lost on their way to the plugin that lost the most, once nothing is on its way.
    /// Fails unless every ledger closes and every one of `packets`, all of one direction, is in them.
    pub(crate) fn lost(&self, packets: u64) -> anyhow::Result<u64> {
        ensure!(self.problems.is_empty(), "ringtap has problems: {:?}", self.problems);
        let seen: u64 = self.taps.iter().map(|tap| tap.seen).sum();
        let once = self.taps.iter().any(|tap| tap.seen == packets) && seen == packets;
        ensure!(once, "of {packets} packets the taps saw {self:?}");
        let closes = self.taps.iter().all(|tap| tap.closes && tap.in_flight == 0)
            && self.plugins.iter().all(|plugin| plugin.closes && plugin.in_flight == 0);
        ensure!(closes, "a ledger does not close: {self:?}");
        let lost_by_taps: u64 = self.taps.iter().map(|tap| tap.lost_total).sum();
        let published: u64 = self.taps.iter().map(|tap| tap.published).sum();
        let mut most = 0;
        for Plugin { name, published: given, shed, failed, delivered, .. } in &self.plugins {
            // Some plugins want less than all, and a tap's record may be for others alone.
            let accounted = *given <= published && shed + failed + delivered == *given;
            ensure!(accounted, "of {published} records {name} accounts for others: {self:?}");
            most = most.max(shed + failed);
        }
        Ok(lost_by_taps + most)
    }

    /// As [`lost`](Self::lost), where the plugins are to have every record that the taps published.
    pub(crate) fn lost_of_all(&self, packets: u64) -> anyhow::Result<u64> {
        let lost = self.lost(packets)?;
        let published: u64 = self.taps.iter().map(|tap| tap.published).sum();
        let all = self.plugins.iter().all(|plugin| plugin.published == published);
        ensure!(all, "not all of {published} records were for the plugins: {self:?}");
        Ok(lost)
    }
}

fn status(binary: &Path, control: &Path, id: u32) -> anyhow::Result<Status> {
    #[derive(Deserialize)]
    struct All {
        instances: Vec<Status>,
    }
    let mut command = Command::new(binary);
    untouched(&mut command);
    command.args(["status", "--json", "--config", "none", "--pid", &id.to_string()]);
    let output = command.arg("--control").arg(control).output().context("run ringtap status")?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "ringtap status failed: {error}");
    let All { instances } = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stdout).into_owned())?;
    instances.into_iter().next().context("ringtap does not answer")
}

fn untouched(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"RINGTAP_") {
            command.env_remove(name);
        }
    }
}
