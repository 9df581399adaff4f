//! Wants UDP and ICMP, apart: `guest_records_total{interest}`, where `interest` is `udp`, `icmp`, or
//! `none` for a record that neither took.

use ringtap_plugin::{Aggregate, Batch, Counter, Family, Interest, Plugin, Refusal};

struct InterestTwo(Family<Counter, 1>);

impl Plugin for InterestTwo {
    fn interests() -> Vec<Interest> {
        vec![Interest::new("udp", "udp"), Interest::new("icmp", "icmp or icmp6")]
    }

    fn new(_config: &str) -> Result<Self, Refusal> {
        let mut records = Counter::family("guest_records_total", "Records.", ["interest"]);
        for interest in ["udp", "icmp", "none"] {
            records.with([interest])?;
        }
        Ok(Self(records))
    }
}

impl Aggregate for InterestTwo {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        for packet in batch.packets() {
            let took = [packet.matches(0), packet.matches(1), packet.matched() & 0b11 == 0];
            for (interest, _) in ["udp", "icmp", "none"].iter().zip(took).filter(|(_, took)| *took)
            {
                self.0.with([interest]).expect("defined at the start").inc();
            }
        }
    }
}

ringtap_plugin::export!(InterestTwo: Aggregate);
