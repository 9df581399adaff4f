use std::fmt;

use toml_parser::{
    ErrorSink, ParseError, Raw, Source, Span,
    decoder::{Encoding, ScalarKind},
    parser::{EventReceiver, parse_document},
};

use crate::Error;

/// Keys are looked for one by one, so there had better be few.
const MAX_KEYS: usize = 256;

/// A value as it stands in the config.
#[derive(Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Truth(bool),
    /// Decimal digits, or those of another radix, with a sign if one stands there.
    Integer {
        digits: String,
        radix: u32,
    },
    Other(String),
    /// An array or an inline table.
    Nested,
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Truth(truth) => truth.fmt(f),
            Self::Integer { digits, .. } | Self::Other(digits) => f.write_str(digits),
            Self::Nested => f.write_str("an array or table"),
        }
    }
}

/// Read TOML without tables. The lexer and parser are toml's; what the crate `toml` adds to them
/// would be four times as much code as the rest of a plugin.
pub(super) fn parse(text: &str) -> Result<Vec<(String, Value)>, Error> {
    let source = Source::new(text);
    let tokens = source.lex().into_vec();
    let mut document = Document { source, key: None, values: Vec::new() };
    let mut error = None;
    parse_document(&tokens, &mut document, &mut error);
    match error {
        None => Ok(document.values),
        Some(error) => Err(syntax(text, &error)),
    }
}

fn syntax(text: &str, error: &ParseError) -> Error {
    let at = error.unexpected().or(error.context()).map_or(0, |span| span.start());
    let line = text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
    Error::Syntax { line, reason: error.description().to_owned() }
}

struct Document<'a> {
    source: Source<'a>,
    /// Of the value that comes next.
    key: Option<String>,
    values: Vec<(String, Value)>,
}

impl<'a> Document<'a> {
    fn raw(&self, span: Span, encoding: Option<Encoding>) -> Option<Raw<'a>> {
        let text = self.source.input().get(span.start()..span.end())?;
        Some(Raw::new_unchecked(text, encoding, span))
    }

    fn insert(&mut self, span: Span, value: Value, error: &mut dyn ErrorSink) {
        let Some(key) = self.key.take() else { return };
        if self.values.iter().any(|(known, _)| *known == key) {
            error.report_error(ParseError::new("a key stands twice").with_unexpected(span));
        } else if self.values.len() == MAX_KEYS {
            error.report_error(ParseError::new("there are too many keys").with_unexpected(span));
        } else {
            self.values.push((key, value));
        }
    }
}

fn no_tables(span: Span, error: &mut dyn ErrorSink) {
    error.report_error(ParseError::new("there are no tables here").with_unexpected(span));
}

impl EventReceiver for Document<'_> {
    fn std_table_open(&mut self, span: Span, error: &mut dyn ErrorSink) {
        no_tables(span, error);
    }

    fn array_table_open(&mut self, span: Span, error: &mut dyn ErrorSink) {
        no_tables(span, error);
    }

    fn inline_table_open(&mut self, span: Span, error: &mut dyn ErrorSink) -> bool {
        self.insert(span, Value::Nested, error);
        false
    }

    fn array_open(&mut self, span: Span, error: &mut dyn ErrorSink) -> bool {
        self.insert(span, Value::Nested, error);
        false
    }

    fn simple_key(&mut self, span: Span, kind: Option<Encoding>, error: &mut dyn ErrorSink) {
        let mut key = String::new();
        if let Some(raw) = self.raw(span, kind) {
            raw.decode_key(&mut key, error);
        }
        self.key = Some(key);
    }

    fn key_sep(&mut self, span: Span, error: &mut dyn ErrorSink) {
        no_tables(span, error);
    }

    fn scalar(&mut self, span: Span, kind: Option<Encoding>, error: &mut dyn ErrorSink) {
        let Some(raw) = self.raw(span, kind) else { return };
        let mut text = String::new();
        let value = match raw.decode_scalar(&mut text, error) {
            ScalarKind::String => Value::Text(text),
            ScalarKind::Boolean(truth) => Value::Truth(truth),
            ScalarKind::Integer(radix) => Value::Integer { digits: text, radix: radix.value() },
            ScalarKind::DateTime | ScalarKind::Float => Value::Other(text),
        };
        self.insert(span, value, error);
    }
}
