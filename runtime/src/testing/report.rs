use std::path::PathBuf;

use super::{diff::Difference, run::RunError, variation::Variation};

/// What came of a case.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub passed: usize,
    pub failures: Vec<(Variation, Failed)>,
    /// What was left out, and why.
    pub left_out: Vec<String>,
    /// The golden file that was written, and whether that changed it.
    pub blessed: Option<(PathBuf, bool)>,
}

/// How a plugin failed a variation.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    #[error("something else came of it:\n{0}")]
    Differs(Difference),
    #[error(transparent)]
    Call(#[from] RunError),
    #[error("{0}")]
    Other(String),
}

impl Report {
    pub(super) fn note(&mut self, variation: Variation, result: Result<(), Failed>) {
        match result {
            Ok(()) => self.passed += 1,
            Err(failed) => self.fail(variation, failed),
        }
    }

    pub(super) fn fail(&mut self, variation: Variation, failed: Failed) {
        self.failures.push((variation, failed));
    }

    pub(super) fn leave_out(&mut self, why: impl Into<String>) {
        self.left_out.push(why.into());
    }
}
