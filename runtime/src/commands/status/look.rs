use std::path::PathBuf;

use serde::Serialize;

use crate::{
    config::Place,
    control::{self, AskError, Found, Status, places_to_look, protocol::Request},
};

/// Whom to ask.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) control: Place,
    /// Just this one.
    pub(super) pid: Option<u32>,
}

/// What all of them said at one time.
#[derive(Debug, Default, Serialize)]
pub(super) struct Look {
    pub(super) instances: Vec<Instance>,
    pub(super) unanswered: Vec<Unanswered>,
}

#[derive(Debug, Serialize)]
pub(super) struct Instance {
    pub(super) socket: PathBuf,
    #[serde(flatten)]
    pub(super) status: Status,
}

/// A socket, or a directory of sockets, that gave no answer.
#[derive(Debug, Serialize)]
pub(super) struct Unanswered {
    pub(super) at: PathBuf,
    pub(super) reason: String,
}

impl Ask {
    pub(super) fn look(&self) -> Look {
        let mut look = Look::default();
        for place in places_to_look(&self.control) {
            match control::ask::<Status>(&place, &Request::Status, self.pid) {
                Ok(found) => found.into_iter().for_each(|found| look.take(found)),
                Err(error) => look.miss(place, error.into()),
            }
        }
        look
    }

    /// That nobody answered, where they were looked for, and what to do.
    pub(super) fn in_vain(&self, look: &Look) -> String {
        let places = places_to_look(&self.control);
        if places.is_empty() {
            return "no control socket to ask: `control` is none; name its directory with --control \
                    DIR"
            .to_owned();
        }
        let places: Vec<_> = places.iter().map(|place| place.display().to_string()).collect();
        let places = places.join(", ");
        let whom = match self.pid {
            Some(pid) => format!("no instance with pid {pid}"),
            None => "no instance".to_owned(),
        };
        if !look.unanswered.is_empty() {
            return format!("{whom} answered, looking in {places}");
        }
        let sudo = match rustix::process::geteuid().is_root() {
            true => "",
            false => ", ask root's with `sudo ringtap status`",
        };
        format!(
            "{whom} is running, as far as control sockets in {places} tell: start one with `sudo \
             ringtap run`{sudo}, or name another directory with --control DIR"
        )
    }
}

impl Look {
    fn take(&mut self, Found { socket, answer }: Found<Status>) {
        match answer {
            Ok(status) => self.instances.push(Instance { socket, status }),
            Err(error) => self.miss(socket, AskError::into(error)),
        }
    }

    fn miss(&mut self, at: PathBuf, error: anyhow::Error) {
        self.unanswered.push(Unanswered { at, reason: format!("{error:#}") });
    }

    pub(super) fn warn(&self) {
        for Unanswered { at, reason } in &self.unanswered {
            tracing::warn!("{}: {reason}", at.display());
        }
    }

    /// The instance of that socket and process.
    pub(super) fn same(&self, other: &Instance) -> Option<&Instance> {
        let same = |one: &&Instance| {
            (&one.socket, one.status.pid) == (&other.socket, other.status.pid)
                && one.status.uptime_ms <= other.status.uptime_ms
        };
        self.instances.iter().find(same)
    }
}
