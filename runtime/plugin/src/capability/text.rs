use std::fmt::Write;

use ringtap_pipeline::text::escaped;

/// What is kept of a message; `wit/capabilities.wit` promises it.
pub(crate) const MAX_MESSAGE: usize = 1024;

/// The first [`MAX_MESSAGE`] bytes of a guest's text, on one line and fit for a terminal.
pub(crate) fn printable(message: &str) -> String {
    printable_part(message, message.len())
}

/// The same of a text that has `bytes` in all and of which `message` is the beginning.
pub(super) fn printable_part(message: &str, bytes: usize) -> String {
    let kept = &message[..message.floor_char_boundary(MAX_MESSAGE)];
    let mut line = escaped(kept);
    if kept.len() < bytes {
        write!(line, "… ({bytes} bytes in all)").expect("a string takes all");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_that_no_terminal_acts_on() {
        let message = "a\nb\x1b[2J\u{9b}ü\u{202e}c\u{200b}";
        assert_eq!(printable(message), "a\\nb\\u{1b}[2J\\u{9b}ü\\u{202e}c\\u{200b}");
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let long = format!("{}ü{}", "x".repeat(MAX_MESSAGE - 1), "y".repeat(10));
        let kept = format!("{}… (1035 bytes in all)", "x".repeat(MAX_MESSAGE - 1));
        assert_eq!(printable(&long), kept);
    }
}
