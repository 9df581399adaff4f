//! Counts packets, and takes for granted that what it restores is what it saved.

use ringtap_plugin::{Aggregate, Batch, Plugin, Refusal, State};

struct TrustsState(u64);

impl Plugin for TrustsState {
    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self(0))
    }
}

impl Aggregate for TrustsState {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        self.0 += batch.len() as u64;
    }
}

impl State for TrustsState {
    const SCHEMA: u32 = 1;

    fn save(&mut self) -> Result<Vec<u8>, Refusal> {
        Ok(self.0.to_le_bytes().to_vec())
    }

    fn restore(&mut self, _schema: u32, saved: &[u8]) -> Result<(), Refusal> {
        self.0 = u64::from_le_bytes(saved.try_into().expect("what was saved"));
        Ok(())
    }
}

ringtap_plugin::export!(TrustsState: Aggregate + State);
