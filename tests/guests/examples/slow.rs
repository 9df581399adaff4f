//! Burns CPU with each batch, `rounds` (1,000,000) of about a nanosecond, then counts the records.

use ringtap_plugin::{Aggregate, Batch, Config, Counter, Plugin, Refusal};

struct Slow {
    rounds: u64,
    records: Counter,
}

impl Plugin for Slow {
    fn new(config: &str) -> Result<Self, Refusal> {
        let mut config = Config::parse(config)?;
        let rounds = config.integer("rounds", 1_000_000, 0..=u64::MAX)?;
        config.finish()?;
        Ok(Self { rounds, records: Counter::new("guest_records_total", "Records.", &[])? })
    }
}

impl Aggregate for Slow {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        for round in 0..self.rounds {
            std::hint::black_box(round);
        }
        self.records.add(batch.len() as u64);
    }
}

ringtap_plugin::export!(Slow: Aggregate);
