//! Events: named rows with typed fields, from plugins to sinks.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
    mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
};

use crate::name::PluginName;

/// A value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(String),
    Int(i64),
    Uint(u64),
    Float(f64),
    Truth(bool),
    Bytes(Vec<u8>),
}

/// A row, checked against the rules in `wit/types.wit`.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub plugin: PluginName,
    pub kind: String,
    /// Unix time in ns.
    pub time_ns: u64,
    pub fields: Vec<(String, Value)>,
}

/// Events by where their way ended. `emitted = written + refused + queued`.
#[derive(Debug, Default)]
pub struct EventLedger {
    emitted: AtomicU64,
    written: AtomicU64,
    refused: AtomicU64,
}

/// A reading of [`EventLedger`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventCounts {
    pub emitted: u64,
    pub written: u64,
    /// The sink was full, or could not write.
    pub refused: u64,
}

impl EventLedger {
    pub fn write(&self, events: u64) {
        self.written.fetch_add(events, Relaxed);
    }

    pub fn refuse(&self, events: u64) {
        self.refused.fetch_add(events, Relaxed);
    }

    pub fn read(&self) -> EventCounts {
        let (written, refused) = (self.written.load(Relaxed), self.refused.load(Relaxed));
        EventCounts { emitted: self.emitted.load(Relaxed), written, refused }
    }
}

/// The plugins' end of the way to the event sink. Never blocks unless made to.
#[derive(Clone, Debug)]
pub struct EventSender {
    to_sink: Option<SyncSender<Event>>,
    wait: bool,
    ledger: Arc<EventLedger>,
}

impl EventSender {
    /// A sender and the sink's end. `capacity` is in events; `wait` makes a full channel block
    /// instead of refuse, which is right for a capture and wrong for live traffic.
    pub fn channel(capacity: usize, wait: bool) -> (Self, Receiver<Event>) {
        let (to_sink, events) = sync_channel(capacity);
        (Self { to_sink: Some(to_sink), wait, ledger: Arc::default() }, events)
    }

    /// A sender for when no sink takes events: they are refused, and counted.
    pub fn nowhere() -> Self {
        Self { to_sink: None, wait: false, ledger: Arc::default() }
    }

    pub fn ledger(&self) -> &Arc<EventLedger> {
        &self.ledger
    }

    /// Hand an event to the sink, or count it as refused.
    pub fn send(&self, event: Event) {
        self.ledger.emitted.fetch_add(1, Relaxed);
        let taken = match &self.to_sink {
            None => false,
            Some(sink) if self.wait => sink.send(event).is_ok(),
            Some(sink) => match sink.try_send(event) {
                Ok(()) => true,
                Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
            },
        };
        if !taken {
            self.ledger.refuse(1);
        }
    }
}
