//! Calls itself without end, in a call of one's choice; see [`guests::Trigger`].

use guests::{Call, Trigger};
use ringtap_plugin::{Aggregate, Batch, Plugin, Refusal};

struct Recurses(Trigger);

impl Recurses {
    fn pass(&mut self, call: Call) {
        if self.0.pulled_by(call) {
            std::hint::black_box(recurse(0));
        }
    }
}

impl Plugin for Recurses {
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

impl Aggregate for Recurses {
    fn on_packets(&mut self, _batch: &Batch<'_>) {
        self.pass(Call::Packets);
    }
}

#[expect(unconditional_recursion, reason = "is what it is for")]
fn recurse(depth: u64) -> u64 {
    std::hint::black_box(recurse(depth + 1)) + depth
}

ringtap_plugin::export!(Recurses: Aggregate);
