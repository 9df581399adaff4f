//! Defines `series` (1,000) new series with each batch, of `labels` (16) labels with values of `bytes`
//! (256), and counts what the host refuses: `guest_refused_total`.

use ringtap_plugin::{Aggregate, Batch, Config, Counter, Plugin, Refusal};

struct FloodsLabels {
    series: u64,
    names: Vec<String>,
    bytes: usize,
    defined: u64,
    refused: Counter,
}

impl Plugin for FloodsLabels {
    fn new(config: &str) -> Result<Self, Refusal> {
        let mut config = Config::parse(config)?;
        let series = config.integer("series", 1000, 0..=u64::MAX)?;
        let labels = config.integer("labels", 16, 1..=1000)?;
        let bytes = config.integer("bytes", 256, 20..=1 << 20)? as usize;
        config.finish()?;
        let refused = Counter::new("guest_refused_total", "Series that were refused.", &[])?;
        let names = (0..labels).map(|n| format!("label_{n}")).collect();
        Ok(Self { series, names, bytes, defined: 0, refused })
    }
}

impl Aggregate for FloodsLabels {
    fn on_packets(&mut self, _batch: &Batch<'_>) {
        for _ in 0..self.series {
            let value = format!("{:0>width$}", self.defined, width = self.bytes);
            self.defined += 1;
            let labels: Vec<_> =
                self.names.iter().map(|name| (name.as_str(), value.as_str())).collect();
            match Counter::new("guest_flood_total", "One of many.", &labels) {
                Ok(counter) => counter.inc(),
                Err(_) => self.refused.inc(),
            }
        }
    }
}

ringtap_plugin::export!(FloodsLabels: Aggregate);
