//! Takes for granted that IP packets are whole, and panics over others.

use ringtap_plugin::{Aggregate, Batch, Plugin, Refusal};

struct TrustsPackets;

impl Plugin for TrustsPackets {
    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

impl Aggregate for TrustsPackets {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        for packet in batch.packets().filter(|packet| packet.dst().is_some()) {
            assert!(!packet.is_malformed(), "told to trap");
        }
    }
}

ringtap_plugin::export!(TrustsPackets: Aggregate);
