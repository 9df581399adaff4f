use ringtap_pipeline::batch::MAX_BATCH_RECORDS;

use super::Chaos;
use crate::testing::{Failed, Outcome, Report, Script, Variation, diff, run};

const SIZES: [usize; 5] = [1, 2, 7, 64, MAX_BATCH_RECORDS];

impl Chaos<'_> {
    /// Batches of other sizes make no difference.
    pub(super) fn batches(self, report: &mut Report) {
        if self.case.depends_on_batches {
            report.leave_out("batches: the case says `depends_on_batches`");
            return;
        }
        for size in SIZES {
            self.in_batches(report, Variation::Batches(size), || {
                self.script.in_batches_of(|| size)
            });
        }
        let mut random = self.chance(1);
        let mut size = || {
            let most = 1 << random.u32(0..=10);
            random.usize(1..=most)
        };
        self.in_batches(report, Variation::RandomBatches, || self.script.in_batches_of(&mut size));
    }

    fn in_batches(
        self,
        report: &mut Report,
        variation: Variation,
        script: impl FnOnce() -> Script,
    ) {
        if self.wants(variation) {
            let outcome = run::run(self.subject, &script()).map_err(Failed::Call);
            report.note(variation, outcome.and_then(|outcome| self.is_the_same(&outcome)));
        }
    }

    /// As the plain run.
    pub(super) fn is_the_same(self, outcome: &Outcome) -> Result<(), Failed> {
        let plain = Outcome { state: None, ..self.plain.clone() };
        diff::compare(&plain.to_string(), &outcome.to_string()).map_err(Failed::Differs)
    }
}
