use std::time::Duration;

use ringtap_plugin::{Config, Error};

/// Services and connections of the largest tables.
pub(crate) const MAX_SERVICES: u64 = 1000;
pub(crate) const MAX_CONNECTIONS: u64 = 65_536;

/// A config that can be followed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Settings {
    pub(crate) services: usize,
    pub(crate) connections: usize,
    pub(crate) idle_timeout: Duration,
    pub(crate) window: Duration,
    pub(crate) least: u64,
    pub(crate) retransmit_percent: u64,
    pub(crate) reset_percent: u64,
}

impl Settings {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let mut config = Config::parse(text)?;
        let settings = Self {
            services: config.integer("services", 100, 1..=MAX_SERVICES)? as usize,
            connections: config.integer("connections", 8192, 16..=MAX_CONNECTIONS)? as usize,
            idle_timeout: config.seconds("idle_timeout", 60, 1..=3600)?,
            window: config.seconds("window", 10, 1..=3600)?,
            least: config.integer("least", 50, 1..=1_000_000)?,
            retransmit_percent: config.integer("retransmit_percent", 5, 0..=100)?,
            reset_percent: config.integer("reset_percent", 20, 0..=100)?,
        };
        config.finish()?;
        Ok(settings)
    }
}
