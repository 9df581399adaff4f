use ringtap_plugin::{Batch, Counter, Error};

/// Records, and the packets on the wire that they stand for.
pub struct Samples {
    records: Counter,
    packets: Counter,
}

impl Samples {
    pub fn new() -> Result<Self, Error> {
        let records = Counter::new("guest_records_total", "Records.", &[])?;
        let packets = Counter::new("guest_packets_total", "Packets on the wire.", &[])?;
        Ok(Self { records, packets })
    }

    pub fn count(&self, batch: &Batch<'_>) {
        self.records.add(batch.len() as u64);
        self.packets.add(batch.packets().map(|packet| packet.packets()).sum());
    }
}
