//! Keeps every second record, by sequence number: the even ones.

use ringtap_plugin::{Batch, Filter, Kept, Packet, Plugin, Refusal};

struct KeepsEverySecond(u64);

impl Plugin for KeepsEverySecond {
    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self(0))
    }
}

impl Filter for KeepsEverySecond {
    fn keep(&mut self, _packet: &Packet<'_>) -> bool {
        self.0 += 1;
        self.0 % 2 == 1
    }

    fn keep_batch(&mut self, batch: &Batch<'_>) -> Kept {
        self.0 = batch.sequence();
        Kept::of(batch, |packet| self.keep(packet))
    }
}

ringtap_plugin::export!(KeepsEverySecond: Filter);
