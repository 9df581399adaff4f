//! Wants one flow in 10: `guest_records_total`, and `guest_packets_total` for what they
//! stand for.

use guests::Samples;
use ringtap_plugin::{Aggregate, Batch, Interest, Plugin, Refusal};

struct InterestSampledFlows(Samples);

impl Plugin for InterestSampledFlows {
    fn interests() -> Vec<Interest> {
        vec![Interest::new("some", "").sample_flows(10)]
    }

    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self(Samples::new()?))
    }
}

impl Aggregate for InterestSampledFlows {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        self.0.count(batch);
    }
}

ringtap_plugin::export!(InterestSampledFlows: Aggregate);
