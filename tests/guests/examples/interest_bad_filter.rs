//! States an interest whose filter does not parse.

use ringtap_plugin::{Aggregate, Batch, Interest, Plugin, Refusal};

struct InterestBadFilter;

impl Plugin for InterestBadFilter {
    fn interests() -> Vec<Interest> {
        vec![Interest::new("web", "tcp and port 99999")]
    }

    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

impl Aggregate for InterestBadFilter {
    fn on_packets(&mut self, _batch: &Batch<'_>) {}
}

ringtap_plugin::export!(InterestBadFilter: Aggregate);
