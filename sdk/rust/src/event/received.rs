//! Events that come from the host: of other plugins.

use super::{Event, Value};
use crate::{
    Received,
    bindings::exporter::{exports::ringtap::plugin::exporter, ringtap::plugin::types},
};

impl From<exporter::Received> for Received {
    fn from(exporter::Received { plugin, event }: exporter::Received) -> Self {
        Self { plugin, event: event.into() }
    }
}

impl From<types::Event> for Event {
    fn from(types::Event { kind, time_ns, fields }: types::Event) -> Self {
        let fields = fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { kind: kind.into(), time_ns, fields }
    }
}

impl From<types::Value> for Value {
    fn from(value: types::Value) -> Self {
        match value {
            types::Value::Text(text) => Self::Text(text.into()),
            types::Value::Int(number) => Self::Int(number),
            types::Value::Uint(number) => Self::Uint(number),
            types::Value::Float(number) => Self::Float(number),
            types::Value::Truth(truth) => Self::Truth(truth),
            types::Value::Bytes(bytes) => Self::Bytes(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_comes_as_it_was_emitted() {
        let value = |name: &str, value| (name.to_owned(), value);
        let fields = vec![
            value("text", types::Value::Text("a".to_owned())),
            value("int", types::Value::Int(-1)),
            value("uint", types::Value::Uint(2)),
            value("float", types::Value::Float(0.5)),
            value("truth", types::Value::Truth(true)),
            value("bytes", types::Value::Bytes(vec![3])),
        ];
        let event = types::Event { kind: "row".to_owned(), time_ns: 9, fields };
        let received = Received::from(exporter::Received { plugin: "p".to_owned(), event });
        let row = Event::new("row", 9).field("text", "a").field("int", -1).field("uint", 2_u8);
        let row = row.field("float", 0.5).field("truth", true).field("bytes", vec![3_u8]);
        assert_eq!(received, Received { plugin: "p".to_owned(), event: row });
    }
}
