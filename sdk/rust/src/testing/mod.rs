//! Run a plugin in a test, with a host that keeps what it is told.
//!
//! ```
//! use ringtap_plugin::testing::{Harness, Record};
//! # use ringtap_plugin::{Aggregate, Batch, Counter, Plugin, Refusal};
//! # struct Bytes(Counter);
//! # impl Plugin for Bytes {
//! #     fn new(_: &str) -> Result<Self, Refusal> { Ok(Self(Counter::new("bytes_total", "", &[])?)) }
//! # }
//! # impl Aggregate for Bytes {
//! #     fn on_packets(&mut self, batch: &Batch<'_>) {
//! #         self.0.add(batch.packets().map(|packet| packet.wire_bytes()).sum());
//! #     }
//! # }
//!
//! let mut host = Harness::<Bytes>::new("").unwrap();
//! host.packets(&[Record::udp("10.0.0.1:5000", "10.0.0.2:53").len(70)]);
//! assert_eq!(host.metric("bytes_total", &[]), Some(70.0));
//! ```

mod record;
mod reload;
mod rng;

use std::fmt;

pub use record::Record;
pub use rng::Rng;

use crate::{
    Aggregate, Batch, Event, Exporter, Filter, Plugin, RECORD_SIZE, Received, Refusal,
    bindings::capabilities::ringtap::plugin::types::Batch as Head,
    call,
    host::recorder::{RECORDER, Recorder},
    log::Level,
};

/// A plugin and its host. One at a time on a thread: the host is the thread's.
pub struct Harness<P> {
    plugin: P,
    sequence: u64,
}

impl<P: Plugin> Harness<P> {
    /// Start a plugin on a host that knows of nothing yet.
    pub fn new(config: &str) -> Result<Self, Refusal> {
        RECORDER.set(Recorder::default());
        let plugin = P::new(config)?;
        call::end();
        Ok(Self { plugin, sequence: 0 })
    }

    /// Hand over a batch.
    pub fn packets(&mut self, packets: &[Record])
    where
        P: Aggregate,
    {
        with_batch(self.sequence, packets, |batch| self.plugin.on_packets(batch));
        self.sequence += packets.len() as u64;
        call::end();
    }

    /// Hand over a batch, and ask which of its packets go on.
    pub fn keep(&mut self, packets: &[Record]) -> Vec<bool>
    where
        P: Filter,
    {
        let kept = with_batch(self.sequence, packets, |batch| self.plugin.keep_batch(batch));
        self.sequence += packets.len() as u64;
        call::end();
        let bits = kept.into_bits();
        (0..packets.len()).map(|index| bits[index / 8] >> (index % 8) & 1 == 1).collect()
    }

    /// Hand over events, each with the plugin that emitted it.
    pub fn events<'a>(&mut self, events: impl IntoIterator<Item = (&'a str, Event)>)
    where
        P: Exporter,
    {
        let received = |(plugin, event)| Received { plugin: str::to_owned(plugin), event };
        self.plugin.on_events(events.into_iter().map(received).collect());
        call::end();
    }

    /// Set the clock and call [`Plugin::tick`].
    pub fn tick(&mut self, now_ns: u64) {
        RECORDER.with_borrow_mut(|recorder| recorder.now_ns = now_ns);
        self.plugin.tick(now_ns);
        call::end();
    }

    /// Set the clock and call [`Plugin::stop`].
    pub fn stop(&mut self, now_ns: u64) {
        RECORDER.with_borrow_mut(|recorder| recorder.now_ns = now_ns);
        self.plugin.stop(now_ns);
        call::end();
    }

    /// The plugin itself.
    pub fn plugin(&self) -> &P {
        &self.plugin
    }

    /// Give an interface a name.
    pub fn name_interface(&self, ifindex: u32, name: &str) {
        RECORDER.with_borrow_mut(|recorder| recorder.interfaces.insert(ifindex, name.to_owned()));
    }

    /// Refuse all events from now on, or take them again.
    pub fn refuse_events(&self, refuse: bool) {
        RECORDER.with_borrow_mut(|recorder| recorder.refuse_events = refuse);
    }

    /// Refuse to store anything from now on, or take it again.
    pub fn refuse_kv(&self, refuse: bool) {
        RECORDER.with_borrow_mut(|recorder| recorder.refuse_kv = refuse);
    }

    /// What the plugin's store has under a key.
    pub fn stored(&self, key: &str) -> Option<Vec<u8>> {
        RECORDER.with_borrow(|recorder| recorder.store.get(key).cloned())
    }

    /// Give no more series than this; what is beyond goes into overflow series, whose labels all say
    /// `(overflow)`.
    pub fn limit_series(&self, max: usize) {
        RECORDER.with_borrow_mut(|recorder| recorder.max_series = Some(max));
    }

    /// Sum of a counter or histogram, or value of a gauge; `None` if there is no such series.
    /// `labels` in any order.
    pub fn metric(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let mut labels = labels.to_vec();
        labels.sort_unstable();
        let all = self.metrics(name);
        let same = |theirs: &Vec<(String, String)>| {
            theirs.iter().map(|(name, value)| (name.as_str(), value.as_str())).eq(labels.clone())
        };
        all.iter().find(|(theirs, _)| same(theirs)).map(|(_, value)| *value)
    }

    /// Labels, sorted by name, and value of each series of a metric, in the order of definition.
    pub fn metrics(&self, name: &str) -> Vec<(Vec<(String, String)>, f64)> {
        RECORDER.with_borrow(|recorder| {
            let series = recorder.series.iter().flatten().filter(|series| series.key.0 == name);
            series.map(|series| (series.key.1.clone(), series.value)).collect()
        })
    }

    /// Events since the last time this was asked.
    pub fn take_events(&self) -> Vec<Event> {
        RECORDER.with_borrow_mut(|recorder| std::mem::take(&mut recorder.events))
    }

    /// Lines of the log since the last time this was asked.
    pub fn take_log(&self) -> Vec<(Level, String)> {
        RECORDER.with_borrow_mut(|recorder| std::mem::take(&mut recorder.lines))
    }
}

impl<P> fmt::Debug for Harness<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Harness").field("sequence", &self.sequence).finish_non_exhaustive()
    }
}

/// A batch as the host would hand it over.
pub(crate) fn with_batch<T>(
    sequence: u64,
    packets: &[Record],
    work: impl FnOnce(&Batch<'_>) -> T,
) -> T {
    let head = Head {
        sequence,
        shed_before: 0,
        clock_offset_ns: 0,
        record_size: RECORD_SIZE as u32,
        count: packets.len() as u32,
    };
    let mut payload = Vec::new();
    let records: Vec<u8> = packets.iter().flat_map(|record| record.placed(&mut payload)).collect();
    work(&Batch::new(head, &records, &payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The payload of each packet.
    struct Payloads(Vec<Vec<u8>>);

    impl Plugin for Payloads {
        fn new(_config: &str) -> Result<Self, Refusal> {
            Ok(Self(Vec::new()))
        }
    }

    impl Aggregate for Payloads {
        fn on_packets(&mut self, batch: &Batch<'_>) {
            self.0.extend(batch.packets().map(|packet| packet.payload().to_vec()));
        }
    }

    #[test]
    fn each_packet_has_its_own_payload() {
        let mut host = Harness::<Payloads>::new("").unwrap();
        let packet = Record::udp("10.0.0.1:1", "10.0.0.2:2");
        host.packets(&[
            packet.payload(b"one"),
            packet,
            packet.payload(b""),
            packet.payload(b"two"),
        ]);
        assert_eq!(host.plugin().0, [&b"one"[..], b"", b"", b"two"]);
    }
}
