use std::borrow::Cow;

use super::{Event, Value};

/// What a row holds. Of fields by one name, the first counts.
impl Event {
    /// What the row is about.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Unix time in ns.
    pub fn time_ns(&self) -> u64 {
        self.time_ns
    }

    /// Names and values, in order.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.fields.iter().map(|(name, value)| (&**name, value))
    }

    /// The value of a field, if there is one of that name.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.fields().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// A field, if it is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.value(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A field, if it is a whole number that is not negative.
    pub fn uint(&self, name: &str) -> Option<u64> {
        match *self.value(name)? {
            Value::Uint(number) => Some(number),
            Value::Int(number) => number.try_into().ok(),
            _ => None,
        }
    }

    /// A field, if it is a whole number within range.
    pub fn int(&self, name: &str) -> Option<i64> {
        match *self.value(name)? {
            Value::Int(number) => Some(number),
            Value::Uint(number) => number.try_into().ok(),
            _ => None,
        }
    }

    /// A field, if it is a number. A whole one beyond 2^53 is rounded.
    pub fn float(&self, name: &str) -> Option<f64> {
        match *self.value(name)? {
            Value::Float(number) => Some(number),
            Value::Int(number) => Some(number as f64),
            Value::Uint(number) => Some(number as f64),
            _ => None,
        }
    }

    /// A field, if it is true or false.
    pub fn truth(&self, name: &str) -> Option<bool> {
        match *self.value(name)? {
            Value::Truth(truth) => Some(truth),
            _ => None,
        }
    }

    /// A field, if it is bytes.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        match self.value(name)? {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// How a row is made into another.
impl Event {
    /// The same row of another kind.
    pub fn with_kind(self, kind: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: kind.into(), ..self }
    }

    /// The row with a value in place of the one that the field has, or with the field added.
    pub fn set(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        let name = name.into();
        match self.fields.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => {
                *known = value.into();
                self
            }
            None => self.field(name, value),
        }
    }

    /// The row without a field, if it has it.
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Event {
        let row = Event::new("flow", 7).field("src", "10.0.0.1").field("bytes", 9_u64);
        row.field("delta", -2).field("ratio", 0.5).field("fresh", true).field("raw", vec![1_u8])
    }

    #[test]
    fn a_field_is_read_as_what_it_can_be() {
        let row = row();
        assert_eq!((row.kind(), row.time_ns(), row.fields().len()), ("flow", 7, 6));
        assert_eq!((row.text("src"), row.text("bytes")), (Some("10.0.0.1"), None));
        assert_eq!((row.uint("bytes"), row.uint("delta")), (Some(9), None));
        assert_eq!((row.int("bytes"), row.int("delta")), (Some(9), Some(-2)));
        let floats = ["bytes", "delta", "ratio", "src"].map(|name| row.float(name));
        assert_eq!(floats, [Some(9.0), Some(-2.0), Some(0.5), None]);
        assert_eq!((row.truth("fresh"), row.truth("raw")), (Some(true), None));
        assert_eq!((row.bytes("raw"), row.bytes("src")), (Some(&[1_u8][..]), None));
        assert_eq!(row.value("absent"), None);
        assert_eq!(Event::new("big", 0).field("n", u64::MAX).int("n"), None);
    }

    #[test]
    fn a_row_is_reshaped_and_keeps_its_order() {
        let name = String::from("seen_by");
        let row = row().with_kind("export").set("bytes", "many").set(name, "edge");
        let row = row.without("delta").without("absent");
        let names: Vec<_> = row.fields().map(|(name, _)| name).collect();
        assert_eq!((row.kind(), row.time_ns()), ("export", 7));
        assert_eq!(names, ["src", "bytes", "ratio", "fresh", "raw", "seen_by"]);
        assert_eq!((row.text("bytes"), row.text("seen_by")), (Some("many"), Some("edge")));
    }
}
