//! A plugin's CPU budget over time: how much of what is meant for it it is given.

use std::time::{Duration, Instant};

/// What was not used is kept for so long: a plugin that was idle may catch up on this much of its
/// share at once.
const WINDOW: Duration = Duration::from_secs(5);

/// What a step brought is looked at after this time.
const PATIENCE: Duration = Duration::from_millis(100);

/// A plugin is given more again after this time at the earliest.
const CALM: Duration = Duration::from_secs(1);

/// Steps by which records are thinned, each halving them: down to one in 64.
const STEPS: u32 = 6;

/// A share of one core, in percent: 1 to 99. All of it needs no budget, as a plugin has one thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share(u8);

impl Share {
    /// `None` if that is no percentage from 1 to 99.
    pub const fn new(percent: u8) -> Option<Self> {
        if percent >= 1 && percent < 100 { Some(Self(percent)) } else { None }
    }

    pub const fn percent(self) -> u8 {
        self.0
    }
}

/// What a plugin may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All that is meant for it.
    Full,
    /// One of so many records: 2, 4, up to 64.
    Sampled { one_in: u32 },
    /// Nothing, and no call, until then.
    Suspended { until: Instant },
}

/// What was done so far to hold a plugin to its budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetStats {
    /// It is given one of so many records: 1 for all; also what it will be given after it was
    /// suspended.
    pub one_in: u32,
    pub suspended: bool,
    /// Steps to fewer records.
    pub thinned: u64,
    /// Steps to more records.
    pub relaxed: u64,
    pub suspensions: u64,
    /// How long it was suspended, all together.
    pub suspended_for: Duration,
    /// CPU time of its calls.
    pub cpu: Duration,
}

/// CPU time that flows in by the plugin's share and out with its calls.
///
/// ```text
///              falls below 0                still falls             at 1/64 and still falls
///    Full ───────────────────► Sampled 1/2 ─────────────► … 1/64 ──────────────────────────┐
///     ▲                         │  ▲                       ▲ │                             ▼
///     └── half of the window ───┘  └── half of the window ─┼─┘   a quarter of the     Suspended
///                                                          └───── window has come ─────────┘
/// ```
///
/// A debt of a whole window suspends at once. So a plugin never takes more than its share of the time
/// since the start, a window's worth at the beginning, one of debt, and the call in which it
/// overdrew.
#[derive(Debug)]
pub(crate) struct Budget {
    share: Share,
    /// What it may still spend; less than 0 is debt. In ns of CPU time times 100, which is exact.
    credit: i128,
    filled: Instant,
    /// 0 for all records, n for one in 2^n.
    step: u32,
    suspended_at: Option<Instant>,
    /// When the last step was taken or its effect looked at, and what there was then.
    looked: (Instant, i128),
    stepped: Instant,
    stats: BudgetStats,
}

impl Budget {
    /// A full one.
    pub(crate) fn new(share: Share, now: Instant) -> Self {
        let credit = worth(share, WINDOW);
        let stats = BudgetStats {
            one_in: 1,
            suspended: false,
            thinned: 0,
            relaxed: 0,
            suspensions: 0,
            suspended_for: Duration::ZERO,
            cpu: Duration::ZERO,
        };
        let looked = (now, credit);
        Self {
            share,
            credit,
            filled: now,
            step: 0,
            suspended_at: None,
            looked,
            stepped: now,
            stats,
        }
    }

    /// Note what a call took.
    pub(crate) fn spent(&mut self, cpu: Duration, now: Instant) {
        self.fill(now);
        self.credit -= as_int(cpu) * 100;
        self.stats.cpu += cpu;
    }

    /// What the plugin may be given now. Ask before each call: asking takes the steps.
    pub(crate) fn verdict(&mut self, now: Instant) -> Verdict {
        self.fill(now);
        match self.suspended_at {
            Some(since) => self.resume_if_due(since, now),
            None => self.adjust(now),
        }
        match (self.suspended_at, self.step) {
            (Some(_), _) => Verdict::Suspended { until: now + self.time_to(self.resumes()) },
            (None, 0) => Verdict::Full,
            (None, step) => Verdict::Sampled { one_in: 1 << step },
        }
    }

    pub(crate) fn stats(&self, now: Instant) -> BudgetStats {
        let suspension = self.suspended_at.map(|since| now.saturating_duration_since(since));
        BudgetStats {
            one_in: 1 << self.step,
            suspended: suspension.is_some(),
            suspended_for: self.stats.suspended_for + suspension.unwrap_or_default(),
            ..self.stats
        }
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.filled);
        self.filled = self.filled.max(now);
        self.credit = (self.credit + worth(self.share, passed)).min(worth(self.share, WINDOW));
    }

    fn resume_if_due(&mut self, since: Instant, now: Instant) {
        if self.credit >= self.resumes() {
            self.suspended_at = None;
            self.stats.suspended_for += now.saturating_duration_since(since);
            self.note_step(now);
        }
    }

    fn adjust(&mut self, now: Instant) {
        let window = worth(self.share, WINDOW);
        if self.credit <= -window {
            return self.suspend(now);
        }
        let (looked_at, credit_then) = self.looked;
        if self.credit <= 0 && self.step == 0 {
            self.thin(now);
        } else if now.saturating_duration_since(looked_at) >= PATIENCE {
            // A plugin in debt that pays it back has been thinned enough.
            let falls = self.credit <= 0 && self.credit < credit_then;
            let calm = now.saturating_duration_since(self.stepped) >= CALM;
            match (falls, self.step) {
                (true, STEPS) => self.suspend(now),
                (true, _) => self.thin(now),
                (false, 1..) if self.credit >= window / 2 && calm => self.relax(now),
                _ => self.looked = (now, self.credit),
            }
        }
    }

    fn thin(&mut self, now: Instant) {
        self.step += 1;
        self.stats.thinned += 1;
        self.note_step(now);
    }

    fn relax(&mut self, now: Instant) {
        self.step -= 1;
        self.stats.relaxed += 1;
        self.note_step(now);
    }

    /// It comes back with as few records as possible.
    fn suspend(&mut self, now: Instant) {
        self.step = STEPS;
        self.suspended_at = Some(now);
        self.stats.suspensions += 1;
    }

    fn note_step(&mut self, now: Instant) {
        (self.stepped, self.looked) = (now, (now, self.credit));
    }

    /// What it takes to be called again.
    fn resumes(&self) -> i128 {
        worth(self.share, WINDOW) / 4
    }

    /// How long it takes until there is so much credit, rounded up.
    fn time_to(&self, credit: i128) -> Duration {
        let lacking = u128::try_from(credit - self.credit).unwrap_or(0);
        let time = lacking.div_ceil(u128::from(self.share.0));
        Duration::from_nanos(u64::try_from(time).unwrap_or(u64::MAX))
    }
}

/// What flows in over a time.
fn worth(share: Share, time: Duration) -> i128 {
    as_int(time) * i128::from(share.0)
}

fn as_int(time: Duration) -> i128 {
    i128::try_from(time.as_nanos()).unwrap_or(i128::MAX / 1000)
}

#[cfg(test)]
mod tests;
