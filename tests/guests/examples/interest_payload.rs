//! Wants 64 payload bytes of UDP: `guest_payload_bytes_total`, and for each of the first 8 packets with
//! payload the event `payload` with its `bytes`.

use ringtap_plugin::{Aggregate, Batch, Counter, Event, Interest, Plugin, Refusal};

struct InterestPayload {
    bytes: Counter,
    left: usize,
}

impl Plugin for InterestPayload {
    fn interests() -> Vec<Interest> {
        vec![Interest::new("udp", "udp").payload(64)]
    }

    fn new(_config: &str) -> Result<Self, Refusal> {
        let bytes = Counter::new("guest_payload_bytes_total", "Bytes of payload.", &[])?;
        Ok(Self { bytes, left: 8 })
    }
}

impl Aggregate for InterestPayload {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        for packet in batch.packets().filter(|packet| !packet.payload().is_empty()) {
            self.bytes.add(packet.payload().len() as u64);
            if self.left > 0 {
                self.left -= 1;
                let event = Event::new("payload", packet.time_ns());
                event.field("bytes", packet.payload().to_vec()).emit();
            }
        }
    }
}

ringtap_plugin::export!(InterestPayload: Aggregate);
