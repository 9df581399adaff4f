//! Tells when an interface carries more than it should: the event `burst`.
//!
//! Config, with its default:
//! ```toml
//! mbit_per_second = 100
//! ```

#[cfg(test)]
mod tests;

use std::{collections::HashMap, time::Duration};

use ringtap_plugin::{
    Aggregate, Batch, Config, Direction, Event, Histogram, Plugin, Refusal, interface_name, log,
};

const SIZES: [f64; 5] = [64.0, 256.0, 1024.0, 1518.0, 9018.0];

struct Bursts {
    limit: f64,
    sizes: Histogram,
    /// Bytes since the last tick. As many entries as there are taps, so it stays small.
    bytes: HashMap<(u32, Option<Direction>), u64>,
    since_ns: Option<u64>,
}

impl Plugin for Bursts {
    const TICK: Duration = Duration::from_secs(1);

    fn new(config: &str) -> Result<Self, Refusal> {
        log::report_panics();
        let mut config = Config::parse(config)?;
        let mbit_per_second = config.integer("mbit_per_second", 100, 1..=1_000_000)?;
        config.finish()?;
        let sizes = Histogram::new("bursts_packet_bytes", "Sizes of packets.", &SIZES, &[])?;
        let limit = mbit_per_second as f64 * 1e6 / 8.0;
        Ok(Self { limit, sizes, bytes: HashMap::new(), since_ns: None })
    }

    fn tick(&mut self, now_ns: u64) {
        let since_ns =
            self.since_ns.replace(now_ns).unwrap_or(now_ns.saturating_sub(1_000_000_000));
        // A tick can be late, and so cover more than a second.
        let seconds = now_ns.saturating_sub(since_ns).max(1) as f64 / 1e9;
        for ((ifindex, direction), bytes) in self.bytes.drain() {
            if bytes as f64 / seconds > self.limit {
                Event::new("burst", now_ns)
                    .maybe("interface", interface_name(ifindex))
                    .maybe("direction", direction.map(Direction::name))
                    .field("bytes", bytes)
                    .field("seconds", seconds)
                    .emit();
            }
        }
    }
}

impl Aggregate for Bursts {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        for packet in batch.packets() {
            self.sizes.observe(f64::from(packet.wire_len()));
            *self.bytes.entry((packet.ifindex(), packet.direction())).or_default() +=
                packet.wire_bytes();
        }
    }
}

ringtap_plugin::export!(Bursts: Aggregate);
