//! Counts packets and bytes by IP protocol.
//!
//! Metrics: `{{ident}}_packets_total` and `{{ident}}_bytes_total`, with the label `protocol`.
//!
//! Events: `protocol` for each of them, every so many seconds and at the end, with what was counted
//! since the plugin first ran, over all its versions.
//!
//! Config, with its default:
//! ```toml
//! report_seconds = 60
//! ```

mod saved;
#[cfg(test)]
mod tests;
mod totals;

use std::time::Duration;

use ringtap_plugin::{
    Aggregate, Batch, Config, Counter, Event, Family, Packet, Plugin, Refusal, State, log, warn,
};
use totals::{Total, Totals};

struct Protocols {
    packets: Family<Counter, 1>,
    bytes: Family<Counter, 1>,
    totals: Totals,
    report_every: Duration,
    reported_ns: Option<u64>,
}

impl Plugin for Protocols {
    const TICK: Duration = Duration::from_secs(1);

    fn new(config: &str) -> Result<Self, Refusal> {
        log::report_panics();
        let mut config = Config::parse(config)?;
        let report_every = config.seconds("report_seconds", 60, 1..=86_400)?;
        config.finish()?;
        let family = |name, help| Counter::family(name, help, ["protocol"]);
        Ok(Self {
            packets: family("{{ident}}_packets_total", "Packets by IP protocol."),
            bytes: family("{{ident}}_bytes_total", "Bytes on the wire by IP protocol."),
            totals: Totals::default(),
            report_every,
            reported_ns: None,
        })
    }

    fn tick(&mut self, now_ns: u64) {
        let since = *self.reported_ns.get_or_insert(now_ns);
        if Duration::from_nanos(now_ns.saturating_sub(since)) >= self.report_every {
            self.reported_ns = Some(now_ns);
            self.report(now_ns);
        }
    }

    fn stop(&mut self, now_ns: u64) {
        self.report(now_ns);
    }
}

impl Aggregate for Protocols {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        for packet in batch.packets() {
            self.count(&packet);
        }
    }
}

impl State for Protocols {
    const SCHEMA: u32 = 1;

    fn save(&mut self) -> Result<Vec<u8>, Refusal> {
        Ok(saved::save(self.reported_ns, &self.totals))
    }

    fn restore(&mut self, _schema: u32, saved: &[u8]) -> Result<(), Refusal> {
        (self.reported_ns, self.totals) = saved::restore(saved)?;
        Ok(())
    }
}

impl Protocols {
    fn count(&mut self, packet: &Packet<'_>) {
        let protocol = packet.protocol().map_or("none", protocol_name);
        // Of one record, these can be more: it may stand for a sample or for a super-packet.
        let (packets, bytes) = (packet.packets(), packet.wire_bytes());
        self.totals.add(protocol, Total { packets, bytes });
        // The host says no only to names and labels that break its rules.
        match (self.packets.with([protocol]), self.bytes.with([protocol])) {
            (Ok(counted), Ok(weighed)) => {
                counted.add(packets);
                weighed.add(bytes);
            }
            (Err(error), _) | (_, Err(error)) => warn!("{protocol} is not counted: {error}"),
        }
    }

    fn report(&self, now_ns: u64) {
        for (protocol, total) in self.totals.iter() {
            Event::new("protocol", now_ns)
                .field("protocol", protocol.to_owned())
                .field("packets", total.packets)
                .field("bytes", total.bytes)
                .emit();
        }
    }
}

/// As IANA assigns the numbers; the others are one series, so that nobody who sends packets decides
/// how many there are.
fn protocol_name(number: u8) -> &'static str {
    match number {
        1 => "icmp",
        6 => "tcp",
        17 => "udp",
        58 => "icmp6",
        _ => "other",
    }
}

ringtap_plugin::export!(Protocols: Aggregate + State);
