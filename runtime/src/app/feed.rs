use std::sync::Arc;

use ringtap_capture::{Capture, CaptureError};
use ringtap_pipeline::{
    batch::{Batch, MAX_BATCH_RECORDS},
    fanout::Fanout,
};
use ringtap_record::{Direction, Hook, PacketRecord};

use super::{accounts::CaptureCounts, names::Names};

/// The longest time in a capture that one batch covers, so that ticks come close to their time.
const BATCH_SPAN_NS: u64 = 100_000_000;

/// From captures to batches. Packets and interfaces are numbered on from one capture to the next.
pub(crate) struct Feed {
    fanout: Arc<Fanout>,
    names: Names,
    counts: Arc<CaptureCounts>,
    batch: Vec<PacketRecord>,
    /// Packets of the captures before the current one.
    packets: u64,
    /// Interfaces of the captures before the current one.
    interfaces: u32,
}

/// A packet as it was read, before a plugin sees it.
pub(crate) struct Read<'a> {
    /// From 1.
    pub(crate) number: u64,
    /// The interface's name, where the capture has one.
    pub(crate) interface: Option<&'a str>,
    pub(crate) record: &'a PacketRecord,
}

impl Feed {
    pub(crate) fn new(fanout: Arc<Fanout>, names: Names, counts: Arc<CaptureCounts>) -> Self {
        Self { fanout, names, counts, batch: Vec::new(), packets: 0, interfaces: 0 }
    }

    /// Read a capture to its end, and show `each` every packet. What was read before an error is
    /// published all the same.
    pub(crate) fn capture<E>(
        &mut self,
        capture: &mut Capture,
        mut each: impl FnMut(Read<'_>) -> Result<(), E>,
    ) -> Result<(), E>
    where
        E: From<CaptureError>,
    {
        let outcome = self.packets_of(capture, &mut each);
        self.flush();
        self.interfaces += u32::try_from(capture.interfaces().len()).unwrap_or(u32::MAX);
        outcome
    }

    fn packets_of<E>(
        &mut self,
        capture: &mut Capture,
        each: &mut impl FnMut(Read<'_>) -> Result<(), E>,
    ) -> Result<(), E>
    where
        E: From<CaptureError>,
    {
        let before = self.packets;
        while let Some(frame) = capture.next_frame()? {
            let interface = frame.interface;
            self.packets = before + frame.number;
            let mut record = ringtap_capture::record(&frame);
            record.ifindex = record.ifindex.saturating_add(self.interfaces);
            let name = capture.interface_name(interface);
            self.take(name, record);
            each(Read { number: self.packets, interface: name, record: &record })?;
        }
        Ok(())
    }

    fn take(&mut self, name: Option<&str>, record: PacketRecord) {
        if let Some(name) = name {
            self.names.insert(record.ifindex, name);
        }
        let direction = Direction::from_number(record.direction);
        let label = name.map_or_else(|| record.ifindex.to_string(), str::to_owned);
        let direction = direction.map_or("unknown", Direction::name);
        self.counts.count((label, Hook::Replay.name(), direction));
        let from = self.batch.first().map_or(record.timestamp_ns, |first| first.timestamp_ns);
        if self.batch.len() == MAX_BATCH_RECORDS
            || record.timestamp_ns.abs_diff(from) > BATCH_SPAN_NS
        {
            self.flush();
        }
        self.batch.push(record);
    }

    fn flush(&mut self) {
        let records = std::mem::take(&mut self.batch);
        self.fanout.publish(Batch { records, payload: Vec::new(), clock_offset_ns: 0 });
    }
}
