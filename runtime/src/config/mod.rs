//! What the runtime is told: a flag beats an environment variable, that beats the file, that beats
//! the default.
//!
//! Everything is parsed into types that can't hold what makes no sense, so a [`Config`] that exists
//! is valid.

mod case;
mod file;
mod grants;
mod interface;
mod limits;
mod log;
mod narrowing;
mod own;
mod schema;
mod state;
mod taps;
mod values;

use std::{net::SocketAddr, path::PathBuf};

use ringtap_document as document;
use ringtap_pipeline::name::PluginName;

pub(crate) use case::{CaseFile, RandomPackets};
pub(crate) use file::{ConfigError, ConfigFile};
pub(crate) use interface::InterfacePattern;
pub(crate) use limits::{LimitOverrides, Limits, WhenFull};
pub(crate) use log::{Log, LogFilter, LogFormat};
pub(crate) use own::{Own, Owns};
pub(crate) use state::state_directory;
pub(crate) use taps::{Attach, Egress, Ingress, Taps};
pub(crate) use values::{
    Bundled, EventsTo, Expected, Listen, Place, PluginDirectory, UserName, duration,
};

/// The complete commented example, which holds the defaults.
pub(crate) const EXAMPLE: &str = include_str!("../../../docs/ringtap.example.toml");

/// The plugins that are embedded in the binary.
pub(crate) const BUNDLED_PLUGINS: [&str; 5] =
    ["flow-log", "protocol-mix", "scan-watch", "tcp-health", "top-talkers"];

/// Those of them that run where nothing is said.
pub(crate) const DEFAULT_PLUGINS: [&str; 2] = ["flow-log", "top-talkers"];

/// All that can be configured.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Config {
    /// Which interfaces to tap; none means those that carry the default routes.
    pub interfaces: Vec<InterfacePattern>,
    pub listen: Listen,
    pub control: Place,
    /// Who a live runtime becomes; `None`: it stays who started it.
    pub user: Option<UserName>,
    pub cache: Place,
    pub state_directory: Place,
    pub taps: Taps,
    pub plugins: Plugins,
    /// Of plugins that have none of their own.
    pub limits: Limits,
    pub own: Owns,
    pub events: Events,
    pub log: Log,
}

/// Which plugins run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Plugins {
    pub directory: PluginDirectory,
    /// `None`: [`DEFAULT_PLUGINS`] unless there is a directory; see [`Plugins::bundled`].
    pub bundled: Option<Bundled>,
}

/// Where events go.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Events {
    pub to: EventsTo,
    /// Events that wait for the sink before it refuses more.
    pub queue: usize,
}

/// A configuration and where it is from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Loaded {
    pub config: Config,
    /// The file that was read, if any.
    pub file: Option<PathBuf>,
}

impl Default for Events {
    fn default() -> Self {
        Self { to: EventsTo::Nowhere, queue: 8192 }
    }
}

impl Plugins {
    /// The bundled plugins to run: those that were named, else the default ones where no directory is.
    pub(crate) fn bundled(&self) -> Vec<PluginName> {
        match (&self.bundled, &self.directory) {
            (Some(Bundled(names)), _) => names.clone(),
            (None, PluginDirectory(Some(_))) => Vec::new(),
            (None, PluginDirectory(None)) => Bundled::by_default().0,
        }
    }
}

impl Config {
    /// Read `file`, then let `flags` change what they name. Flags carry the environment too.
    pub(crate) fn load(
        file: &ConfigFile,
        flags: impl FnOnce(&mut Self),
    ) -> Result<Loaded, ConfigError> {
        let (mut config, file) = match file::read(file)? {
            None => (Self::default(), None),
            Some((path, text)) => (schema::parse(&path, &text)?, Some(path)),
        };
        flags(&mut config);
        Ok(Loaded { config, file })
    }

    /// What was asked for and deserves a second look, a sentence each.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let exposed = |address: &SocketAddr| {
            format!(
                "{address} is not a loopback address: whoever reaches it can read addresses and \
                 traffic volumes at /metrics, without a password"
            )
        };
        let address = self.listen.address().filter(|address| !address.ip().is_loopback());
        address.iter().map(exposed).collect()
    }
}

#[cfg(test)]
mod tests;
