use std::{error::Error, fmt::Write};

use ringtap_pipeline::text::escaped;

/// An error with all its causes, on one line and fit for a terminal: some quote what a plugin says.
pub(crate) fn report(error: &dyn Error) -> String {
    let mut line = on_a_line(error);
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = on_a_line(cause);
        // Some libraries repeat the cause in their own message.
        if !line.ends_with(&cause_text) {
            write!(line, ": {cause_text}").expect("a string takes all");
        }
        source = cause.source();
    }
    escaped(&line.replace('\n', " "))
}

/// Errors that draw a picture have an alternate form for where there is no room for one.
fn on_a_line(error: &dyn Error) -> String {
    let text = error.to_string();
    if text.contains('\n') { format!("{error:#}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("opening the door")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn causes_are_told_once() {
        let error = Outer(std::io::Error::other("it is\nlocked\u{202e}"));
        assert_eq!(report(&error), "opening the door: it is locked\\u{202e}");
    }
}
