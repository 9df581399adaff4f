use std::fmt;

/// A way to run a case. Its text is what `--only` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variation {
    /// As `ringtap replay --deterministic` does.
    Plain,
    /// In batches of so many records or events.
    Batches(usize),
    /// In batches of random sizes.
    RandomBatches,
    /// A new instance takes over with the state of the one before it, once: before the step of this
    /// number, from 0.
    State(usize),
    /// The same before every step.
    StateAlways,
    /// A new instance is given a state that is damaged; the number tells how.
    Damage(usize),
    /// A call is ended as at its deadline; the number tells which, and where in it.
    Deadline(usize),
    /// Random packets in place of the case's.
    Random,
}

impl Variation {
    /// What is tested, without a number.
    const fn kind(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Batches(_) | Self::RandomBatches => "batches",
            Self::State(_) | Self::StateAlways => "state",
            Self::Damage(_) => "damage",
            Self::Deadline(_) => "deadline",
            Self::Random => "random",
        }
    }

    const KINDS: [&str; 6] = ["plain", "batches", "state", "damage", "deadline", "random"];
}

impl fmt::Display for Variation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind();
        match self {
            Self::Plain | Self::Random => f.write_str(kind),
            Self::RandomBatches => write!(f, "{kind}:random"),
            Self::StateAlways => write!(f, "{kind}:always"),
            Self::Batches(n) | Self::State(n) | Self::Damage(n) | Self::Deadline(n) => {
                write!(f, "{kind}:{n}")
            }
        }
    }
}

/// Which variations are wanted: all, those of a kind, or one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Only(Option<String>);

impl Only {
    pub(crate) fn wants(&self, variation: Variation) -> bool {
        self.0
            .as_ref()
            .is_none_or(|only| only == variation.kind() || *only == variation.to_string())
    }

    /// Whether any variation of the kind may be wanted.
    pub(crate) fn wants_some(&self, kind: &str) -> bool {
        self.0.as_ref().is_none_or(|only| only.split(':').next() == Some(kind))
    }

    /// Whether just one was named.
    pub(crate) fn is_one(&self) -> bool {
        self.0.as_ref().is_some_and(|only| only.contains(':'))
    }

    /// From the command line.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let kind = text.split(':').next().unwrap_or_default();
        match Variation::KINDS.contains(&kind) {
            true => Ok(Self(Some(text.to_owned()))),
            false => Err(format!(
                "expected one of {}, or one with a number that a failure told, such as state:3",
                Variation::KINDS.join(", ")
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_or_one_of_it_can_be_asked_for() {
        let wants = |only: &str, variation| Only::parse(only).unwrap().wants(variation);
        assert!(Only::default().wants(Variation::Plain));
        assert!(wants("state", Variation::State(7)) && wants("state", Variation::StateAlways));
        assert!(wants("state:7", Variation::State(7)));
        assert!(!wants("state:7", Variation::State(70)));
        assert!(!wants("state", Variation::Plain));
        assert!(Only::parse("state:7").unwrap().wants_some("state"));
        assert!(Only::parse("states").unwrap_err().starts_with("expected one of plain, batches"));
    }
}
