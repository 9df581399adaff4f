//! A TOML document that is taken apart key by key, so that every complaint names its line, column
//! and key, and one reading finds every problem.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    fmt,
    ops::{Range, RangeInclusive},
    path::{Path, PathBuf},
};

use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

/// What a text should have been.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub struct Expected(pub String);

/// Something wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub path: PathBuf,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, column, message } = self;
        write!(f, "{}:{line}:{column}: {message}", path.display())
    }
}

/// The text and what is wrong with it so far.
pub struct Document<'a> {
    path: &'a Path,
    text: &'a str,
    problems: RefCell<Vec<Problem>>,
}

/// A table whose keys are taken one by one.
pub struct Section<'a> {
    document: &'a Document<'a>,
    /// Where in the document, such as `limits.`; empty for the root.
    prefix: String,
    entries: Vec<(Spanned<DeString<'a>>, Spanned<DeValue<'a>>)>,
    known: Vec<&'static str>,
}

impl<'a> Document<'a> {
    pub fn new(path: &'a Path, text: &'a str) -> Self {
        Self { path, text, problems: RefCell::default() }
    }

    /// The root table, if the text is TOML.
    pub fn root(&'a self) -> Option<Section<'a>> {
        let (root, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            let end = self.text.len()..self.text.len();
            self.complain(error.span().unwrap_or(end), error.message().to_owned());
        }
        errors.is_empty().then(|| Section::new(self, String::new(), root.into_inner()))
    }

    /// What is wrong, in the order of the text.
    pub fn problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems
    }

    fn complain(&self, span: Range<usize>, message: String) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let (line, column) = place(before);
        let path = self.path.to_owned();
        self.problems.borrow_mut().push(Problem { path, line, column, message });
    }
}

/// Line and column of what follows `before`.
pub fn place(before: &str) -> (usize, usize) {
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = 1 + before.matches('\n').count();
    (line, 1 + before[line_start..].chars().count())
}

impl<'a> Section<'a> {
    fn new(document: &'a Document<'a>, prefix: String, table: DeTable<'a>) -> Self {
        Self { document, prefix, entries: table.into_iter().collect(), known: Vec::new() }
    }

    /// A text that `parse` takes.
    pub fn text<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, Expected>,
    ) -> Option<T> {
        let value = self.take(key)?;
        self.parse(key, &value, parse)
    }

    /// An array of texts that `parse` takes.
    pub fn texts<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, Expected>,
    ) -> Option<Vec<T>> {
        let value = self.take(key)?;
        let DeValue::Array(items) = value.get_ref() else {
            self.complain(key, &value, "an array of strings");
            return None;
        };
        Some(items.iter().filter_map(|item| self.parse(key, item, &parse)).collect())
    }

    /// The same, in which no two have the same name.
    pub fn distinct<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, Expected>,
        name: impl Fn(&T) -> &str,
    ) -> Option<Vec<T>> {
        let taken = RefCell::new(BTreeSet::new());
        self.texts(key, |text| {
            let item = parse(text)?;
            match taken.borrow_mut().insert(name(&item).to_owned()) {
                true => Ok(item),
                false => Err(Expected(format!("{:?} once", name(&item)))),
            }
        })
    }

    /// A text that `parse` takes, or an array of them.
    pub fn text_or_texts<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, Expected>,
    ) -> Option<Vec<T>> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::Array(items) => {
                Some(items.iter().filter_map(|item| self.parse(key, item, &parse)).collect())
            }
            _ => self.parse(key, &value, parse).map(|one| vec![one]),
        }
    }

    /// Where `key` stands, if it is there and was not taken yet.
    pub fn place_of(&self, key: &str) -> Option<Range<usize>> {
        let find = |(known, _): &&(Spanned<DeString<'a>>, _)| known.get_ref() == key;
        self.entries.iter().find(find).map(|(known, _)| known.span())
    }

    /// Say what is wrong with `key`, which stood there.
    pub fn complain_at(&self, place: Range<usize>, key: &str, what: &str) {
        self.document.complain(place, format!("{}{key}: {what}", self.prefix));
    }

    /// A whole number.
    pub fn number(&mut self, key: &'static str, range: RangeInclusive<usize>) -> Option<usize> {
        let value = self.take(key)?;
        let number = match value.get_ref() {
            DeValue::Integer(digits) => usize::from_str_radix(digits.as_str(), digits.radix()).ok(),
            _ => None,
        };
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let wanted = format!("a whole number from {} to {}", range.start(), range.end());
            self.complain(key, &value, &wanted);
        }
        number
    }

    /// `true` or `false`.
    pub fn truth(&mut self, key: &'static str) -> Option<bool> {
        let value = self.take(key)?;
        let DeValue::Boolean(truth) = value.get_ref() else {
            self.complain(key, &value, "true or false");
            return None;
        };
        Some(*truth)
    }

    /// A table; an empty one where the document has none.
    pub fn section(&mut self, key: &'static str) -> Self {
        let prefix = format!("{}{key}.", self.prefix);
        let table = match self.take(key).map(|value| (value.span(), value.into_inner())) {
            None => DeTable::new(),
            Some((_, DeValue::Table(table))) => table,
            Some((span, other)) => {
                self.complain(key, &Spanned::new(span, other), &format!("a table: [{key}]"));
                DeTable::new()
            }
        };
        Self::new(self.document, prefix, table)
    }

    /// Every table of a section whose keys are names that `parse` takes. `wanted` says what each
    /// value has to be.
    pub fn named<T>(
        mut self,
        parse: impl Fn(&str) -> Result<T, String>,
        wanted: &str,
    ) -> Vec<(T, Self)> {
        let mut named = Vec::new();
        for (key, value) in std::mem::take(&mut self.entries) {
            let (span, at) = (value.span(), format!("{}{}", self.prefix, key.get_ref()));
            match (parse(key.get_ref()), value.into_inner()) {
                (Err(message), _) => self.document.complain(key.span(), format!("{at}: {message}")),
                (Ok(name), DeValue::Table(table)) => {
                    named.push((name, Self::new(self.document, format!("{at}."), table)));
                }
                (Ok(_), other) => {
                    let message = format!("{at}: found {}, expected {wanted}", found(&other));
                    self.document.complain(span, message);
                }
            }
        }
        named
    }

    /// Complain of `key` where `other` is missing, without which it says nothing.
    pub fn needs(&self, key: &str, other: &str) {
        let find = |key| self.entries.iter().find(|(known, _)| known.get_ref() == key);
        if let (Some((at, _)), None) = (find(key), find(other)) {
            let message = format!("{}{key}: says nothing without `{other}`", self.prefix);
            self.document.complain(at.span(), message);
        }
    }

    /// Complain of every key that was not asked for.
    pub fn end(self) {
        for (key, _) in &self.entries {
            let message = format!(
                "{}{}: no such key; {}",
                self.prefix,
                key.get_ref(),
                self.hint(key.get_ref())
            );
            self.document.complain(key.span(), message);
        }
    }

    fn hint(&self, key: &str) -> String {
        match nearest(key, &self.known) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("known here: {}", self.known.join(", ")),
        }
    }

    fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'a>>> {
        self.known.push(key);
        let at = self.entries.iter().position(|(known, _)| known.get_ref() == key)?;
        Some(self.entries.swap_remove(at).1)
    }

    fn parse<T>(
        &self,
        key: &str,
        value: &Spanned<DeValue<'a>>,
        parse: impl Fn(&str) -> Result<T, Expected>,
    ) -> Option<T> {
        let parsed = match value.get_ref() {
            DeValue::String(text) => parse(text),
            // The parser tells best what the text should have been.
            _ => Err(Expected(match parse("") {
                Err(Expected(wanted)) => format!("a string: {wanted}"),
                Ok(_) => "a string".to_owned(),
            })),
        };
        parsed.map_err(|Expected(wanted)| self.complain(key, value, &wanted)).ok()
    }

    fn complain(&self, key: &str, value: &Spanned<DeValue<'a>>, wanted: &str) {
        let found = found(value.get_ref());
        let message = format!("{}{key}: found {found}, expected {wanted}", self.prefix);
        self.document.complain(value.span(), message);
    }
}

/// The candidate that `text` was likely meant to be: one slip in it, and one more every 4 letters.
pub fn nearest<'a>(text: &str, candidates: &[&'a str]) -> Option<&'a str> {
    // Comparing takes time and memory by the product of both lengths.
    const LONGEST: usize = 64;
    let slips = |candidate: &&str| strsim::damerau_levenshtein(text, candidate);
    let best = candidates.iter().copied().filter(|_| text.len() <= LONGEST).min_by_key(slips)?;
    (slips(&best) <= 1 + text.chars().count() / 4).then_some(best)
}

fn found(value: &DeValue<'_>) -> String {
    const SHOWN: usize = 60;
    match value {
        DeValue::String(text) if text.chars().count() > SHOWN => {
            format!("{:?}...", text.chars().take(SHOWN).collect::<String>())
        }
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Datetime(datetime) => datetime.to_string(),
        DeValue::Array(_) => "an array".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}
