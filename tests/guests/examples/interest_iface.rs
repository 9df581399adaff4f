//! Wants the packets of the interface near0: `guest_records_total`, and `guest_packets_total` for what they
//! stand for.

use guests::Samples;
use ringtap_plugin::{Aggregate, Batch, Interest, Plugin, Refusal};

struct InterestIface(Samples);

impl Plugin for InterestIface {
    fn interests() -> Vec<Interest> {
        vec![Interest::new("near", "iface near0")]
    }

    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self(Samples::new()?))
    }
}

impl Aggregate for InterestIface {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        self.0.count(batch);
    }
}

ringtap_plugin::export!(InterestIface: Aggregate);
