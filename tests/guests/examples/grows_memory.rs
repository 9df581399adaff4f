//! Takes memory until there is no more, in a call of one's choice; see [`guests::Trigger`].

use guests::{Call, Trigger};
use ringtap_plugin::{Aggregate, Batch, Plugin, Refusal};

struct GrowsMemory(Trigger);

impl GrowsMemory {
    fn pass(&mut self, call: Call) {
        if self.0.pulled_by(call) {
            loop {
                std::hint::black_box(vec![1_u8; 1 << 20].leak());
            }
        }
    }
}

impl Plugin for GrowsMemory {
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

impl Aggregate for GrowsMemory {
    fn on_packets(&mut self, _batch: &Batch<'_>) {
        self.pass(Call::Packets);
    }
}

ringtap_plugin::export!(GrowsMemory: Aggregate);
