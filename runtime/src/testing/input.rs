//! Events from JSON lines, as the event sink writes them.

use std::fmt;

use ringtap_pipeline::{
    event::{Event, Value},
    name::PluginName,
};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value as Json;

/// Why a line is no event. Lines count from 1.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    #[error("line {line} of the input: {source}")]
    Json { line: usize, source: serde_json::Error },
    #[error("line {line} of the input: `{key}` is missing, or not {wanted}")]
    Head { line: usize, key: &'static str, wanted: &'static str },
    #[error(
        "line {line} of the input: the value of `{field}` is none of an event; beside texts, numbers and truths there are {{\"bytes\": \"00ff\"}}, {{\"int\": 5}}, {{\"uint\": 5}} and {{\"float\": 5}}"
    )]
    Field { line: usize, field: String },
}

/// An object in the order in which it is written.
struct Row(Vec<(String, Json)>);

pub(crate) fn events(text: &str) -> Result<Vec<Event>, InputError> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(index, text)| event(index + 1, text)).collect()
}

fn event(line: usize, text: &str) -> Result<Event, InputError> {
    let Row(mut row) =
        serde_json::from_str(text).map_err(|source| InputError::Json { line, source })?;
    let mut take = |key| {
        let at = row.iter().position(|(known, _)| known == key)?;
        Some(row.remove(at).1)
    };
    let text = |value: Json| value.as_str().map(str::to_owned);
    let head = |key, wanted| InputError::Head { line, key, wanted };
    let kind = take("kind").and_then(text).ok_or(head("kind", "a text"))?;
    let time_ns = take("time_ns").and_then(|time| time.as_u64());
    let time_ns = time_ns.ok_or(head("time_ns", "a whole number"))?;
    let plugin = take("plugin").and_then(text).and_then(|name| PluginName::new(&name).ok());
    let plugin = plugin.ok_or(head("plugin", "a plugin's name"))?;
    let field = |(name, value): (String, Json)| match self::value(&value) {
        Some(value) => Ok((name, value)),
        None => Err(InputError::Field { line, field: name }),
    };
    let fields = row.into_iter().map(field).collect::<Result<_, _>>()?;
    Ok(Event { plugin, kind, time_ns, fields })
}

/// JSON has fewer types: a whole number is a `uint`, or an `int` where it is negative.
fn value(json: &Json) -> Option<Value> {
    match json {
        Json::Null => Some(Value::Float(f64::NAN)),
        Json::Bool(truth) => Some(Value::Truth(*truth)),
        Json::String(text) => Some(Value::Text(text.clone())),
        Json::Number(number) => number
            .as_u64()
            .map(Value::Uint)
            .or_else(|| number.as_i64().map(Value::Int))
            .or_else(|| number.as_f64().map(Value::Float)),
        Json::Object(object) => {
            let (name, value) = object.iter().next().filter(|_| object.len() == 1)?;
            match name.as_str() {
                "bytes" => bytes(value.as_str()?).map(Value::Bytes),
                "int" => value.as_i64().map(Value::Int),
                "uint" => value.as_u64().map(Value::Uint),
                "float" => value.as_f64().map(Value::Float),
                _ => None,
            }
        }
        Json::Array(_) => None,
    }
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let pairs = hex.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    pairs.map(|pair| (pair.len() == 2).then(|| byte(pair)).flatten()).collect()
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Rows;

        impl<'de> Visitor<'de> for Rows {
            type Value = Row;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object, an event a line")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Row, M::Error> {
                let mut row = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    row.push(entry);
                }
                Ok(Row(row))
            }
        }

        deserializer.deserialize_map(Rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_sink_writes_is_read_again_in_its_order() {
        let line = r#"{"time_ns":7,"kind":"flow","plugin":"meter","z":"text","a":18446744073709551615,"b":-1,"c":0.5,"d":true}"#;
        let events = events(&format!("{line}\n\n")).unwrap();
        assert_eq!(ringtap_sink::jsonl::line(&events[0]), line);
        let line = r#"{"kind":"k","plugin":"p","time_ns":1,"a":{"bytes":"00fF"},"b":{"int":5}}"#;
        let fields = super::events(line).unwrap().remove(0).fields;
        assert_eq!(fields[0].1, Value::Bytes(vec![0, 255]));
        assert_eq!(fields[1].1, Value::Int(5));
    }

    #[test]
    fn what_is_no_event_is_told_with_its_line() {
        let told = |text: &str| events(text).unwrap_err().to_string();
        assert!(told("\n[]").starts_with("line 2 of the input: invalid type"));
        assert!(told(r#"{"kind":1}"#).contains("`kind` is missing, or not a text"));
        let line = r#"{"kind":"k","plugin":"p","time_ns":1,"a":{"bytes":"0"}}"#;
        assert!(told(line).contains("the value of `a`"));
    }
}
