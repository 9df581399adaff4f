use std::fmt;

use super::{MAX_CONDITIONS, MAX_FILTER_BYTES, MAX_NESTING, Span};
use crate::MAX_RULES;

/// Characters of a filter that an error shows on either side of the place.
const CONTEXT: usize = 60;

/// Why a text is no filter, and where. Shown with the line and a caret under the place; in the
/// alternate form (`{:#}`), for logs, on one line with the place between `>>` and `<<`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    reason: Reason,
    span: Span,
    text: String,
}

/// What is wrong at the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error("the filter has {bytes} bytes; the limit is {MAX_FILTER_BYTES}")]
    TooLong { bytes: usize },
    #[error("parentheses and `not` are nested more than {MAX_NESTING} deep")]
    TooDeep,
    #[error("the filter has more than {MAX_CONDITIONS} conditions: split it")]
    TooManyConditions,
    #[error("expected {expected}, found {found}")]
    Expected { expected: &'static str, found: String },
    #[error("{found} is no {what}: {hint}")]
    Invalid { found: String, what: &'static str, hint: String },
    #[error("{value} is too large: the largest {what} is {most}")]
    TooLarge { value: String, what: &'static str, most: u64 },
    #[error("{found} can't be filtered on: {why}")]
    Unsupported { found: String, why: String },
    #[error(
        "this takes more than {MAX_RULES} rules, as many as there are: ask for less, or for more at once"
    )]
    TooManyRules,
    #[error("this takes too long to turn into rules: use fewer alternatives inside of `and`")]
    TooComplex,
    #[error("no packet can match: {conflict}")]
    NeverMatches { conflict: String },
}

impl FilterError {
    pub(crate) fn new(reason: Reason, span: Span, text: &str) -> Self {
        // A text over the limit is not repeated.
        let text = if text.len() > MAX_FILTER_BYTES { String::new() } else { text.to_owned() };
        Self { reason, span, text }
    }

    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// The place in the filter.
    pub fn span(&self) -> Span {
        self.span
    }
}

impl std::error::Error for FilterError {}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.reason)?;
        let (line, column, width) = self.excerpt();
        if line.is_empty() {
            return Ok(());
        }
        if f.alternate() {
            let part = |from, count| line.chars().skip(from).take(count).collect::<String>();
            let (before, place) = (part(0, column), part(column, width));
            return write!(f, ", in: {before}>>{place}<<{}", part(column + width, usize::MAX));
        }
        write!(f, "\n  {line}\n  {:column$}{:^<width$}", "", "")
    }
}

impl FilterError {
    /// The text around the place on one line, the column where the place starts there, and its
    /// width, in characters.
    fn excerpt(&self) -> (String, usize, usize) {
        // Line ends and other control characters would move the caret away.
        let plain = |c: char| if c.is_control() { ' ' } else { c };
        let count = |part: Option<&str>| part.map_or(0, |part| part.chars().count());
        let before = count(self.text.get(..self.span.start));
        let width = count(self.text.get(self.span.start..self.span.end)).clamp(1, CONTEXT);
        let skipped = before.saturating_sub(CONTEXT);
        let shown = before - skipped + width + CONTEXT;
        let mut line: String = self.text.chars().skip(skipped).take(shown).map(plain).collect();
        let mut column = before - skipped;
        if skipped > 0 {
            line.insert_str(0, "...");
            column += 3;
        }
        if self.text.chars().nth(skipped + shown).is_some() {
            line.push_str("...");
        }
        (line, column, width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, start: usize, end: usize) -> String {
        FilterError::new(Reason::TooDeep, Span { start, end }, text).to_string()
    }

    #[test]
    fn the_caret_stands_under_the_place() {
        let message = "parentheses and `not` are nested more than 64 deep";
        assert_eq!(shown("tcp port x", 9, 10), format!("{message}\n  tcp port x\n           ^"));
        assert_eq!(shown("ä\nport x", 3, 7), format!("{message}\n  ä port x\n    ^^^^"));
        assert_eq!(shown("tcp", 3, 3), format!("{message}\n  tcp\n     ^"));
        assert_eq!(shown("", 0, 0), message);
    }

    #[test]
    fn on_one_line_the_place_is_marked() {
        let line = |text: &str, start, end| {
            format!("{:#}", FilterError::new(Reason::TooDeep, Span { start, end }, text))
        };
        let message = "parentheses and `not` are nested more than 64 deep";
        assert_eq!(line("ä\nport x or y", 3, 7), format!("{message}, in: ä >>port<< x or y"));
        assert_eq!(line("tcp", 3, 3), format!("{message}, in: tcp>><<"));
        assert_eq!(line("", 0, 0), message);
    }

    #[test]
    fn long_texts_are_cut_around_the_place() {
        let text = format!("{} x {}", "a".repeat(1000), "b".repeat(1000));
        let shown = shown(&text, 1001, 1002);
        let (_, excerpt) = shown.split_once('\n').unwrap();
        let expected = format!("  ...{} x {}...", "a".repeat(59), "b".repeat(59));
        assert_eq!(excerpt, format!("{expected}\n{:65}^", ""));
    }
}
