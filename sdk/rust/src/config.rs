mod parse;

use std::{ops::RangeInclusive, time::Duration};

use parse::Value;

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
pub struct Config {
    keys: Vec<(String, Value)>,
    known: Vec<&'static str>,
}

impl Config {
    /// Read the text that [`Plugin::new`](crate::Plugin::new) got. Empty is valid; tables are not, nor more than 256 keys.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Ok(Self { keys: parse::parse(text)?, known: Vec::new() })
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
                let Value::Integer { digits, radix } = value else { return None };
                u64::from_str_radix(digits, *radix).ok().filter(|number| range.contains(number))
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
        self.read(
            key,
            default,
            || "true or false".to_owned(),
            |value| match value {
                Value::Truth(truth) => Some(*truth),
                _ => None,
            },
        )
    }

    /// A text.
    pub fn text(&mut self, key: &'static str, default: &str) -> Result<String, Error> {
        let default = default.to_owned();
        self.read(
            key,
            default,
            || "a text in quotes".to_owned(),
            |value| match value {
                Value::Text(text) => Some(text.clone()),
                _ => None,
            },
        )
    }

    /// Refuse the keys that nothing asked for: they are misspelt.
    pub fn finish(self) -> Result<(), Error> {
        match self.keys.into_iter().next() {
            None => Ok(()),
            Some((key, _)) => {
                let known = self.known.join(", ");
                Err(Error::UnknownKey { key, known })
            }
        }
    }

    fn read<T>(
        &mut self,
        key: &'static str,
        default: T,
        expected: impl FnOnce() -> String,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<T, Error> {
        self.known.push(key);
        let place = self.keys.iter().position(|(known, _)| known == key);
        let Some(place) = place else { return Ok(default) };
        let (_, value) = self.keys.remove(place);
        let refuse =
            || Error::Key { key: key.to_owned(), value: value.to_string(), expected: expected() };
        read(&value).ok_or_else(refuse)
    }
}

fn text_of(range: &RangeInclusive<u64>) -> String {
    format!("from {} to {}", range.start(), range.end())
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
            format!("config key `n`: an array or table won't do, {range}")
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
    fn a_text_that_is_no_flat_toml_is_refused_with_its_line() {
        let line = |text: &str| match integer(text).unwrap_err() {
            Error::Syntax { line, .. } => line,
            other => panic!("{text}: {other}"),
        };
        assert_eq!(line("n = 5\nm 6\n"), 2);
        assert_eq!(line("n = 5\nn = 6\n"), 2);
        assert_eq!(line("\n\n[n]\n"), 3);
        assert_eq!(line("[[n]]\n"), 1);
        assert_eq!(line("a.n = 1\n"), 1);
        assert_eq!(line("n = \"5"), 1);
        assert_eq!(line("n = 12x"), 1);
        let many: String = (0..257).map(|i| format!("k{i} = 1\n")).collect();
        assert_eq!(line(&many), 257);
    }

    #[test]
    fn depth_is_no_danger() {
        let deep = format!("n = {}5{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(integer(&deep).is_err());
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

    /// Every SDK is held against these cases. `\N`, `\R`, `\T` and `\Z` stand for a newline, a
    /// carriage return, a tab and a NUL.
    #[test]
    fn every_case_reads_as_in_the_other_languages() {
        let read = |text: &str| -> Result<String, Error> {
            let mut config = Config::parse(text)?;
            let n = config.integer("n", 7, 1..=100)?;
            let b = config.truth("b", false)?;
            let s = config.text("s", "def")?;
            let z = config.seconds("z", 3, 1..=60)?.as_secs();
            config.finish()?;
            Ok(format!("n={n} b={b} s={s:?} z={z}"))
        };
        let cases = include_str!("../../../tests/conformance/config.tsv");
        for case in cases.lines() {
            let (text, expected) = case.split_once('\t').unwrap();
            let escapes = [("\\N", "\n"), ("\\R", "\r"), ("\\T", "\t"), ("\\Z", "\0")];
            let unescape = |text: String, (from, to): &(&str, &str)| text.replace(from, to);
            let text = escapes.iter().fold(text.to_owned(), unescape);
            assert_eq!(read(&text).unwrap_or_else(|error| error.to_string()), expected, "{case}");
        }
        assert!(cases.lines().count() > 150);
    }
}
