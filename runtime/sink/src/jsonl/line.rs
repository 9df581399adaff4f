use std::{fmt, io};

use ringtap_pipeline::{
    event::{Event, Value},
    text::is_printable,
};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::ser::Formatter;

/// The line of an event, without its end.
pub fn line(event: &Event) -> String {
    let mut bytes = Vec::new();
    write(event, &mut bytes);
    String::from_utf8(bytes).expect("JSON is text")
}

/// Append the line of an event, without its end.
pub(super) fn write(event: &Event, bytes: &mut Vec<u8>) {
    let mut serializer = serde_json::Serializer::with_formatter(bytes, Shown);
    Line(event)
        .serialize(&mut serializer)
        .expect("an event has string keys, and writing to a Vec can't fail");
}

/// Compact JSON, in which what a terminal would act on or not show is escaped as well: JSON itself
/// only wants the control characters of ASCII escaped. The text stays the same to who parses it.
struct Shown;

impl Formatter for Shown {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        // Nearly all of it is, and then it is looked at once.
        if fragment.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            return writer.write_all(fragment.as_bytes());
        }
        for c in fragment.chars() {
            if is_printable(c) {
                write!(writer, "{c}")?;
                continue;
            }
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}

/// An event as the object that stands in a line.
struct Line<'a>(&'a Event);

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
