use std::{
    fmt,
    time::{Duration, Instant},
};

/// What becomes of a plugin when a call of it fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// Start it again after a while; see [`Restarts`].
    #[default]
    Restart,
    /// Leave it dead until its files change.
    Quarantine,
    /// End the runtime, in order.
    StopRuntime,
}

/// How a plugin that failed is started again: after a wait that doubles with each failure in a row,
/// and is up to a quarter longer or shorter by chance, so that plugins which fail together don't come
/// back together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restarts {
    /// The wait after the first failure: 1 s.
    pub first: Duration,
    /// No wait is longer, but for chance: 60 s.
    pub longest: Duration,
    /// Restarts in a row before the plugin is quarantined: 8.
    pub most: u32,
    /// A plugin that ran for so long has recovered, and its next failure is the first: 60 s.
    pub calm: Duration,
}

impl Default for Restarts {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(60),
            most: 8,
            calm: Duration::from_secs(60),
        }
    }
}

/// What comes after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Restart {
        after: Duration,
        /// Which restart in a row this will be, from 1.
        number: u32,
    },
    Quarantine {
        /// Failures in a row.
        failures: u32,
    },
    StopRuntime,
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Restart { after, number } => {
                write!(f, "start {number} in a row follows in {:.1} s", after.as_secs_f64())
            }
            Self::Quarantine { failures: 1 } => {
                f.write_str("its records are shed until its file changes")
            }
            Self::Quarantine { failures } => {
                write!(f, "{failures} times in a row, its records are shed until its file changes")
            }
            Self::StopRuntime => f.write_str("and the runtime ends for it"),
        }
    }
}

/// A plugin's failures in a row.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Failures {
    in_a_row: u32,
    /// When the instance that runs was started.
    started: Option<Instant>,
}

impl Failures {
    pub(crate) fn start(&mut self, now: Instant) {
        self.started = Some(now);
    }

    /// Other code runs, which has never failed.
    pub(crate) fn forget(&mut self) {
        self.in_a_row = 0;
    }

    /// Another failure. `chance` is between 0 and 1.
    pub(crate) fn fail(
        &mut self,
        on_failure: OnFailure,
        restarts: &Restarts,
        now: Instant,
        chance: f64,
    ) -> Fate {
        let ran = self.started.take().map(|at| now.saturating_duration_since(at));
        if ran.is_some_and(|ran| ran >= restarts.calm) {
            self.in_a_row = 0;
        }
        self.in_a_row = self.in_a_row.saturating_add(1);
        let failures = self.in_a_row;
        match on_failure {
            OnFailure::StopRuntime => Fate::StopRuntime,
            OnFailure::Quarantine => Fate::Quarantine { failures },
            OnFailure::Restart if failures > restarts.most => Fate::Quarantine { failures },
            OnFailure::Restart => {
                let doubled = restarts.first.saturating_mul(1 << (failures - 1).min(30));
                let wait = doubled.min(restarts.longest);
                Fate::Restart { after: wait.mul_f64(0.75 + chance / 2.0), number: failures }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn fail(failures: &mut Failures, restarts: &Restarts, chance: f64) -> Fate {
        failures.fail(OnFailure::Restart, restarts, Instant::now(), chance)
    }

    #[test]
    fn waits_double_up_to_a_bound_and_then_the_plugin_is_quarantined() {
        let restarts = Restarts { longest: 5 * SECOND, most: 4, ..Restarts::default() };
        let mut failures = Failures::default();
        for (number, seconds) in [(1, 1), (2, 2), (3, 4), (4, 5)] {
            let after = seconds * SECOND;
            assert_eq!(fail(&mut failures, &restarts, 0.5), Fate::Restart { after, number });
        }
        assert_eq!(fail(&mut failures, &restarts, 0.5), Fate::Quarantine { failures: 5 });
    }

    #[test]
    fn chance_moves_a_wait_by_a_quarter() {
        let after = |chance| fail(&mut Failures::default(), &Restarts::default(), chance);
        let restart = |after| Fate::Restart { after, number: 1 };
        assert_eq!(after(0.0), restart(Duration::from_millis(750)));
        assert_eq!(after(1.0), restart(Duration::from_millis(1250)));
    }

    #[test]
    fn a_long_calm_or_other_code_is_a_new_beginning() {
        let (restarts, start) = (Restarts::default(), Instant::now());
        let mut failures = Failures::default();
        let mut fail_after = |ran: Duration| {
            failures.start(start);
            match failures.fail(OnFailure::Restart, &restarts, start + ran, 0.5) {
                Fate::Restart { number, .. } => number,
                other => panic!("{other:?}"),
            }
        };
        let numbers = [59, 59, 60, 0].map(|seconds| fail_after(seconds * SECOND));
        assert_eq!(numbers, [1, 2, 1, 2]);
        failures.forget();
        assert!(matches!(fail(&mut failures, &restarts, 0.5), Fate::Restart { number: 1, .. }));
    }

    #[test]
    fn no_number_of_failures_is_an_overflow() {
        let restarts = Restarts { most: u32::MAX, ..Restarts::default() };
        let mut failures = Failures { in_a_row: u32::MAX, started: None };
        let number = u32::MAX;
        let wanted = Fate::Restart { after: 60 * SECOND, number };
        assert_eq!(fail(&mut failures, &restarts, 0.5), wanted);
    }
}
