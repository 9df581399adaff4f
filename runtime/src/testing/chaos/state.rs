use std::collections::BTreeSet;

use super::Chaos;
use crate::testing::{
    Failed, Outcome, Report, Script, Variation,
    run::{Begun, Run, RunError},
};

/// A case with so many places for a replacement has one at each, in a run of its own.
const ALL: usize = 48;

/// Of more, so many are chosen by chance, and so many beside ticks.
const SOME: usize = 24;
const AT_TICKS: usize = 12;

impl Chaos<'_> {
    /// An instance that takes over with the state of the one before makes no difference, wherever it
    /// does.
    pub(super) fn state(self, report: &mut Report) {
        let script = self.for_replacements();
        let places = match self.places(&script) {
            Ok(places) => places,
            Err(failed) => return report.fail(Variation::StateAlways, failed.into()),
        };
        for place in places {
            self.replaced(report, Variation::State(place), &script, |at| at == place);
        }
        self.replaced(report, Variation::StateAlways, &script, |_| true);
    }

    /// Small batches, so that there are many places, where their size makes no difference.
    pub(super) fn for_replacements(self) -> Script {
        let size = 1.max(self.script.items() / 32).min(64);
        match self.case.depends_on_batches {
            true => self.script.clone(),
            false => self.script.in_batches_of(|| size),
        }
    }

    /// Before which steps to replace the instance; the number of steps is the end.
    fn places(self, script: &Script) -> Result<BTreeSet<usize>, RunError> {
        let ends = script.steps.len();
        if ends < ALL || self.terms.only.is_one() {
            return Ok((0..=ends).collect());
        }
        let mut random = self.chance(2);
        let mut places: BTreeSet<_> = (0..SOME).map(|_| random.usize(..=ends)).collect();
        places.extend([0, ends]);
        let mut ticks = self.ticks(script)?;
        random.shuffle(&mut ticks);
        places.extend(ticks.iter().take(AT_TICKS / 2).flat_map(|at| [*at, at + 1]));
        Ok(places)
    }

    /// The steps in which the plugin ticks.
    fn ticks(self, script: &Script) -> Result<Vec<usize>, RunError> {
        let Begun::Running(mut run) = Run::begin(self.subject, script)? else {
            return Ok(Vec::new());
        };
        let mut ticks = Vec::new();
        for (at, step) in script.steps.iter().enumerate() {
            let place = format!("step {at}");
            if run.step(step).map_err(|source| RunError::Call { place, source })? {
                ticks.push(at);
            }
        }
        Ok(ticks)
    }

    fn replaced(
        self,
        report: &mut Report,
        variation: Variation,
        script: &Script,
        is_place: impl Fn(usize) -> bool,
    ) {
        if self.wants(variation) {
            let outcome = self.with_replacements(script, is_place).map_err(Failed::Call);
            report.note(variation, outcome.and_then(|outcome| self.is_the_same(&outcome)));
        }
    }

    fn with_replacements(
        self,
        script: &Script,
        is_place: impl Fn(usize) -> bool,
    ) -> Result<Outcome, RunError> {
        let mut run = match Run::begin(self.old.unwrap_or(self.subject), script)? {
            Begun::Running(run) => run,
            Begun::Refused(why) => return Ok(Outcome::refused(why)),
        };
        for (at, step) in script.steps.iter().enumerate() {
            if is_place(at) {
                run = run.hand_over(self.subject)?;
            }
            run.steps(std::slice::from_ref(step))?;
        }
        if is_place(script.steps.len()) {
            run = run.hand_over(self.subject)?;
        }
        run.stop()
    }
}
