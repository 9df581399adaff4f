//! Counts packets by IP protocol.

use ringtap_plugin::{Aggregate, Batch, Counter, Family, Plugin, Refusal};

struct Hello {
    packets: Family<Counter, 1>,
}

impl Plugin for Hello {
    fn new(_config: &str) -> Result<Self, Refusal> {
        let packets = Counter::family("hello_packets_total", "Packets seen.", ["protocol"]);
        Ok(Self { packets })
    }
}

impl Aggregate for Hello {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        for packet in batch.packets() {
            let protocol = match packet.protocol() {
                Some(1 | 58) => "icmp",
                Some(6) => "tcp",
                Some(17) => "udp",
                Some(_) => "other",
                None => "not_ip",
            };
            if let Ok(counter) = self.packets.with([protocol]) {
                counter.add(packet.packets());
            }
        }
    }
}

ringtap_plugin::export!(Hello: Aggregate);
