//! Keeps packets of TCP: `guest_records_total`, and `guest_kept_total` of them.

use ringtap_plugin::{Counter, Filter, Packet, Plugin, Refusal};

const TCP: u8 = 6;

struct KeepsTcp {
    records: Counter,
    kept: Counter,
}

impl Plugin for KeepsTcp {
    fn new(_config: &str) -> Result<Self, Refusal> {
        let records = Counter::new("guest_records_total", "Records.", &[])?;
        let kept = Counter::new("guest_kept_total", "Records that were kept.", &[])?;
        Ok(Self { records, kept })
    }
}

impl Filter for KeepsTcp {
    fn keep(&mut self, packet: &Packet<'_>) -> bool {
        let keep = packet.protocol() == Some(TCP);
        self.records.inc();
        self.kept.add(keep.into());
        keep
    }
}

ringtap_plugin::export!(KeepsTcp: Filter);
