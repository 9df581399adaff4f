//! What `ringtap plugin test` does with a plugin: cases, and each in many variations.
//!
//! ```text
//!  case.toml ─► Case ─► Script: records, events and marks of time
//!                          │ for each Variation
//!  component ─► Subject ───┴─► Run: calls of an instance ─► Outcome ─► compared
//! ```
//! The plain run is compared with the golden file, and every other variation with the plain run.

mod case;
mod chaos;
mod diff;
mod golden;
pub(crate) mod input;
mod outcome;
mod project;
mod random;
mod report;
mod run;
mod script;
mod subject;
mod variation;

use tracing::subscriber::NoSubscriber;

pub(crate) use self::{
    case::Case,
    project::Project,
    report::{Failed, Report},
    script::{Script, Step},
    subject::{Component, Subject},
    variation::{Only, Variation},
};
use self::{chaos::Chaos, golden::Golden, outcome::Outcome};

/// How a case is tested.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    /// Only these variations.
    pub only: Only,
    /// Whether there are any but the plain run.
    pub chaos: bool,
    /// What all that chance decides begins with.
    pub seed: u64,
    /// Whether to write the golden file instead of comparing with it.
    pub bless: bool,
}

/// Test a plugin in a case. Errors are about the case; what the plugin does wrong is in the report.
///
/// With `old`, another version of the plugin hands on its state.
pub(crate) fn test(
    subject: &Subject,
    old: Option<&Subject>,
    case: &Case,
    terms: &Terms,
) -> anyhow::Result<Report> {
    let script = Script::of(subject, case)?;
    let mut report = Report::default();
    let plain = match run::plain(subject, &script, case.show_state) {
        Ok(plain) => plain,
        Err(failed) => {
            report.fail(Variation::Plain, failed.into());
            return Ok(report);
        }
    };
    let golden = Golden::of(case);
    if terms.bless {
        report.blessed = Some(golden.write(&plain)?);
    } else if terms.only.wants(Variation::Plain) {
        report.note(Variation::Plain, golden.compare(&plain)?);
    }
    if terms.chaos && plain.refused.is_none() {
        let chaos = Chaos { subject, case, old, script: &script, plain: &plain, terms };
        // Each variation would log the same again.
        tracing::subscriber::with_default(NoSubscriber::default(), || chaos.run(&mut report))?;
    }
    Ok(report)
}
