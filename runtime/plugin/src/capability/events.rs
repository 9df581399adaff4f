use std::{collections::HashSet, sync::Arc};

use ringtap_pipeline::{
    event::{Event, EventSender, Value},
    name::PluginName,
};
use wasmtime::component::{HasSelf, Linker};

use crate::{
    bindings::{events, types},
    graph::Outlets,
    host::Host,
    limits::Limits,
    meter::Meter,
};

const MAX_NAME: usize = 64;

/// Fields of an event, at most.
const MAX_FIELDS: usize = 64;

/// Bytes of an event, at most; see [`size`].
const MAX_ROW_BYTES: usize = 64 << 10;

/// Field names that the sinks add themselves.
const OWN_FIELDS: [&str; 3] = ["kind", "time_ns", "plugin"];

/// What an event takes beside its texts, about: a sink's buffers have to hold it too.
const FIELD_BYTES: usize = 16;

/// The events of the call that is on.
#[derive(Debug)]
pub(crate) struct Events {
    plugin: PluginName,
    sender: EventSender,
    meter: Arc<Meter>,
    /// Plugins that take the events instead of the sink, if there are any.
    outlets: Arc<Outlets>,
    max_rows: usize,
    max_bytes: usize,
    staged: Vec<Event>,
    staged_bytes: usize,
    /// What of that is of earlier calls.
    held: Held,
}

#[derive(Clone, Copy, Debug, Default)]
struct Held {
    rows: usize,
    bytes: usize,
}

#[derive(Debug, PartialEq, thiserror::Error)]
enum Refused {
    #[error("{0:?} is no kind of event: use 1 to {MAX_NAME} characters of a-z, 0-9, '_', '.', '-'")]
    Kind(String),
    #[error(
        "{kind}: {field:?} is no field name: use 1 to {MAX_NAME} characters of a-z, A-Z, 0-9, '_'"
    )]
    Field { kind: String, field: String },
    #[error("{kind}: the field `{field}` is the host's own")]
    OwnField { kind: String, field: String },
    #[error("{kind}: the field `{field}` stands twice")]
    FieldTwice { kind: String, field: String },
    #[error("{kind}: {fields} fields are over the limit of {MAX_FIELDS}")]
    TooManyFields { kind: String, fields: usize },
    #[error("{kind}: {bytes} bytes are over the limit of {MAX_ROW_BYTES} for an event")]
    TooLarge { kind: String, bytes: usize },
    #[error("one call may emit {limit} events")]
    TooManyRows { limit: usize },
    #[error("one call may emit {limit} bytes of events")]
    TooManyBytes { limit: usize },
}

impl Events {
    pub(crate) fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
        events::add_to_linker::<_, HasSelf<Self>>(linker, |host| &mut host.events)
    }

    pub(crate) fn new(
        plugin: PluginName,
        sender: EventSender,
        meter: Arc<Meter>,
        outlets: Arc<Outlets>,
        limits: &Limits,
    ) -> Self {
        Self {
            plugin,
            sender,
            meter,
            outlets,
            max_rows: limits.events_per_call,
            max_bytes: limits.event_bytes_per_call,
            staged: Vec::new(),
            staged_bytes: 0,
            held: Held::default(),
        }
    }

    /// A call returned, and its events are held back.
    pub(crate) fn end_call(&mut self) {
        self.held = Held { rows: self.staged.len(), bytes: self.staged_bytes };
    }

    /// Whether as much is held back as one call may emit.
    pub(crate) fn holds_much(&self) -> bool {
        self.held.rows >= self.max_rows || self.held.bytes >= self.max_bytes
    }

    /// Hand on the events that the plugin's rate lets pass, the first ones. Waits for the sink where
    /// the sender was made to, and for plugins in a replay.
    pub(crate) fn commit(&mut self) {
        (self.staged_bytes, self.held) = (0, Held::default());
        let admitted = self.meter.admit(self.staged.len());
        let mut events = std::mem::take(&mut self.staged);
        events.truncate(admitted);
        for event in self.outlets.events(events) {
            self.sender.send(event);
        }
    }

    pub(crate) fn roll_back(&mut self) {
        (self.staged_bytes, self.held) = (0, Held::default());
        self.staged.clear();
    }

    fn stage(&mut self, rows: Vec<types::Event>) -> Result<(), Refused> {
        if self.staged.len() - self.held.rows + rows.len() > self.max_rows {
            return Err(Refused::TooManyRows { limit: self.max_rows });
        }
        let bytes: usize = rows.iter().map(size).sum();
        if self.staged_bytes - self.held.bytes + bytes > self.max_bytes {
            return Err(Refused::TooManyBytes { limit: self.max_bytes });
        }
        for row in &rows {
            check(row)?;
        }
        self.staged_bytes += bytes;
        self.staged.extend(rows.into_iter().map(|row| Event {
            plugin: self.plugin.clone(),
            kind: row.kind,
            time_ns: row.time_ns,
            fields: row.fields.into_iter().map(|(name, value)| (name, value.into())).collect(),
        }));
        Ok(())
    }
}

impl events::Host for Events {
    fn emit(&mut self, rows: Vec<types::Event>) -> wasmtime::Result<Result<(), String>> {
        Ok(self.stage(rows).map_err(|refused| refused.to_string()))
    }
}

impl types::Host for Events {}

impl From<Value> for types::Value {
    fn from(value: Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(text),
            Value::Int(int) => Self::Int(int),
            Value::Uint(uint) => Self::Uint(uint),
            Value::Float(float) => Self::Float(float),
            Value::Truth(truth) => Self::Truth(truth),
            Value::Bytes(bytes) => Self::Bytes(bytes),
        }
    }
}

impl From<types::Value> for Value {
    fn from(value: types::Value) -> Self {
        match value {
            types::Value::Text(text) => Self::Text(text),
            types::Value::Int(int) => Self::Int(int),
            types::Value::Uint(uint) => Self::Uint(uint),
            types::Value::Float(float) => Self::Float(float),
            types::Value::Truth(truth) => Self::Truth(truth),
            types::Value::Bytes(bytes) => Self::Bytes(bytes),
        }
    }
}

fn size(row: &types::Event) -> usize {
    let field = |(name, value): &(String, types::Value)| {
        let value = match value {
            types::Value::Text(text) => text.len(),
            types::Value::Bytes(bytes) => bytes.len(),
            _ => 8,
        };
        FIELD_BYTES + name.len() + value
    };
    FIELD_BYTES + row.kind.len() + row.fields.iter().map(field).sum::<usize>()
}

fn check(row: &types::Event) -> Result<(), Refused> {
    let in_kind =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.' | '-');
    if !is_name(&row.kind, in_kind) {
        return Err(Refused::Kind(cut(&row.kind)));
    }
    if row.fields.len() > MAX_FIELDS {
        let fields = row.fields.len();
        return Err(Refused::TooManyFields { kind: row.kind.clone(), fields });
    }
    let bytes = size(row);
    if bytes > MAX_ROW_BYTES {
        return Err(Refused::TooLarge { kind: row.kind.clone(), bytes });
    }
    let mut seen = HashSet::new();
    for (field, _) in &row.fields {
        let kind = || row.kind.clone();
        if !is_name(field, |c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(Refused::Field { kind: kind(), field: cut(field) });
        }
        if OWN_FIELDS.contains(&field.as_str()) {
            return Err(Refused::OwnField { kind: kind(), field: field.clone() });
        }
        if !seen.insert(field) {
            return Err(Refused::FieldTwice { kind: kind(), field: field.clone() });
        }
    }
    Ok(())
}

fn is_name(text: &str, allowed: impl Fn(char) -> bool) -> bool {
    (1..=MAX_NAME).contains(&text.len()) && text.chars().all(allowed)
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_NAME).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{bucket::Rate, instance::TimeSource, meter::Meters};

    fn row(kind: &str, fields: &[&str]) -> types::Event {
        let fields = fields.iter().map(|name| ((*name).to_owned(), types::Value::Uint(1)));
        types::Event { kind: kind.to_owned(), time_ns: 1, fields: fields.collect() }
    }

    fn events(limits: &Limits) -> (Events, std::sync::mpsc::Receiver<Event>) {
        let (sender, receiver) = EventSender::channel(100, false);
        let plugin = PluginName::new("p").unwrap();
        let meter = Meters::default().of(&plugin, limits, TimeSource::Real);
        (Events::new(plugin, sender, meter, Arc::default(), limits), receiver)
    }

    #[test]
    fn rows_that_break_a_rule_are_refused_and_none_is_taken() {
        let (mut events, receiver) = events(&Limits::default());
        for bad in [
            row("", &[]),
            row("Flow", &[]),
            row(&"x".repeat(65), &[]),
            row("flow", &[""]),
            row("flow", &["a.b"]),
            row("flow", &["plugin"]),
            row("flow", &["a", "a"]),
        ] {
            assert!(events.stage(vec![row("flow", &["a"]), bad.clone()]).is_err(), "{bad:?}");
        }
        events.commit();
        assert!(receiver.try_recv().is_err());
        events.stage(vec![row("tcp.flow-log_1", &["a", "B_2"])]).unwrap();
        events.commit();
        assert_eq!(receiver.try_recv().unwrap().kind, "tcp.flow-log_1");
    }

    #[test]
    fn a_call_has_a_limit_of_rows_and_bytes_and_the_next_one_starts_afresh() {
        let limits = Limits { events_per_call: 2, event_bytes_per_call: 100, ..Limits::default() };
        let (mut events, _receiver) = events(&limits);
        events.stage(vec![row("a", &[]), row("a", &[])]).unwrap();
        let third = events.stage(vec![row("a", &[])]);
        assert_eq!(third, Err(Refused::TooManyRows { limit: 2 }));
        events.commit();
        let long = types::Value::Text("x".repeat(100));
        let long = types::Event { fields: vec![("t".into(), long)], ..row("a", &[]) };
        assert_eq!(events.stage(vec![long]), Err(Refused::TooManyBytes { limit: 100 }));
        events.stage(vec![row("a", &[])]).unwrap();
    }

    #[test]
    fn a_row_has_a_limit_of_fields_and_bytes() {
        let (mut events, _receiver) = events(&Limits::default());
        let names: Vec<_> = (0..=MAX_FIELDS).map(|n| format!("f{n}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        events.stage(vec![row("a", &names[1..])]).unwrap();
        let said = events.stage(vec![row("a", &names)]).unwrap_err().to_string();
        assert_eq!(said, "a: 65 fields are over the limit of 64");

        let long = |bytes: usize| {
            let value = types::Value::Bytes(vec![0; bytes]);
            types::Event { fields: vec![("t".into(), value)], ..row("a", &[]) }
        };
        let rest = 2 * FIELD_BYTES + 2;
        events.stage(vec![long(MAX_ROW_BYTES - rest)]).unwrap();
        let said = events.stage(vec![long(MAX_ROW_BYTES - rest + 1)]).unwrap_err().to_string();
        assert_eq!(said, "a: 65537 bytes are over the limit of 65536 for an event");
    }

    #[test]
    fn what_is_over_the_rate_is_dropped_and_counted_once_the_call_has_returned() {
        let event_rate = Rate::new(1, 3).unwrap();
        let (mut events, receiver) = events(&Limits { event_rate, ..Limits::default() });
        let rows = |kinds: [&str; 2]| kinds.map(|kind| row(kind, &[])).to_vec();
        events.stage(rows(["lost", "lost"])).unwrap();
        events.roll_back();
        for kinds in [["a", "b"], ["c", "d"]] {
            events.stage(rows(kinds)).unwrap();
            events.commit();
        }
        let kinds: Vec<_> = receiver.try_iter().map(|event| event.kind).collect();
        assert_eq!(kinds, ["a", "b", "c"]);
        assert_eq!(events.meter.read().events_suppressed, 1);
    }

    #[test]
    fn a_failed_call_emits_nothing() {
        let (mut events, receiver) = events(&Limits::default());
        events.stage(vec![row("a", &[])]).unwrap();
        events.roll_back();
        events.commit();
        assert!(receiver.try_recv().is_err());
    }
}
