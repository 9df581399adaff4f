use ringtap_plugin::CallError;

use super::Chaos;
use crate::testing::{
    Failed, Report, Variation, diff,
    run::{Begun, Run},
    script::Step,
};

/// Calls that are ended, each at several places.
const CALLS: usize = 6;
const PLACES: u64 = 4;

/// A call that returns however far off the end is.
const NEVER: u64 = u64::MAX;

impl Chaos<'_> {
    /// A call that is ended leaves no trace, and the next instance works on.
    pub(super) fn deadlines(self, report: &mut Report) {
        for (index, at) in self.calls_to_end().into_iter().enumerate() {
            let looks = match self.looks(at) {
                Ok(looks) => looks,
                Err(failed) => {
                    report.fail(Variation::Deadline(index * PLACES as usize), failed);
                    continue;
                }
            };
            for place in 0..PLACES {
                let variation = Variation::Deadline(index * PLACES as usize + place as usize);
                let ends_at = 1 + (looks.saturating_sub(1)) * place / (PLACES - 1);
                if looks > 0 && self.wants(variation) {
                    report.note(variation, self.ended(at, ends_at));
                }
            }
        }
    }

    /// The first step of each kind, and others by chance.
    fn calls_to_end(self) -> Vec<usize> {
        let steps = &self.script.steps;
        let is_time = |step: &Step| matches!(step, Step::Time(_));
        let mut chosen: Vec<usize> =
            steps.iter().position(|step| !is_time(step)).into_iter().collect();
        let mut random = self.chance(3);
        while chosen.len() < CALLS.min(steps.len()) {
            let at = random.usize(..steps.len());
            if !chosen.contains(&at) {
                chosen.push(at);
            }
        }
        chosen
    }

    /// How often the calls of a step look at their deadline: 0 where there is none.
    fn looks(self, at: usize) -> Result<u64, Failed> {
        let Begun::Running(mut run) = Run::begin(self.subject, self.script)? else { return Ok(0) };
        run.steps(&self.script.steps[..at])?;
        run.instance().set_fuse(NEVER);
        run.steps(&self.script.steps[at..=at])?;
        Ok(run.instance().take_fuse())
    }

    fn ended(self, at: usize, ends_at: u64) -> Result<(), Failed> {
        let Begun::Running(mut run) = Run::begin(self.subject, self.script)? else { return Ok(()) };
        let (before, after) = self.script.steps.split_at(at);
        run.steps(before)?;
        let expected = run.so_far();
        run.instance().set_fuse(ends_at);
        let (ended, others) =
            after.split_first().ok_or_else(|| Failed::Other("no step".to_owned()))?;
        match run.step(ended) {
            Err(CallError::Overrun { .. }) => {}
            Err(error) => return Err(Failed::Other(error.to_string())),
            Ok(_) => {
                let what =
                    "a call was to end, and returned: it does not take the same way each time";
                return Err(Failed::Other(what.to_owned()));
            }
        }
        let found = run.so_far();
        diff::compare(&expected.to_string(), &found.to_string()).map_err(|difference| {
            Failed::Other(format!("a call that was ended left a trace:\n{difference}"))
        })?;
        let mut run = run.restart()?;
        run.steps(others)?;
        run.stop().map(drop)?;
        Ok(())
    }
}
