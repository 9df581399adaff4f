//! The plugin of `counts` and `counts-v2`:
//! - `guest_packets_total{protocol,ip_version}` and `guest_bytes_total{protocol,ip_version}`, on the
//!   wire, the labels being numbers or `none`;
//! - `guest_records_total`, the records in which they came;
//! - `guest_sequence_errors_total`: batches that don't start where the one before ended and what was
//!   shed in between;
//! - `guest_version`, 1 or 2.

use ringtap_plugin::{Batch, Counter, Error, Family, Gauge};

/// What a version of the plugin consists of.
pub struct Counts {
    packets: Family<Counter, 2>,
    bytes: Family<Counter, 2>,
    records: Counter,
    sequence_errors: Counter,
    next: Option<u64>,
}

impl Counts {
    pub fn new(version: u8) -> Result<Self, Error> {
        let labels = ["protocol", "ip_version"];
        let errors = "Batches that don't follow the one before.";
        Gauge::new("guest_version", "Version of the guest.", &[])?.set(version.into());
        Ok(Self {
            packets: Counter::family("guest_packets_total", "Packets on the wire.", labels),
            bytes: Counter::family("guest_bytes_total", "Bytes on the wire.", labels),
            records: Counter::new("guest_records_total", "Records.", &[])?,
            sequence_errors: Counter::new("guest_sequence_errors_total", errors, &[])?,
            next: None,
        })
    }

    pub fn on_packets(&mut self, batch: &Batch<'_>) {
        self.check_sequence(batch);
        self.records.add(batch.len() as u64);
        let text = |number: Option<u8>| number.map_or("none".to_owned(), |n| n.to_string());
        for packet in batch.packets() {
            let (protocol, ip_version) = (text(packet.protocol()), text(packet.ip_version()));
            let labels = [protocol.as_str(), ip_version.as_str()];
            let known = "256 protocols in two versions are within the limit";
            self.packets.with(labels).expect(known).add(packet.packets());
            self.bytes.with(labels).expect(known).add(packet.wire_bytes());
        }
    }

    /// The first batch may start anywhere: another instance had those before.
    fn check_sequence(&mut self, batch: &Batch<'_>) {
        let end = batch.sequence() + batch.len() as u64;
        let expected = self.next.replace(end).map(|next| next + batch.shed_before());
        if expected.is_some_and(|expected| expected != batch.sequence()) {
            self.sequence_errors.inc();
        }
    }
}

/// A plugin of that version.
#[macro_export]
macro_rules! counts_plugin {
    ($version:literal) => {
        struct Plugin($crate::counts::Counts);

        impl ringtap_plugin::Plugin for Plugin {
            fn new(_config: &str) -> Result<Self, ringtap_plugin::Refusal> {
                Ok(Self($crate::counts::Counts::new($version)?))
            }
        }

        impl ringtap_plugin::Aggregate for Plugin {
            fn on_packets(&mut self, batch: &ringtap_plugin::Batch<'_>) {
                self.0.on_packets(batch);
            }
        }

        ringtap_plugin::export!(Plugin: Aggregate);
    };
}
