//! Counts ticks. It has no role: no packet comes.

use std::time::Duration;

use ringtap_plugin::{Counter, Gauge, Plugin, Refusal};

struct Ticks {
    ticks: Counter,
    now_ns: Gauge,
}

impl Plugin for Ticks {
    const TICK: Duration = guests::SOON;

    fn new(_config: &str) -> Result<Self, Refusal> {
        let ticks = Counter::new("guest_ticks_total", "Ticks.", &[])?;
        Ok(Self { ticks, now_ns: Gauge::new("guest_tick_time_ns", "Time of the last tick.", &[])? })
    }

    fn tick(&mut self, now_ns: u64) {
        self.ticks.inc();
        self.now_ns.set(now_ns as f64);
    }
}

ringtap_plugin::export!(Ticks);
