use ringtap_plugin::{Batch, Counter, Error, Gauge};

use super::state::{Passed, Progress};

pub(super) struct Metrics {
    records: Counter,
    shed: Counter,
    skipped: Counter,
    repeated: Counter,
    state_records: Gauge,
    state_packets: Gauge,
    state_first: Gauge,
    state_digest: Gauge,
    state_restores: Gauge,
}

impl Metrics {
    pub(super) fn new(version: u8) -> Result<Self, Error> {
        let counter = |name, help| Counter::new(name, help, &[]);
        let gauge = |name, help| Gauge::new(name, help, &[]);
        gauge("guest_version", "Version of the guest.")?.set(version.into());
        Ok(Self {
            records: counter("guest_records_total", "Records.")?,
            shed: counter("guest_shed_total", "Records that the host shed.")?,
            skipped: counter("guest_skipped_total", "Records that are missing.")?,
            repeated: counter("guest_repeated_total", "Records that had come before.")?,
            state_records: gauge("guest_state_records", "Records since the state began.")?,
            state_packets: gauge("guest_state_packets", "Packets since the state began.")?,
            state_first: gauge("guest_state_first", "Sequence number at which the state began.")?,
            state_digest: gauge("guest_state_digest", "Digest of the sequence numbers.")?,
            state_restores: gauge("guest_state_restores", "Times that the state was handed on.")?,
        })
    }

    pub(super) fn add(&self, batch: &Batch<'_>, Passed { skipped, repeated }: Passed) {
        self.records.add(batch.len() as u64);
        self.shed.add(batch.shed_before());
        self.skipped.add(skipped);
        self.repeated.add(repeated);
    }

    pub(super) fn show(&self, progress: &Progress) {
        self.state_records.set(progress.records as f64);
        self.state_packets.set(progress.packets as f64);
        self.state_first.set(progress.first as f64);
        self.state_digest.set(progress.digest as f64);
        self.state_restores.set(progress.restores as f64);
    }
}
