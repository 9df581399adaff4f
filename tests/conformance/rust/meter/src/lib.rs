//! Counts bytes by destination, tells of DNS, and hands on what it knows.

mod known;

use std::time::Duration;

use known::Known;
use ringtap_plugin::{
    Aggregate, Batch, Config, Counter, Event, Family, Gauge, Histogram, Interest, Packet, Plugin,
    Refusal, State, info,
};

/// The interest of DNS.
const DNS: usize = 1;

/// In the third byte of a DNS message (RFC 1035, 4.1.1).
const ANSWER: u8 = 0x80;

struct Meter {
    limit: usize,
    /// The record at which it traps; 0 for none.
    trap_after: u64,
    records: u64,
    known: Known,
    sizes: Histogram,
    destinations: Gauge,
    bytes: Family<Counter, 1>,
}

impl Plugin for Meter {
    const TICK: Duration = Duration::from_secs(1);

    fn interests() -> Vec<Interest> {
        vec![Interest::new("all", ""), Interest::new("dns", "udp port 53").payload(512)]
    }

    fn new(config: &str) -> Result<Self, Refusal> {
        let mut config = Config::parse(config)?;
        let limit = config.integer("limit", 1000, 1..=100_000)?;
        let trap_after = config.integer("trap_after", 0, 0..=1_000_000_000)?;
        config.finish()?;
        info!("meter starts with limit {limit}");
        let bounds = [64.0, 128.0, 256.0, 512.0, 1024.0, 1518.0];
        let sizes = Histogram::new("meter_packet_bytes", "Sizes of packets.", &bounds, &[])?;
        let help = "Destinations that are known.";
        let destinations = Gauge::new("meter_destinations", help, &[])?;
        let bytes = Counter::family("meter_bytes_total", "Bytes by destination.", ["dst"]);
        let (records, known, limit) = (0, Known::default(), usize::try_from(limit)?);
        Ok(Self { limit, trap_after, records, known, sizes, destinations, bytes })
    }

    fn tick(&mut self, now_ns: u64) {
        Event::new("tick", now_ns)
            .field("destinations", self.known.len() as u64)
            .field("records", self.records)
            .field("share", self.known.share_of_first())
            .emit();
    }

    fn stop(&mut self, now_ns: u64) {
        for (dst, traffic) in self.known.iter() {
            Event::new("total", now_ns)
                .field("dst", *dst)
                .field("bytes", traffic.bytes)
                .field("packets", traffic.packets)
                .field("delta", traffic.packets.wrapping_sub(traffic.bytes).cast_signed())
                .emit();
        }
    }
}

impl Aggregate for Meter {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        for packet in batch.packets() {
            self.records += 1;
            assert!(self.trap_after == 0 || self.records < self.trap_after, "as configured");
            self.sizes.observe(packet.wire_len().into());
            self.count(&packet);
            if packet.matches(DNS) {
                tell_dns(&packet);
            }
        }
        self.destinations.set(self.known.len() as f64);
    }
}

impl Meter {
    fn count(&mut self, packet: &Packet<'_>) {
        let Some(dst) = packet.dst() else { return };
        let bytes = packet.wire_bytes();
        let label = match self.known.add(dst, bytes, packet.packets(), self.limit) {
            true => &dst.to_string(),
            false => "other",
        };
        if let Ok(counter) = self.bytes.with([label]) {
            counter.add(bytes);
        }
    }
}

impl State for Meter {
    const SCHEMA: u32 = 1;

    fn save(&mut self) -> Result<Vec<u8>, Refusal> {
        Ok(self.known.save(self.records))
    }

    fn restore(&mut self, _schema: u32, saved: &[u8]) -> Result<(), Refusal> {
        let restored = Known::restore(saved, self.limit);
        (self.records, self.known) = restored.ok_or("the saved state is damaged")?;
        Ok(())
    }
}

fn tell_dns(packet: &Packet<'_>) {
    let payload = packet.payload();
    Event::new("dns", packet.time_ns())
        .maybe("src", packet.src())
        .maybe("dst", packet.dst())
        .maybe("src_port", packet.src_port())
        .field("payload", payload.to_vec())
        .field("is_answer", payload.get(2).is_some_and(|byte| byte & ANSWER != 0))
        .emit();
}

ringtap_plugin::export!(Meter: Aggregate + State);
