//! A runtime on the directory that builds go to; it reloads what changes there by itself.

use std::ffi::OsString;

use anyhow::Context;
use ringtap_kit::dev::Place;

use super::{child::Group, config, ringtap, say};
use crate::{cli, exit::Failure};

/// `ringtap run`, once it is started.
pub(super) struct Live {
    arguments: Vec<OsString>,
    run: Option<Group>,
    started: bool,
}

impl Live {
    pub(super) fn new(args: &cli::Dev) -> Result<Self, Failure> {
        let mut arguments: Vec<OsString> = vec!["--config".into(), config(args).to_owned()];
        for interface in &args.interfaces {
            arguments.extend(["--interface".into(), interface.clone()]);
        }
        arguments.extend(args.arguments.iter().cloned());
        Ok(Self { arguments, run: None, started: false })
    }

    /// Start it, unless it was.
    pub(super) fn start(&mut self, place: &Place) -> Result<(), Failure> {
        if self.started {
            return Ok(());
        }
        self.started = true;
        let mut command = ringtap()?;
        command.args(["run", "--plugins"]).arg(&place.folder).args(&self.arguments);
        self.run = Some(Group::start(&mut command).context("start `ringtap run`")?);
        Ok(())
    }

    /// When it ends; it may do so by itself, for want of privileges say. Then builds go on.
    pub(super) async fn ended(&mut self) {
        let Some(run) = &mut self.run else { return std::future::pending().await };
        let status = run.wait().await;
        self.run = None;
        let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        say(
            &"ringtap run",
            &format!(
                "it has ended ({status}), see above; builds go on. To see what comes of them \
                 without privileges, start with --capture FILE"
            ),
        );
    }

    pub(super) async fn end(self) {
        if let Some(run) = self.run {
            run.end().await;
        }
    }
}
