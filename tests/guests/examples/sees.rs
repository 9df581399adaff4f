//! An event `sees` for each packet, with the time at which the plugin was given it.

use ringtap_plugin::{Aggregate, Batch, Event, Plugin, Refusal, now_ns};

struct Sees;

impl Plugin for Sees {
    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

impl Aggregate for Sees {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        let now_ns = now_ns();
        for packet in batch.packets() {
            Event::new("sees", packet.time_ns())
                .field("at_ns", now_ns)
                .maybe("src_port", packet.src_port())
                .emit();
        }
    }
}

ringtap_plugin::export!(Sees: Aggregate);
