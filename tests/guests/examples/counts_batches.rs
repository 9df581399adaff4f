//! Counts the batches that it is given: what comes of it depends on where they end.

use ringtap_plugin::{Aggregate, Batch, Counter, Plugin, Refusal};

struct CountsBatches(Counter);

impl Plugin for CountsBatches {
    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self(Counter::new("guest_batches_total", "Batches.", &[])?))
    }
}

impl Aggregate for CountsBatches {
    fn on_packets(&mut self, _batch: &Batch<'_>) {
        self.0.inc();
    }
}

ringtap_plugin::export!(CountsBatches: Aggregate);
