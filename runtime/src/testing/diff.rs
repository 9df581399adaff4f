//! Where two texts differ, line by line, in few words.

use std::fmt::{self, Write};

/// Lines that are told of each difference, and differences that are told.
const LINES: usize = 6;
const PLACES: usize = 3;

/// How far ahead the same lines are looked for.
const AHEAD: usize = 400;

/// Characters of a line that are told.
const WIDTH: usize = 400;

/// What is expected and what was found, where they differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference(String);

/// `Ok` if they are the same.
pub(super) fn compare(expected: &str, found: &str) -> Result<(), Difference> {
    if expected == found {
        return Ok(());
    }
    let (expected, found): (Vec<_>, Vec<_>) =
        (expected.split('\n').collect(), found.split('\n').collect());
    let (mut at, mut told, mut text) = ((0, 0), 0, String::new());
    while let Some(place) = next(&expected, &found, at) {
        let Place { start, end } = place;
        if told == PLACES {
            text.push_str("    ... and more\n");
            break;
        }
        told += 1;
        writeln!(text, "    line {}:", start.0 + 1).expect("writing to a String can't fail");
        tell(&mut text, "expected", &expected[start.0..end.0]);
        tell(&mut text, "found   ", &found[start.1..end.1]);
        at = end;
    }
    Err(Difference(text))
}

/// Lines that differ, from one place to another, in both texts.
struct Place {
    start: (usize, usize),
    end: (usize, usize),
}

fn next(a: &[&str], b: &[&str], (mut i, mut j): (usize, usize)) -> Option<Place> {
    while i < a.len() && j < b.len() && a[i] == b[j] {
        (i, j) = (i + 1, j + 1);
    }
    if i == a.len() && j == b.len() {
        return None;
    }
    Some(Place { start: (i, j), end: meet(a, b, (i, j)) })
}

/// Where the texts go on in the same way, after as few lines as possible.
fn meet(a: &[&str], b: &[&str], (i, j): (usize, usize)) -> (usize, usize) {
    for lines in 1..AHEAD {
        for skipped in 0..=lines {
            let (to_a, to_b) = (i + skipped, j + lines - skipped);
            if let (Some(one), Some(other)) = (a.get(to_a), b.get(to_b))
                && one == other
                && !one.is_empty()
            {
                return (to_a, to_b);
            }
        }
    }
    (a.len(), b.len())
}

fn tell(text: &mut String, what: &str, lines: &[&str]) {
    for line in lines.iter().take(LINES) {
        let shown: String = line.chars().take(WIDTH).collect();
        let cut = if line.chars().nth(WIDTH).is_some() { "..." } else { "" };
        writeln!(text, "      {what} {shown}{cut}").expect("writing to a String can't fail");
    }
    if let Some(more) = lines.len().checked_sub(LINES + 1) {
        writeln!(text, "      {what} ... {} more lines", more + 1).expect("as above");
    }
    if lines.is_empty() {
        writeln!(text, "      {what} nothing").expect("as above");
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(expected: &str, found: &str) -> String {
        compare(expected, found).unwrap_err().to_string()
    }

    #[test]
    fn what_differs_is_told_with_its_line_and_nothing_else_is() {
        assert_eq!(compare("a\nb", "a\nb"), Ok(()));
        let changed = "    line 2:\n      expected b\n      found    x\n";
        assert_eq!(told("a\nb\nc", "a\nx\nc"), changed);
        let missing = "    line 2:\n      expected b\n      found    nothing\n";
        assert_eq!(told("a\nb\nc", "a\nc"), missing);
        let more = "    line 2:\n      expected nothing\n      found    b\n";
        assert_eq!(told("a\nc", "a\nb\nc"), more);
    }

    #[test]
    fn a_difference_is_short_whatever_differs() {
        let (a, b): (Vec<_>, Vec<_>) = (
            (0..5000).map(|n| n.to_string()).collect(),
            (0..5000).map(|n| format!("x{n}")).collect(),
        );
        let told = told(&a.join("\n"), &b.join("\n"));
        assert!(told.lines().count() < 20, "{told}");
        assert!(told.contains("... 4994 more lines"), "{told}");
    }
}
