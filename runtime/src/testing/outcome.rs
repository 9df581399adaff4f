use std::{fmt, sync::mpsc::Receiver};

use ringtap_pipeline::{event::Event, metrics::Registry};
use ringtap_sink::{jsonl, prometheus};

/// Bytes of a state in a line.
const STATE_LINE: usize = 32;

/// What a plugin did in a run, in the form of a golden file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Why it did not take its config.
    pub refused: Option<String>,
    /// Records or events that it was given.
    pub given: u64,
    /// Of a filter, for each record: whether it goes on.
    pub kept: Option<Vec<bool>>,
    /// As lines of JSON, in their order.
    pub events: Vec<String>,
    /// As `/metrics` would show them, the plugin's own alone.
    pub metrics: String,
    /// What `save` gave before the end, where the case wants that shown.
    pub state: Option<Vec<u8>>,
}

impl Outcome {
    pub(crate) fn refused(why: String) -> Self {
        Self { refused: Some(why), ..Self::default() }
    }

    /// The metrics of the plugins. None of the runtime's own are registered in a run.
    pub(super) fn metrics(registry: &Registry) -> String {
        let mut families = registry.collect();
        families.retain(|family| !family.name.starts_with("ringtap_"));
        prometheus::render(&families)
    }

    pub(super) fn take_events(&mut self, emitted: &Receiver<Event>) {
        self.events.extend(emitted.try_iter().map(|event| jsonl::line(&event)));
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(why) = &self.refused {
            return writeln!(f, "refused to start: {why}");
        }
        writeln!(f, "given: {}", self.given)?;
        if let Some(kept) = &self.kept {
            let count = kept.iter().filter(|kept| **kept).count();
            writeln!(f, "kept: {count}{}", Runs(kept))?;
        }
        write!(f, "\nmetrics:\n{}\nevents:\n", self.metrics)?;
        self.events.iter().try_for_each(|event| writeln!(f, "{event}"))?;
        let Some(state) = &self.state else { return Ok(()) };
        writeln!(f, "\nstate: {} bytes", state.len())?;
        for line in state.chunks(STATE_LINE) {
            let digits: String = line.iter().map(|byte| format!("{byte:02x}")).collect();
            writeln!(f, "  {digits}")?;
        }
        Ok(())
    }
}

/// Which records are kept, counted from 1, as ranges.
struct Runs<'a>(&'a [bool]);

impl fmt::Display for Runs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut number = 0;
        for run in self.0.chunk_by(|one, next| one == next) {
            let (first, last) = (number + 1, number + run.len());
            number = last;
            match (run.first(), first == last) {
                (Some(true), true) => write!(f, "\n  {first}")?,
                (Some(true), false) => write!(f, "\n  {first}-{last}")?,
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_that_are_kept_are_told_in_ranges() {
        let told = |kept: &[bool]| Runs(kept).to_string();
        assert_eq!(told(&[true, true, false, true, false]), "\n  1-2\n  4");
        assert_eq!(told(&[false, true, true]), "\n  2-3");
        assert_eq!(told(&[]), "");
    }
}
