use std::{collections::BTreeMap, sync::Arc};

use ringtap_capture::{Capture, CaptureError};
use ringtap_interest::{Keys, MAX_PAYLOAD};
use ringtap_pipeline::subscriptions::Subscriptions;
use ringtap_record::{Direction, Hook, PacketRecord};

use super::{accounts::CaptureCounts, clock::CaptureClock, judging::CaptureJudge, names::Names};

/// From captures to batches. Packets and interfaces are numbered on from one capture to the next.
pub(crate) struct Feed {
    judge: Arc<CaptureJudge>,
    subscriptions: Arc<Subscriptions>,
    names: Names,
    counts: Arc<CaptureCounts>,
    clock: CaptureClock,
    /// The interfaces that filters name, each with the first number that it had.
    named: BTreeMap<String, Option<u32>>,
    /// Whether any interest asks for payload.
    with_payload: bool,
    /// Packets of the captures before the current one.
    packets: u64,
    /// Interfaces of the captures before the current one.
    interfaces: u32,
    /// Of the current packet.
    payload: Vec<u8>,
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
    /// Subscriptions don't change any more, and `judge` is theirs.
    pub(crate) fn new(
        judge: Arc<CaptureJudge>,
        subscriptions: Arc<Subscriptions>,
        names: Names,
        counts: Arc<CaptureCounts>,
    ) -> Self {
        let plugins = subscriptions.report().plugins.into_iter();
        let interests: Vec<_> = plugins.flat_map(|plugin| plugin.interests).collect();
        let with_payload = interests.iter().any(|(interest, _)| interest.payload > 0);
        let named = interests.iter().flat_map(|(interest, _)| interest.filter.interfaces());
        let named = named.map(|name| (name.clone(), None)).collect();
        let (clock, packets, interfaces, payload) = Default::default();
        Self {
            judge,
            subscriptions,
            names,
            counts,
            clock,
            named,
            with_payload,
            packets,
            interfaces,
            payload,
        }
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
        self.end();
        self.interfaces += u32::try_from(capture.interfaces().len()).unwrap_or(u32::MAX);
        outcome
    }

    /// Take a packet that is from no capture, with its payload and the name of its interface.
    pub(crate) fn packet(&mut self, record: &PacketRecord, payload: &[u8], name: Option<&str>) {
        self.packets += 1;
        self.payload.clear();
        self.payload.extend_from_slice(payload);
        self.pass_time(record);
        self.take(name, record);
    }

    /// Publish what was read so far, and have plugins know the time of it.
    pub(crate) fn end(&mut self) {
        self.judge.flush();
        if let Some(now_ns) = self.clock.end() {
            self.subscriptions.pass_time(now_ns);
        }
    }

    /// The interfaces that filters name and no packet came from.
    pub(crate) fn missing_interfaces(&self) -> impl Iterator<Item = &str> {
        let missing = self.named.iter().filter(|(_, number)| number.is_none());
        missing.map(|(name, _)| name.as_str())
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
            self.payload.clear();
            if self.with_payload {
                self.payload.extend_from_slice(payload(&record, frame.bytes));
            }
            let name = capture.interface_name(interface);
            self.pass_time(&record);
            self.take(name, &record);
            each(Read { number: self.packets, interface: name, record: &record })?;
        }
        Ok(())
    }

    /// Have plugins know the time before they see the packet, and what came before it first.
    fn pass_time(&mut self, next: &PacketRecord) {
        if let Some(now_ns) = self.clock.next(next.timestamp_ns) {
            self.judge.flush();
            self.subscriptions.pass_time(now_ns);
        }
    }

    fn take(&mut self, name: Option<&str>, record: &PacketRecord) {
        let mut keys = Keys::of(record);
        if let Some(name) = name {
            self.names.insert(record.ifindex, name);
            keys.ifindex = self.number(name, record.ifindex);
        }
        let fate = self.judge.judge(record, &keys, &self.payload);
        let direction = Direction::from_number(record.direction);
        let label = name.map_or_else(|| record.ifindex.to_string(), str::to_owned);
        let direction = direction.map_or("unknown", Direction::name);
        self.counts.count((label, Hook::Replay.name(), direction), fate);
    }

    /// The number by which filters know an interface: the first one of its name. So tables change no
    /// more often than filters have names, whatever is in captures.
    fn number(&mut self, name: &str, number: u32) -> u32 {
        let Some(first) = self.named.get_mut(name) else { return number };
        if let Some(first) = first {
            return *first;
        }
        *first = Some(number);
        let known = self.named.iter().filter_map(|(name, number)| Some((name.clone(), (*number)?)));
        if let Err(error) = self.subscriptions.set_interfaces(known.collect()) {
            let error = anyhow::Error::from(error);
            tracing::error!("filters don't find interface {name}: {error:#}");
        }
        number
    }
}

/// What was captured of the packet's payload, as much as an interest can ask for.
pub(crate) fn payload<'a>(record: &PacketRecord, frame: &'a [u8]) -> &'a [u8] {
    let (start, end) = record.payload_bounds(frame.len() as u32);
    let end = end.min(start.saturating_add(MAX_PAYLOAD.into()));
    frame.get(start as usize..end as usize).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payload_ends_with_the_packet_and_with_what_was_captured() {
        let frame: Vec<u8> = (0..200).map(|n| n as u8).collect();
        let record = PacketRecord {
            l3_offset: 14,
            l4_offset: 34,
            l7_offset: 42,
            ip_version: 4,
            ip_len: 38,
            cap_len: 60,
            ..PacketRecord::default()
        };
        assert_eq!(payload(&record, &frame[..60]), &frame[42..52], "padding is none");
        let record = PacketRecord { cap_len: 45, ..record };
        assert_eq!(payload(&record, &frame[..45]), &frame[42..45]);
        let record = PacketRecord { cap_len: 40, ..record };
        assert_eq!(payload(&record, &frame[..40]), b"");
        let large = vec![0; 4000];
        let record = PacketRecord { cap_len: 4000, ip_len: 3986, ..record };
        assert_eq!(payload(&record, &large).len(), usize::from(MAX_PAYLOAD));
    }
}
