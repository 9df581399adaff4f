//! Wants TCP to port 443: `guest_packets_total` and `guest_bytes_total`, scaled by what a record
//! stands for.

use ringtap_plugin::{Aggregate, Batch, Counter, Interest, Plugin, Refusal};

struct InterestWeb {
    packets: Counter,
    bytes: Counter,
}

impl Plugin for InterestWeb {
    fn interests() -> Vec<Interest> {
        vec![Interest::new("web", "tcp dst port 443")]
    }

    fn new(_config: &str) -> Result<Self, Refusal> {
        let packets = Counter::new("guest_packets_total", "Packets on the wire.", &[])?;
        Ok(Self { packets, bytes: Counter::new("guest_bytes_total", "Bytes on the wire.", &[])? })
    }
}

impl Aggregate for InterestWeb {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        self.packets.add(batch.packets().map(|packet| packet.packets()).sum());
        self.bytes.add(batch.packets().map(|packet| packet.wire_bytes()).sum());
    }
}

ringtap_plugin::export!(InterestWeb: Aggregate);
