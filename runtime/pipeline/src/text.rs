//! Texts of others, made fit for a log and a terminal.

/// `text` on one line and without what a terminal acts on or does not show: control characters, and
/// those that turn the direction of writing or have no width, by which one text passes for another.
/// They are escaped as in Rust, `\n` or `\u{202e}`.
pub fn escaped(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if is_printable(c) {
            line.push(c);
        } else {
            line.extend(c.escape_default());
        }
    }
    line
}

/// Whether `c` is shown as what it is.
pub fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return c == ' ' || c.is_ascii_graphic();
    }
    // The standard library knows what is printable, and tells by what it escapes. A combining
    // character, which is part of many a language, it escapes only where there is nothing before it.
    let mut behind = [b'x', 0, 0, 0, 0];
    let len = c.encode_utf8(&mut behind[1..]).len();
    str::from_utf8(&behind[..=len]).is_ok_and(|text| text.escape_debug().nth(2).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_acts_on_is_escaped() {
        assert_eq!(
            escaped("a\nb\x1b[2J\u{9b}\0\r\t\x7f"),
            "a\\nb\\u{1b}[2J\\u{9b}\\u{0}\\r\\t\\u{7f}"
        );
    }

    #[test]
    fn what_is_not_shown_or_turns_the_direction_is_escaped() {
        let marks =
            ['\u{200e}', '\u{200f}', '\u{61c}', '\u{2028}', '\u{2029}', '\u{feff}', '\u{ad}'];
        let ranges = ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}');
        let no_width = ('\u{200b}'..='\u{200d}').chain('\u{2060}'..='\u{2064}');
        let tags = '\u{e0020}'..='\u{e007f}';
        for c in marks.into_iter().chain(ranges).chain(no_width).chain(tags) {
            let text = format!("a{c}b");
            assert_eq!(escaped(&text), format!("a{}b", c.escape_unicode()), "{text:?}");
        }
    }

    #[test]
    fn what_people_write_stays() {
        let text = "\"it's\" C:\\x ~ größe 日本語 हिन्दी e\u{301} עברית 🦀 →";
        assert_eq!(escaped(text), text);
    }
}
