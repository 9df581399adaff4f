//! Burns CPU over each record, `rounds` (10,000) of about a nanosecond, well within the deadline of a
//! call: `guest_records_total`, and `guest_packets_total` for what they stand for.

use guests::Samples;
use ringtap_plugin::{Aggregate, Batch, Config, Plugin, Refusal};

struct Spins {
    rounds: u64,
    samples: Samples,
}

impl Plugin for Spins {
    fn new(config: &str) -> Result<Self, Refusal> {
        let mut config = Config::parse(config)?;
        let rounds = config.integer("rounds", 10_000, 0..=u64::MAX)?;
        config.finish()?;
        Ok(Self { rounds, samples: Samples::new()? })
    }
}

impl Aggregate for Spins {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        for _ in batch.packets() {
            for round in 0..self.rounds {
                std::hint::black_box(round);
            }
        }
        self.samples.count(batch);
    }
}

ringtap_plugin::export!(Spins: Aggregate);
