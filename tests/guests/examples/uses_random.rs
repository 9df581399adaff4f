//! Draws a number when it starts and one with each batch: the events `random` with `number`.

use ringtap_plugin::{Aggregate, Batch, Event, Plugin, Refusal, random_u64};

struct UsesRandom;

fn tell() {
    Event::new("random", 0).field("number", random_u64()).emit();
}

impl Plugin for UsesRandom {
    fn new(_config: &str) -> Result<Self, Refusal> {
        tell();
        Ok(Self)
    }
}

impl Aggregate for UsesRandom {
    fn on_packets(&mut self, _batch: &Batch<'_>) {
        tell();
    }
}

ringtap_plugin::export!(UsesRandom: Aggregate);
