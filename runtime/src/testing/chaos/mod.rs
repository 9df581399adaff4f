//! A case in many variations, each of which is to come to the same as the plain run, or to nothing
//! worse than an error.

mod batches;
mod damage;
mod deadline;
mod random;
mod state;

use fastrand::Rng;

use super::{Case, Outcome, Report, Script, Subject, Terms, Variation};

/// What variations are made of.
#[derive(Clone, Copy)]
pub(crate) struct Chaos<'a> {
    pub subject: &'a Subject,
    pub case: &'a Case,
    /// The version of the plugin that hands on its state; the same one where there is none.
    pub old: Option<&'a Subject>,
    pub script: &'a Script,
    pub plain: &'a Outcome,
    pub terms: &'a Terms,
}

impl Chaos<'_> {
    pub(crate) fn run(self, report: &mut Report) -> anyhow::Result<()> {
        let wants = |kind| self.terms.only.wants_some(kind);
        if wants("batches") {
            self.batches(report);
        }
        if wants("state") || wants("damage") {
            if self.subject.has_state() {
                self.state(report);
                self.damage(report);
            } else {
                report.leave_out("state and damage: the plugin has no state");
            }
        }
        if wants("deadline") {
            self.deadlines(report);
        }
        if wants("random") && !self.subject.is_exporter() {
            self.random(report)?;
        }
        Ok(())
    }

    fn wants(self, variation: Variation) -> bool {
        self.terms.only.wants(variation)
    }

    /// Numbers of its own for each kind of variation, so that one can be repeated without the others.
    fn chance(self, kind: u64) -> Rng {
        Rng::with_seed(self.terms.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(kind))
    }
}
