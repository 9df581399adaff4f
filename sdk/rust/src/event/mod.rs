mod read;
mod received;
mod value;

use std::{borrow::Cow, cell::RefCell};

pub use value::Value;

use crate::{Error, call, host};

/// Rows that are handed over together, at most: what waits for the end of a call stays small.
const ROWS_AT_ONCE: usize = 64;

/// A named row with typed fields, for the sinks that take events.
///
/// ```
/// # use ringtap_plugin::Event;
/// Event::new("handshake", 1_700_000_000_000_000_000)
///     .field("server", "192.0.2.1")
///     .field("round_trip_us", 412_u32)
///     .emit();
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "an event is told by `emit`"]
pub struct Event {
    pub(crate) kind: Cow<'static, str>,
    pub(crate) time_ns: u64,
    pub(crate) fields: Vec<(Cow<'static, str>, Value)>,
}

impl Event {
    /// `kind` is what the row is about, such as `flow`: 1 to 64 characters of `a-z 0-9 _ . -`.
    /// `time_ns` is Unix time.
    pub fn new(kind: impl Into<Cow<'static, str>>, time_ns: u64) -> Self {
        Self { kind: kind.into(), time_ns, fields: Vec::new() }
    }

    /// Add a field. Names are 1 to 64 characters of `a-z A-Z 0-9 _`, none twice; `kind`, `time_ns`
    /// and `plugin` are the host's. To put a value in place of one that is there, [`set`](Self::set).
    pub fn field(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// Add a field if there is a value for it.
    pub fn maybe(
        self,
        name: impl Into<Cow<'static, str>>,
        value: Option<impl Into<Value>>,
    ) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// Emit the row when the call ends. Panics then if the host refuses it, which ends the instance:
    /// a kind or field breaks a rule, or the call emits more rows than the host takes.
    pub fn emit(self) {
        let full = PENDING.with_borrow_mut(|rows| {
            rows.push(self);
            rows.len() == ROWS_AT_ONCE
        });
        call::EVENTS.with(|at_end| at_end.set(flush));
        if full {
            flush();
        }
    }

    /// Emit rows now, in order: all of them or, if the host refuses one, none.
    pub fn emit_all(rows: &[Self]) -> Result<(), Error> {
        flush();
        host::emit(rows).map_err(|reason| Error::Events { rows: rows.len(), reason })
    }
}

thread_local! {
    static PENDING: RefCell<Vec<Event>> = const { RefCell::new(Vec::new()) };
}

fn flush() {
    PENDING.with_borrow_mut(|rows| {
        if !rows.is_empty() {
            host::emit(rows).unwrap_or_else(|reason| panic!("the host refused events: {reason}"));
            rows.clear();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::recorder::{RECORDER, Recorder};

    fn kinds() -> Vec<String> {
        let kind = |row: &Event| row.kind().to_owned();
        RECORDER.with_borrow(|recorder| recorder.events.iter().map(kind).collect())
    }

    #[test]
    fn events_cross_when_the_call_ends_or_many_wait_and_keep_their_order() {
        RECORDER.set(Recorder::default());
        Event::new("a", 1).emit();
        assert_eq!(kinds().len(), 0);
        call::end();
        assert_eq!(kinds(), ["a"]);
        Event::new("b", 2).emit();
        Event::emit_all(&[Event::new("c", 3)]).unwrap();
        assert_eq!(kinds(), ["a", "b", "c"]);
        for _ in 0..ROWS_AT_ONCE {
            Event::new("d", 4).emit();
        }
        assert_eq!(kinds().len(), 3 + ROWS_AT_ONCE);
        call::end();
        assert_eq!(RECORDER.with_borrow(|recorder| recorder.calls), 4);
    }

    #[test]
    fn a_refusal_is_an_error_of_who_asked_for_one() {
        RECORDER.set(Recorder { refuse_events: true, ..Recorder::default() });
        let refused = Event::emit_all(&[Event::new("a", 1), Event::new("b", 2)]);
        assert_eq!(refused, Err(Error::Events { rows: 2, reason: "told to refuse".to_owned() }));
    }

    #[test]
    #[should_panic(expected = "the host refused events: told to refuse")]
    fn or_ends_the_instance() {
        RECORDER.set(Recorder { refuse_events: true, ..Recorder::default() });
        Event::new("a", 1).emit();
        call::end();
    }
}
