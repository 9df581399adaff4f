//! Wants one packet in 10, by chance: `guest_records_total`, and `guest_packets_total` for what they
//! stand for.

use guests::Samples;
use ringtap_plugin::{Aggregate, Batch, Interest, Plugin, Refusal};

struct InterestSampled(Samples);

impl Plugin for InterestSampled {
    fn interests() -> Vec<Interest> {
        vec![Interest::new("some", "").sample(10)]
    }

    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self(Samples::new()?))
    }
}

impl Aggregate for InterestSampled {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        self.0.count(batch);
    }
}

ringtap_plugin::export!(InterestSampled: Aggregate);
