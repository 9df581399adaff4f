//! Waits in a call of the host, WASI's clock, `ms` (10,000) with each batch, then counts the batch:
//! `guest_batches_total`.

use ringtap_plugin::{Aggregate, Batch, Config, Counter, Plugin, Refusal};

wit_bindgen::generate!({
    inline: "
        package ringtap:guest;
        world guest {
            import wasi:clocks/monotonic-clock@0.2.0;
        }
        package wasi:io@0.2.0 {
            interface poll {
                resource pollable {
                    block: func();
                }
            }
        }
        package wasi:clocks@0.2.0 {
            interface monotonic-clock {
                use wasi:io/poll@0.2.0.{pollable};
                subscribe-duration: func(when: u64) -> pollable;
            }
        }",
    world: "ringtap:guest/guest",
    generate_all,
});

use wasi::clocks::monotonic_clock::subscribe_duration;

struct SleepsInHostCall {
    ns: u64,
    batches: Counter,
}

impl Plugin for SleepsInHostCall {
    fn new(config: &str) -> Result<Self, Refusal> {
        let mut config = Config::parse(config)?;
        let ns = config.integer("ms", 10_000, 0..=1_000_000)? * 1_000_000;
        config.finish()?;
        Ok(Self { ns, batches: Counter::new("guest_batches_total", "Batches.", &[])? })
    }
}

impl Aggregate for SleepsInHostCall {
    fn on_packets(&mut self, _batch: &Batch<'_>) {
        subscribe_duration(self.ns).block();
        self.batches.inc();
    }
}

ringtap_plugin::export!(SleepsInHostCall: Aggregate);
