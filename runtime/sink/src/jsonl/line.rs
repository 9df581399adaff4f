use std::fmt;

use ringtap_pipeline::event::{Event, Value};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// An event as the object that stands in a line.
pub(super) struct Line<'a>(pub(super) &'a Event);

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Event { plugin, kind, time_ns, fields } = self.0;
        let mut object = serializer.serialize_map(Some(3 + fields.len()))?;
        object.serialize_entry("time_ns", time_ns)?;
        object.serialize_entry("kind", kind)?;
        object.serialize_entry("plugin", plugin.as_str())?;
        for (name, value) in fields {
            object.serialize_entry(name, &Field(value))?;
        }
        object.end()
    }
}

struct Field<'a>(&'a Value);

impl Serialize for Field<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Text(text) => serializer.serialize_str(text),
            Value::Int(number) => serializer.serialize_i64(*number),
            Value::Uint(number) => serializer.serialize_u64(*number),
            Value::Float(number) => serializer.serialize_f64(*number),
            Value::Truth(truth) => serializer.serialize_bool(*truth),
            Value::Bytes(bytes) => serializer.collect_str(&Hex(bytes)),
        }
    }
}

struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
