use std::{error::Error, fmt::Write};

/// An error with all its causes, on one line.
pub(crate) fn report(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        // Some libraries repeat the cause in their own message.
        if !line.ends_with(&cause_text) {
            write!(line, ": {cause_text}").expect("a string takes all");
        }
        source = cause.source();
    }
    line.replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("opening the door")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn causes_are_told_once() {
        let error = Outer(std::io::Error::other("it is\nlocked"));
        assert_eq!(report(&error), "opening the door: it is locked");
    }
}
