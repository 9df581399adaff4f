use ringtap_plugin::{Config, Error};

const DAY: u64 = 86_400;
const NS_PER_S: u64 = 1_000_000_000;

/// A config that can be followed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Settings {
    /// Active flows, at most.
    pub(crate) flows: usize,
    pub(crate) idle_ns: u64,
    pub(crate) active_ns: u64,
}

impl Settings {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let mut config = Config::parse(text)?;
        let flows = config.integer("flows", 8192, 16..=65_536)? as usize;
        let idle_ns = config.integer("idle_timeout", 15, 1..=DAY)? * NS_PER_S;
        let active_ns = config.integer("active_timeout", 120, 1..=DAY)? * NS_PER_S;
        config.finish()?;
        Ok(Self { flows, idle_ns, active_ns })
    }
}
