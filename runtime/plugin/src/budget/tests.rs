use super::*;

const MS: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

/// A plugin and the traffic that is meant for it, on a clock of its own.
struct Model {
    per_call: Duration,
    per_record: Duration,
    /// Records that come in each batch, and how often one comes.
    records: u32,
    interval: Duration,
}

/// What came of a simulation.
struct Outcome {
    cpu: Duration,
    took: Duration,
    stats: BudgetStats,
    /// The most that it ever took beyond its share of the time since the start, in ns times 100.
    most_over: i128,
    /// Records that it was given, each times what it stood for, of all that came.
    told: u64,
    came: u64,
}

impl Model {
    /// Let it run under `share` for `time`. A call begins when its batch is there, and the call
    /// before has ended.
    fn run(&self, share: Share, time: Duration) -> Outcome {
        let start = Instant::now();
        let mut budget = Budget::new(share, start);
        self.go_on(&mut budget, share, start, time)
    }

    fn go_on(&self, budget: &mut Budget, share: Share, start: Instant, time: Duration) -> Outcome {
        let (mut now, mut due) = (start, start);
        let (mut cpu, mut most_over, mut told, mut came) = (Duration::ZERO, 0, 0, 0);
        while now < start + time {
            now = now.max(due);
            due += self.interval;
            came += u64::from(self.records);
            let one_in = match budget.verdict(now) {
                Verdict::Suspended { .. } => continue,
                Verdict::Full => 1,
                Verdict::Sampled { one_in } => one_in,
            };
            let given = self.records / one_in;
            told += u64::from(given * one_in);
            let cost = self.per_call + self.per_record * given;
            now += cost;
            cpu += cost;
            budget.spent(cost, now);
            most_over = most_over.max(as_int(cpu) * 100 - worth(share, now - start));
        }
        let took = now - start;
        Outcome { cpu, took, stats: budget.stats(now), most_over, told, came }
    }
}

fn share(percent: u8) -> Share {
    Share::new(percent).unwrap()
}

/// Every plugin below is held to this, whatever it does.
fn bound(share: Share, model: &Model) -> i128 {
    let longest_call = model.per_call + model.per_record * model.records;
    2 * worth(share, WINDOW) + as_int(longest_call) * 100
}

#[test]
fn whatever_a_plugin_does_it_is_held_to_its_share() {
    let loads =
        [(0, 1, 1024, 5), (0, 50, 1024, 5), (200, 2, 256, 1), (50_000, 0, 1, 1), (7, 3, 64, 50)];
    for percent in [1, 5, 20, 50, 99] {
        for (per_call, per_record, records, interval) in loads {
            let (per_call, per_record) =
                (Duration::from_micros(per_call), Duration::from_micros(per_record));
            let model = Model { per_call, per_record, records, interval: MS * interval };
            let Outcome { cpu, took, stats, most_over, .. } = model.run(share(percent), HOUR / 4);
            let case = format!("{percent} %: {per_call:?}, {per_record:?}, {records}, {interval}");
            assert!(most_over <= bound(share(percent), &model), "{case}: {stats:?}");
            assert_eq!(stats.cpu, cpu);
            // And what it may use is not kept from it.
            let alone = model.per_call + model.per_record * records;
            let wanted = as_int(alone) * 100 / as_int(model.interval);
            let least = i128::from(percent).min(wanted) * as_int(took) * 3 / 4;
            assert!(as_int(cpu) * 100 >= least, "{case}: {cpu:?} of {took:?}, {stats:?}");
        }
    }
}

#[test]
fn one_that_stays_within_its_share_is_left_alone() {
    // 1.024 ms of every 6 ms: 17 %.
    let model = Model {
        per_call: Duration::ZERO,
        per_record: Duration::from_micros(1),
        records: 1024,
        interval: 6 * MS,
    };
    let Outcome { stats, told, came, .. } = model.run(share(20), HOUR);
    let untouched = BudgetStats {
        one_in: 1,
        suspended: false,
        thinned: 0,
        relaxed: 0,
        suspensions: 0,
        suspended_for: Duration::ZERO,
        cpu: stats.cpu,
    };
    assert_eq!((stats, told), (untouched, came));
}

#[test]
fn one_that_wants_four_times_its_share_is_given_a_quarter() {
    let model = Model {
        per_call: Duration::ZERO,
        per_record: Duration::from_micros(4),
        records: 1000,
        interval: 5 * MS,
    };
    let Outcome { stats, told, came, cpu, took, .. } = model.run(share(20), HOUR / 10);
    assert_eq!((stats.suspensions, stats.suspended), (0, false));
    let used = cpu.as_secs_f64() / took.as_secs_f64();
    assert!((0.19..0.206).contains(&used), "{used}");
    assert!(told > came * 9 / 10, "what it is told stands for what came: {told} of {came}");
    // A quarter is enough from the third step on; there is no way back and forth.
    assert!(stats.thinned <= 4 && stats.relaxed <= 2, "{stats:?}");
}

#[test]
fn steps_are_rare() {
    // One and a half times its share: neither all nor half of the records is right.
    let model = Model {
        per_call: Duration::ZERO,
        per_record: Duration::from_micros(3),
        records: 1000,
        interval: 10 * MS,
    };
    let Outcome { stats, .. } = model.run(share(20), HOUR);
    assert_eq!(stats.suspensions, 0);
    assert!(stats.thinned > 10, "{stats:?}");
    assert!(stats.thinned + stats.relaxed < 3600 / 5, "{stats:?}");
}

#[test]
fn where_fewer_records_do_not_help_it_is_suspended_and_comes_back() {
    let model =
        Model { per_call: 40 * MS, per_record: Duration::ZERO, records: 64, interval: 50 * MS };
    let Outcome { stats, cpu, took, .. } = model.run(share(10), HOUR);
    assert_eq!((stats.thinned, stats.relaxed), (6, 0), "{stats:?}");
    assert!(stats.suspensions > 100 && stats.suspended_for > took / 2, "{stats:?}");
    let used = cpu.as_secs_f64() / took.as_secs_f64();
    assert!((0.09..0.101).contains(&used), "{used}");
}

#[test]
fn a_suspension_ends_when_it_said_and_not_before() {
    let start = Instant::now();
    let mut budget = Budget::new(share(20), start);
    // A second of credit at first, and a debt of one.
    budget.spent(2000 * MS, start);
    let Verdict::Suspended { until } = budget.verdict(start) else { panic!("{budget:?}") };
    assert_eq!(until - start, Duration::from_millis(6250));
    assert_eq!(budget.verdict(until - Duration::from_nanos(1)), Verdict::Suspended { until });
    assert_eq!(budget.stats(until - MS).suspended_for, 6249 * MS);
    assert_eq!(budget.verdict(until), Verdict::Sampled { one_in: 64 });
    let stats = budget.stats(until);
    assert_eq!(
        (stats.suspensions, stats.suspended, stats.suspended_for),
        (1, false, until - start)
    );
}

#[test]
fn a_plugin_that_calms_down_gets_all_again() {
    let start = Instant::now();
    let mut budget = Budget::new(share(20), start);
    budget.spent(2000 * MS, start);
    let mut now = start;
    let mut seen = Vec::new();
    while budget.verdict(now) != Verdict::Full {
        if let Verdict::Sampled { one_in } = budget.verdict(now)
            && seen.last() != Some(&one_in)
        {
            seen.push(one_in);
        }
        now += 10 * MS;
    }
    assert_eq!(seen, [64, 32, 16, 8, 4, 2]);
    let stats = budget.stats(now);
    assert_eq!((stats.relaxed, stats.suspensions, stats.one_in), (6, 1, 1));
    assert!(now - start < Duration::from_secs(20));
}

#[test]
fn debt_is_answered_at_once_and_a_second_step_waits_for_the_first() {
    let start = Instant::now();
    let mut budget = Budget::new(share(20), start);
    budget.spent(1000 * MS, start);
    assert_eq!(budget.verdict(start), Verdict::Sampled { one_in: 2 });
    budget.spent(10 * MS, start);
    assert_eq!(budget.verdict(start + 20 * MS), Verdict::Sampled { one_in: 2 });
    budget.spent(50 * MS, start + 99 * MS);
    assert_eq!(budget.verdict(start + 99 * MS), Verdict::Sampled { one_in: 2 });
    assert_eq!(budget.verdict(start + 100 * MS), Verdict::Sampled { one_in: 4 });
    // It pays back now, which is enough.
    assert_eq!(budget.verdict(start + 200 * MS), Verdict::Sampled { one_in: 4 });
    assert_eq!(budget.stats(start).thinned, 2);
}

#[test]
fn shares_are_percent_of_a_core() {
    assert_eq!(
        [0, 1, 99, 100].map(|percent| Share::new(percent).is_some()),
        [false, true, true, false]
    );
}
