use ringtap_plugin::{Config, Refusal};

/// Counts down to the batch that a guest is for. Config: `nth` (3), counted from 1.
#[derive(Clone, Copy, Debug)]
pub struct Nth(u64);

impl Nth {
    pub fn parse(config: &str) -> Result<Self, Refusal> {
        let mut config = Config::parse(config)?;
        let left = config.integer("nth", 3, 1..=u64::MAX)?;
        config.finish()?;
        Ok(Self(left))
    }

    /// Count a batch. Whether it is the one, or a later one.
    pub fn is_reached(&mut self) -> bool {
        self.0 = self.0.saturating_sub(1);
        self.0 == 0
    }
}
