//! Emits `rows` (1,000,000) events with each batch, and counts what the host refuses.

use ringtap_plugin::{Aggregate, Batch, Config, Counter, Event, Plugin, Refusal};

const ROWS_AT_ONCE: u64 = 100;

struct FloodsEvents {
    rows: u64,
    refused: Counter,
}

impl Plugin for FloodsEvents {
    fn new(config: &str) -> Result<Self, Refusal> {
        let mut config = Config::parse(config)?;
        let rows = config.integer("rows", 1_000_000, 0..=u64::MAX)?;
        config.finish()?;
        let refused = Counter::new("guest_refused_total", "Rows that were refused.", &[])?;
        Ok(Self { rows, refused })
    }
}

impl Aggregate for FloodsEvents {
    fn on_packets(&mut self, _batch: &Batch<'_>) {
        for first in (0..self.rows).step_by(ROWS_AT_ONCE as usize) {
            let last = (first + ROWS_AT_ONCE).min(self.rows);
            let row = |n| Event::new("flood", 0).field("n", n).field("text", "x".repeat(100));
            let rows: Vec<_> = (first..last).map(row).collect();
            if Event::emit_all(&rows).is_err() {
                self.refused.add(last - first);
            }
        }
    }
}

ringtap_plugin::export!(FloodsEvents: Aggregate);
