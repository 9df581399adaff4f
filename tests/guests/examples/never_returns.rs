//! Loops for ever in a call of one's choice; see [`guests::Trigger`].

use guests::{Call, Trigger};
use ringtap_plugin::{Aggregate, Batch, Plugin, Refusal};

struct NeverReturns(Trigger);

impl NeverReturns {
    fn pass(&mut self, call: Call) {
        if self.0.pulled_by(call) {
            loop {
                std::hint::spin_loop();
            }
        }
    }
}

impl Plugin for NeverReturns {
    const TICK: std::time::Duration = guests::SOON;

    fn new(config: &str) -> Result<Self, Refusal> {
        let mut plugin = Self(Trigger::parse(config)?);
        plugin.pass(Call::Init);
        Ok(plugin)
    }

    fn tick(&mut self, _now_ns: u64) {
        self.pass(Call::Tick);
    }

    fn stop(&mut self, _now_ns: u64) {
        self.pass(Call::Stop);
    }
}

impl Aggregate for NeverReturns {
    fn on_packets(&mut self, _batch: &Batch<'_>) {
        self.pass(Call::Packets);
    }
}

ringtap_plugin::export!(NeverReturns: Aggregate);
