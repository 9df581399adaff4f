use crate::capability::MAX_MESSAGE;

/// Makes lines of what a guest writes in pieces, and keeps of each what the log does.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// The beginning of the line that has not ended yet.
    kept: Vec<u8>,
    /// Bytes of that line.
    bytes: usize,
}

impl Lines {
    /// Take `bytes`, and give each line that ends in them to `line`: its beginning, and how many
    /// bytes it has in all. Empty ones are left out.
    pub(crate) fn push(&mut self, bytes: &[u8], mut line: impl FnMut(&str, usize)) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let text = piece.strip_suffix(b"\n");
            self.keep(text.unwrap_or(piece));
            if text.is_some() {
                self.end(&mut line);
            }
        }
    }

    /// End the line that is there.
    pub(crate) fn end(&mut self, mut line: impl FnMut(&str, usize)) {
        let kept = self.kept.strip_suffix(b"\r").unwrap_or(&self.kept);
        if !kept.is_empty() {
            // A character that was cut is the host's doing, not the guest's.
            let whole = match std::str::from_utf8(kept) {
                Err(error) if error.error_len().is_none() && self.bytes > kept.len() => {
                    &kept[..error.valid_up_to()]
                }
                _ => kept,
            };
            let bytes = self.bytes - (self.kept.len() - kept.len());
            line(&String::from_utf8_lossy(whole), bytes);
        }
        self.kept.clear();
        self.bytes = 0;
    }

    fn keep(&mut self, piece: &[u8]) {
        let room = MAX_MESSAGE.saturating_sub(self.kept.len()).min(piece.len());
        self.kept.extend_from_slice(&piece[..room]);
        self.bytes = self.bytes.saturating_add(piece.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<(String, usize)> {
        let (mut lines, mut found) = (Lines::default(), Vec::new());
        let mut line = |text: &str, bytes: usize| found.push((text.to_owned(), bytes));
        for piece in pieces {
            lines.push(piece, &mut line);
        }
        lines.end(&mut line);
        found
    }

    fn line(text: &str) -> (String, usize) {
        (text.to_owned(), text.len())
    }

    #[test]
    fn pieces_are_joined_to_lines() {
        let found = lines(&[b"he", b"llo\nworld\r\n\n", b"", b"\r\n", b"end"]);
        assert_eq!(found, [line("hello"), line("world"), line("end")]);
        assert_eq!(lines(&[b"\n\n"]), []);
    }

    #[test]
    fn of_a_long_line_the_beginning_is_kept_and_the_next_one_is_whole() {
        let long = [b'x'; 700];
        let found = lines(&[&long, &long, &long, b"\nnext\n"]);
        assert_eq!(found, [("x".repeat(MAX_MESSAGE), 2100), line("next")]);
        let cut = ["x".repeat(MAX_MESSAGE - 1), "ü".to_owned()].concat();
        assert_eq!(lines(&[cut.as_bytes()]), [("x".repeat(MAX_MESSAGE - 1), MAX_MESSAGE + 1)]);
    }

    #[test]
    fn bytes_that_are_no_text_are_marked() {
        assert_eq!(
            lines(&[b"a\xffb\n", b"\xc3"]),
            [("a\u{fffd}b".to_owned(), 3), ("\u{fffd}".to_owned(), 1)]
        );
    }
}
