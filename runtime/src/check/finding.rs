use std::fmt;

use crate::{exit::Exit, stdout::one_line};

/// One thing that was looked at. Shown, a line that begins with `ok`, `note` or `FAIL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    verdict: Verdict,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Ok,
    /// Worth knowing, and nothing that has to change.
    Note,
    /// What ringtap was told to do can't be done on any host.
    Setup,
    /// This host does not let it.
    Host,
}

impl Finding {
    pub(crate) fn ok(text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Ok, text: text.into() }
    }

    pub(crate) fn note(text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Note, text: text.into() }
    }

    /// A problem of the configuration or of a plugin. `text` says what to do about it.
    pub(crate) fn setup(text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Setup, text: text.into() }
    }

    /// A problem of this host. `text` says what to do about it.
    pub(crate) fn host(text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Host, text: text.into() }
    }

    pub(crate) fn about(self, whom: &str) -> Self {
        Self { text: format!("{whom}: {}", self.text), ..self }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::Note => "note",
            Verdict::Setup | Verdict::Host => "FAIL",
        };
        write!(f, "{word:4} {}", one_line(&self.text))
    }
}

/// How many findings there were of each kind. Shown, the last line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    ok: usize,
    notes: usize,
    setup: usize,
    host: usize,
}

impl Tally {
    pub(crate) fn count(&mut self, finding: &Finding) {
        let kind = match finding.verdict {
            Verdict::Ok => &mut self.ok,
            Verdict::Note => &mut self.notes,
            Verdict::Setup => &mut self.setup,
            Verdict::Host => &mut self.host,
        };
        *kind += 1;
    }

    /// A host's problem outweighs one of the setup: there, a better setup changes nothing.
    pub(crate) fn exit(&self) -> Exit {
        match (self.host, self.setup) {
            (0, 0) => Exit::Success,
            (0, _) => Exit::Usage,
            _ => Exit::Host,
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems = self.setup + self.host;
        write!(f, "summary: ok {}, notes {}, problems {problems}", self.ok, self.notes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_one_line() {
        assert_eq!(Finding::ok("kernel: Linux 6.6").to_string(), "ok   kernel: Linux 6.6");
        assert_eq!(Finding::note("a").to_string(), "note a");
        assert_eq!(Finding::setup("a\nb\x1b[0m").to_string(), "FAIL a b\\u{1b}[0m");
        assert_eq!(Finding::host("a").to_string(), "FAIL a");
    }

    #[test]
    fn the_host_decides_how_it_ends_then_the_setup() {
        let mut tally = Tally::default();
        for (finding, exit) in [
            (Finding::ok(""), Exit::Success),
            (Finding::note(""), Exit::Success),
            (Finding::setup(""), Exit::Usage),
            (Finding::host(""), Exit::Host),
            (Finding::setup(""), Exit::Host),
        ] {
            tally.count(&finding);
            assert_eq!(tally.exit(), exit);
        }
        assert_eq!(tally.to_string(), "summary: ok 1, notes 1, problems 3");
    }
}
