//! Panics in a call of one's choice; see [`guests::Trigger`]. Counts the batches before.

use guests::{Call, Trigger};
use ringtap_plugin::{Aggregate, Batch, Counter, Plugin, Refusal, log};

struct Traps {
    trigger: Trigger,
    batches: Counter,
}

impl Traps {
    fn pass(&mut self, call: Call) {
        assert!(!self.trigger.pulled_by(call), "told to trap");
    }
}

impl Plugin for Traps {
    const TICK: std::time::Duration = guests::SOON;

    fn new(config: &str) -> Result<Self, Refusal> {
        log::report_panics();
        let batches = Counter::new("guest_batches_total", "Batches.", &[])?;
        let mut plugin = Self { trigger: Trigger::parse(config)?, batches };
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

impl Aggregate for Traps {
    fn on_packets(&mut self, _batch: &Batch<'_>) {
        // Also of the batch that traps: the host must not show it.
        self.batches.inc();
        self.pass(Call::Packets);
    }
}

ringtap_plugin::export!(Traps: Aggregate);
