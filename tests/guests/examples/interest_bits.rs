//! Wants UDP, port 53 and what goes out, each apart from the others: `guest_records_total{matched}`,
//! where `matched` is the number that the bits of the interests make.

use ringtap_plugin::{Aggregate, Batch, Counter, Family, Interest, Plugin, Refusal};

struct InterestBits(Family<Counter, 1>);

impl Plugin for InterestBits {
    fn interests() -> Vec<Interest> {
        vec![
            Interest::new("udp", "udp"),
            Interest::new("dns", "port 53"),
            Interest::new("out", "outbound"),
        ]
    }

    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self(Counter::family("guest_records_total", "Records.", ["matched"])))
    }
}

impl Aggregate for InterestBits {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        for packet in batch.packets() {
            let matched = packet.matched().to_string();
            self.0.with([&matched]).expect("three bits make few numbers").inc();
        }
    }
}

ringtap_plugin::export!(InterestBits: Aggregate);
