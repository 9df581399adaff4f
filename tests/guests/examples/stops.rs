//! Says what it saw when it stops: the event `stopped` with `batches` and `records`.

use ringtap_plugin::{Aggregate, Batch, Event, Plugin, Refusal};

struct Stops {
    batches: u64,
    records: u64,
}

impl Plugin for Stops {
    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self { batches: 0, records: 0 })
    }

    fn stop(&mut self, now_ns: u64) {
        let event = Event::new("stopped", now_ns).field("batches", self.batches);
        event.field("records", self.records).emit();
    }
}

impl Aggregate for Stops {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        self.batches += 1;
        self.records += batch.len() as u64;
    }
}

ringtap_plugin::export!(Stops: Aggregate);
