//! Counts packets and tells how many when it stops, and hands on half of what it counted.

use ringtap_plugin::{Aggregate, Batch, Event, Plugin, Refusal, State};

struct Forgets(u64);

impl Plugin for Forgets {
    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self(0))
    }

    fn stop(&mut self, now_ns: u64) {
        Event::new("packets", now_ns).field("count", self.0).emit();
    }
}

impl Aggregate for Forgets {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        self.0 += batch.len() as u64;
    }
}

impl State for Forgets {
    const SCHEMA: u32 = 1;

    fn save(&mut self) -> Result<Vec<u8>, Refusal> {
        Ok((self.0 / 2).to_le_bytes().to_vec())
    }

    fn restore(&mut self, _schema: u32, saved: &[u8]) -> Result<(), Refusal> {
        self.0 = saved.try_into().map(u64::from_le_bytes).map_err(|_| "the state is damaged")?;
        Ok(())
    }
}

ringtap_plugin::export!(Forgets: Aggregate + State);
