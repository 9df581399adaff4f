use std::fmt::Write as _;

/// Why a plugin can't start, in words for the operator. Text and errors of all kinds turn into one
/// with `?` or `.into()`.
pub type Refusal = Box<dyn std::error::Error>;

/// What the host or the config refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A series could not be defined: a name or label breaks a rule, or the limit is reached.
    #[error("can't define the metric {name}: {reason}")]
    Metric {
        /// The metric's name.
        name: String,
        /// The host's words.
        reason: String,
    },
    /// Events were refused, all of them: a row breaks a rule, or there are too many.
    #[error("the host refused {rows} events: {reason}")]
    Events {
        /// How many.
        rows: usize,
        /// The host's words.
        reason: String,
    },
    /// The store did not take a value: the key, the value or the store is at a bound.
    #[error("can't store the key {key:?}: {reason}")]
    Kv {
        /// The key.
        key: String,
        /// The host's words.
        reason: String,
    },
    /// The config is no TOML.
    #[error("the config is not TOML, line {line}: {reason}")]
    Syntax {
        /// From 1.
        line: usize,
        /// The parser's words.
        reason: String,
    },
    /// A key of the config has a value that it can't have.
    #[error("config key `{key}`: {value} won't do, it must be {expected}")]
    Key {
        /// The key.
        key: String,
        /// What stands in the config.
        value: String,
        /// What may stand there.
        expected: String,
    },
    /// The config has a key that the plugin doesn't know.
    #[error("config key `{key}` is not known; there are: {known}")]
    UnknownKey {
        /// The key.
        key: String,
        /// The keys that there are.
        known: String,
    },
}

/// An error and what caused it, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        write!(text, ": {cause}").expect("writing to a string does not fail");
        source = cause.source();
    }
    text
}
