use std::time::Duration;

use ringtap_plugin::{Config, Error};

const DAY: u64 = 86_400;

/// Pairs of the largest table.
pub(crate) const MAX_TABLE: u64 = 65_536;

/// A config that can be followed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Settings {
    pub(crate) top: usize,
    pub(crate) table: usize,
    pub(crate) half_life: Duration,
}

impl Settings {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let mut config = Config::parse(text)?;
        let table = config.integer("table", 4096, 16..=MAX_TABLE)?;
        // Shown pairs are never dropped, so they must leave room for others to grow.
        let most = (table / 4).min(1000);
        let top = config.integer("top", most.min(20), 1..=most)?;
        let half_life = config.seconds("half_life", 60, 1..=DAY)?;
        config.finish()?;
        Ok(Self { top: top as usize, table: table as usize, half_life })
    }
}
