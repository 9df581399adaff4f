//! Defines `series` (1,000,000) new series with each batch, and counts what the host refuses.

use ringtap_plugin::{Aggregate, Batch, Config, Counter, Plugin, Refusal};

struct FloodsMetrics {
    series: u64,
    defined: u64,
    refused: Counter,
}

impl Plugin for FloodsMetrics {
    fn new(config: &str) -> Result<Self, Refusal> {
        let mut config = Config::parse(config)?;
        let series = config.integer("series", 1_000_000, 0..=u64::MAX)?;
        config.finish()?;
        let refused = Counter::new("guest_refused_total", "Series that were refused.", &[])?;
        Ok(Self { series, defined: 0, refused })
    }
}

impl Aggregate for FloodsMetrics {
    fn on_packets(&mut self, _batch: &Batch<'_>) {
        for _ in 0..self.series {
            let n = self.defined.to_string();
            self.defined += 1;
            match Counter::new("guest_flood_total", "One of many.", &[("n", &n)]) {
                Ok(counter) => counter.inc(),
                Err(_) => self.refused.inc(),
            }
        }
    }
}

ringtap_plugin::export!(FloodsMetrics: Aggregate);
