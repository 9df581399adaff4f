use std::{collections::HashMap, fmt};

/// What is different between two texts, line by line. Where a line stands does not matter: what
/// plugins tell is rows and series.
#[derive(Debug, PartialEq, Eq)]
pub struct Changes<'a> {
    gone: Vec<&'a str>,
    new: Vec<&'a str>,
    same: usize,
}

impl<'a> Changes<'a> {
    /// Of each kind, so many lines are shown.
    const SHOWN: usize = 40;

    pub fn between(old: &'a [String], new: &'a [String]) -> Self {
        let lost = without(old, new);
        let came = without(new, old);
        let same = new.len() - came.len();
        Self { gone: lost, new: came, same }
    }
}

/// Lines of `lines`, as often as there are more of them than in `others`.
fn without<'a>(lines: &'a [String], others: &'a [String]) -> Vec<&'a str> {
    let mut left: HashMap<&'a str, usize> = HashMap::new();
    for line in others {
        *left.entry(line).or_default() += 1;
    }
    let mut is_new = |line: &'a str| match left.get_mut(line) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    lines.iter().map(String::as_str).filter(|line| is_new(line)).collect()
}

impl fmt::Display for Changes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (sign, lines) in [('-', &self.gone), ('+', &self.new)] {
            for line in lines.iter().take(Self::SHOWN) {
                writeln!(f, "  {sign} {line}")?;
            }
            if let Some(more @ 1..) = lines.len().checked_sub(Self::SHOWN) {
                writeln!(f, "  {sign} and {more} more")?;
            }
        }
        match self.same {
            0 => Ok(()),
            same => writeln!(f, "  {same} as before"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_line_counts_as_often_as_it_is_there() {
        let (old, new) = (lines("a 1\nb 2\nb 2\nc 3"), lines("c 3\nb 2\na 2\nd 4"));
        let changes = Changes::between(&old, &new);
        assert_eq!(changes.to_string(), "  - a 1\n  - b 2\n  + a 2\n  + d 4\n  2 as before\n");
        assert_eq!(Changes::between(&[], &[]).to_string(), "");
        assert_eq!(Changes::between(&old, &old).to_string(), "  4 as before\n");
    }

    #[test]
    fn not_all_of_many_are_shown() {
        let many: Vec<_> = (0..43).map(|i| i.to_string()).collect();
        let text = Changes::between(&[], &many).to_string();
        assert_eq!(text.lines().count(), 41);
        assert!(text.ends_with("  + 39\n  + and 3 more\n"), "{text}");
    }
}
