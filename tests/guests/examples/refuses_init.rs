//! Refuses to start, with its config as the reason.

use ringtap_plugin::{Aggregate, Batch, Plugin, Refusal};

struct RefusesInit;

impl Plugin for RefusesInit {
    fn new(config: &str) -> Result<Self, Refusal> {
        Err(format!("told to refuse: {config}").into())
    }
}

impl Aggregate for RefusesInit {
    fn on_packets(&mut self, _batch: &Batch<'_>) {
        unreachable!("it never starts");
    }
}

ringtap_plugin::export!(RefusesInit: Aggregate);
