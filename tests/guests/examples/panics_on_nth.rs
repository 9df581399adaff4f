//! `continues` in version 2, which panics over its `nth` (3) batch, after it counted that.

use guests::{Continues, Continuing};
use ringtap_plugin::{Config, Refusal};

struct PanicsOnNth {
    left: u64,
}

impl Continues for PanicsOnNth {
    const VERSION: u8 = 2;

    fn new(config: &str) -> Result<Self, Refusal> {
        let mut config = Config::parse(config)?;
        let left = config.integer("nth", 3, 1..=u64::MAX)?;
        config.finish()?;
        Ok(Self { left })
    }

    fn on_batch(&mut self) {
        self.left = self.left.saturating_sub(1);
        assert!(self.left > 0, "told to trap");
    }
}

type Guest = Continuing<PanicsOnNth>;

ringtap_plugin::export!(Guest: Aggregate + State);
