use std::{ops::RangeInclusive, time::Duration};

use toml::de::{DeTable, DeValue};

use crate::Error;

/// A plugin's config: TOML with one level of keys, read key by key.
///
/// ```
/// # use ringtap_plugin::{Config, Error};
/// # fn read(text: &str) -> Result<(), Error> {
/// let mut config = Config::parse(text)?;
/// let top = config.integer("top", 20, 1..=1000)?;
/// config.finish()?;
/// # Ok(())
/// # }
/// # assert!(read("top = 5").is_ok());
/// # assert!(read("tip = 5").is_err());
/// ```
#[derive(Debug)]
pub struct Config<'a> {
    keys: DeTable<'a>,
    known: Vec<&'static str>,
}

impl<'a> Config<'a> {
    /// Read the text that [`Plugin::new`](crate::Plugin::new) got. Empty is valid.
    pub fn parse(text: &'a str) -> Result<Self, Error> {
        let keys = DeTable::parse(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.unwrap_or_default().matches('\n').count() + 1;
            Error::Syntax { line, reason: error.message().to_owned() }
        })?;
        Ok(Self { keys: keys.into_inner(), known: Vec::new() })
    }

    /// A whole number in a range.
    pub fn integer(
        &mut self,
        key: &'static str,
        default: u64,
        range: RangeInclusive<u64>,
    ) -> Result<u64, Error> {
        self.read(
            key,
            default,
            || format!("a whole number {}", text_of(&range)),
            |value| {
                let number = match value {
                    DeValue::Integer(number) => {
                        u64::from_str_radix(number.as_str(), number.radix())
                    }
                    _ => return None,
                };
                number.ok().filter(|number| range.contains(number))
            },
        )
    }

    /// A time in seconds, whole ones, in a range.
    pub fn seconds(
        &mut self,
        key: &'static str,
        default: u64,
        range: RangeInclusive<u64>,
    ) -> Result<Duration, Error> {
        self.integer(key, default, range).map(Duration::from_secs)
    }

    /// `true` or `false`.
    pub fn truth(&mut self, key: &'static str, default: bool) -> Result<bool, Error> {
        self.read(key, default, || "true or false".to_owned(), |value| value.as_bool())
    }

    /// A text.
    pub fn text(&mut self, key: &'static str, default: &str) -> Result<String, Error> {
        let default = default.to_owned();
        self.read(
            key,
            default,
            || "a text in quotes".to_owned(),
            |value| value.as_str().map(str::to_owned),
        )
    }

    /// Refuse the keys that nothing asked for: they are misspelt.
    pub fn finish(self) -> Result<(), Error> {
        match self.keys.keys().next() {
            None => Ok(()),
            Some(key) => {
                let known = self.known.join(", ");
                Err(Error::UnknownKey { key: key.get_ref().to_string(), known })
            }
        }
    }

    fn read<T>(
        &mut self,
        key: &'static str,
        default: T,
        expected: impl FnOnce() -> String,
        read: impl FnOnce(&DeValue<'_>) -> Option<T>,
    ) -> Result<T, Error> {
        self.known.push(key);
        let Some(value) = self.keys.remove(key) else { return Ok(default) };
        let value = value.into_inner();
        let refuse =
            || Error::Key { key: key.to_owned(), value: show(&value), expected: expected() };
        read(&value).ok_or_else(refuse)
    }
}

fn text_of(range: &RangeInclusive<u64>) -> String {
    format!("from {} to {}", range.start(), range.end())
}

fn show(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(truth) => truth.to_string(),
        other => format!("a value of type {}", other.type_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integer(text: &str) -> Result<u64, Error> {
        let mut config = Config::parse(text)?;
        let number = config.integer("n", 7, 1..=100)?;
        config.finish()?;
        Ok(number)
    }

    fn refusal(text: &str) -> String {
        integer(text).unwrap_err().to_string()
    }

    #[test]
    fn a_key_that_is_absent_has_its_default() {
        assert_eq!(integer(""), Ok(7));
        assert_eq!(integer("# nothing\n"), Ok(7));
        assert_eq!(integer("n = 1_0"), Ok(10));
        assert_eq!(integer("n = 0x10"), Ok(16));
    }

    #[test]
    fn a_refusal_names_the_key_and_what_may_stand_there() {
        let range = "it must be a whole number from 1 to 100";
        assert_eq!(refusal("n = 0"), format!("config key `n`: 0 won't do, {range}"));
        assert_eq!(refusal("n = -1"), format!("config key `n`: -1 won't do, {range}"));
        assert_eq!(refusal("n = 1.5"), format!("config key `n`: 1.5 won't do, {range}"));
        assert_eq!(refusal("n = \"5\""), format!("config key `n`: \"5\" won't do, {range}"));
        assert_eq!(
            refusal("n = [5]"),
            format!("config key `n`: a value of type array won't do, {range}")
        );
        assert_eq!(
            refusal("n = 99999999999999999999999"),
            format!("config key `n`: 99999999999999999999999 won't do, {range}")
        );
    }

    #[test]
    fn a_key_that_nothing_asked_for_is_refused() {
        assert_eq!(refusal("m = 5"), "config key `m` is not known; there are: n");
    }

    #[test]
    fn a_text_that_is_no_toml_is_refused_with_its_line() {
        assert_eq!(
            integer("n = 5\nn 6\n"),
            Err(Error::Syntax { line: 2, reason: refusal_reason("n = 5\nn 6\n") })
        );
    }

    fn refusal_reason(text: &str) -> String {
        DeTable::parse(text).unwrap_err().message().to_owned()
    }

    #[test]
    fn other_types() {
        let mut config = Config::parse("text = \"a\"\ntruth = true\ntime = 3").unwrap();
        assert_eq!(config.text("text", "b").unwrap(), "a");
        assert_eq!(config.text("other", "b").unwrap(), "b");
        assert!(config.truth("truth", false).unwrap());
        assert_eq!(config.seconds("time", 1, 1..=5).unwrap(), Duration::from_secs(3));
        config.finish().unwrap();
    }
}
