//! Writes `lines` (100,000) lines of 2 KiB to the log with each batch.

use ringtap_plugin::{Aggregate, Batch, Config, Plugin, Refusal, warn};

struct FloodsLogs {
    lines: u64,
    text: String,
}

impl Plugin for FloodsLogs {
    fn new(config: &str) -> Result<Self, Refusal> {
        let mut config = Config::parse(config)?;
        let lines = config.integer("lines", 100_000, 0..=u64::MAX)?;
        config.finish()?;
        Ok(Self { lines, text: "x".repeat(2048) })
    }
}

impl Aggregate for FloodsLogs {
    fn on_packets(&mut self, _batch: &Batch<'_>) {
        for _ in 0..self.lines {
            warn!("{}", self.text);
        }
    }
}

ringtap_plugin::export!(FloodsLogs: Aggregate);
