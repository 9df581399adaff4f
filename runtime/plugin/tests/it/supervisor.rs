use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use ringtap_pipeline::{
    event::Value,
    judge::Judge,
    ledger::{PluginCounts, PluginLedger, ShedReason},
    metrics::SampleValue,
    queue::WhenFull,
    subscriptions::Subscriptions,
};
use ringtap_plugin::{
    BundledPlugin, Limits, OnFailure, OnStop, PluginState, PluginStatus, Policy, ReloadOutcome,
    Supervisor, SupervisorConfig, Terms, TimeSource, TrialTerms,
};

use crate::support::{Bench, Taps, batch, batch_at, compiler, idle, name, switch};

const PATIENCE: Duration = Duration::from_secs(30);

/// A supervisor over a directory of its own.
pub(crate) struct Runtime {
    bench: Bench,
    directory: tempfile::TempDir,
    taps: Arc<Taps>,
    pub(crate) subscriptions: Arc<Subscriptions>,
    pub(crate) supervisor: Supervisor,
}

/// So many records found no instance.
fn shed(records: u64) -> PluginCounts {
    let ledger = PluginLedger::default();
    ledger.shed(ShedReason::NoInstance, records);
    ledger.read()
}

pub(crate) fn config(directory: &Path) -> SupervisorConfig {
    SupervisorConfig {
        policy: policy(),
        bundled: Vec::new(),
        files: Vec::new(),
        directory: Some(directory.to_owned()),
        follow: true,
        on_stop: OnStop::default(),
    }
}

/// The dead stay dead, and a trial takes no longer than its batches.
pub(crate) fn policy() -> Policy {
    Policy { default: terms(), ..Policy::default() }
}

pub(crate) fn terms() -> Terms {
    let trial = TrialTerms { batches: 2, time: Duration::from_millis(50) };
    Terms { on_failure: OnFailure::Quarantine, trial, ..Terms::default() }
}

impl Runtime {
    /// With these plugins in the directory from the start.
    fn new(plugins: &[(&str, &str)]) -> Self {
        Self::with(plugins, config)
    }

    pub(crate) fn with(
        plugins: &[(&str, &str)],
        config: impl FnOnce(&Path) -> SupervisorConfig,
    ) -> Self {
        // Files must not be for a group to write, whatever the user's habit.
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
        let directory = tempfile::tempdir().unwrap();
        for (name, config) in plugins {
            put(directory.path(), name, &switch(), config);
        }
        let (bench, taps) = (Bench::new(), Arc::<Taps>::default());
        let judge: Arc<dyn Judge> = Arc::clone(&taps) as _;
        let subscriptions = Arc::new(Subscriptions::new(Arc::clone(&taps.fanout), judge));
        let (engine, services) = (bench.engine.clone(), bench.services.clone());
        let config = config(directory.path());
        let supervisor =
            Supervisor::start(config, engine, compiler(), services, Arc::clone(&subscriptions));
        let supervisor = supervisor.unwrap();
        supervisor.settle(None);
        Self { bench, directory, taps, subscriptions, supervisor }
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.directory.path().join(file)
    }

    pub(crate) fn status(&self, plugin: &str) -> Option<PluginStatus> {
        let mut all = self.supervisor.status().into_iter();
        all.find(|status| status.name.as_str() == plugin)
    }

    fn counts(&self, plugin: &str) -> PluginCounts {
        self.status(plugin).unwrap().counts
    }

    fn until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition(self) {
            assert!(Instant::now() < deadline, "{what}: {:#?}", self.supervisor.status());
            thread::sleep(Duration::from_millis(2));
        }
    }

    pub(crate) fn until_outcome(&self, plugin: &str, outcome: impl Fn(&ReloadOutcome) -> bool) {
        self.until("the outcome", |runtime| {
            let last = runtime.status(plugin).and_then(|status| status.last_outcome);
            last.is_some_and(|last| outcome(&last))
        });
    }

    /// Until the next instance is ready and its interests wait to be installed. Hold the gate.
    fn until_waiting_at_the_gate(&self) {
        self.until("interests to be installed", |runtime| runtime.taps.waiting.load(Relaxed) == 1);
    }

    fn until_quiet(&self, plugin: &str) {
        self.until("the queue to run empty", |runtime| runtime.counts(plugin).closes());
    }

    pub(crate) fn reloads(&self, plugin: &str, outcome: &str) -> u64 {
        let mut families = Default::default();
        self.supervisor.collector().collect(&mut families);
        let labels = [("plugin", plugin), ("outcome", outcome)];
        let labels = labels.map(|(label, value)| (label.to_owned(), value.to_owned()));
        let Some(family) = families.family("ringtap_reloads_total") else { return 0 };
        let sample = family.samples.iter().find(|sample| sample.labels == labels);
        match sample.map(|sample| &sample.value) {
            Some(SampleValue::Uint(count)) => *count,
            _ => 0,
        }
    }
}

/// As a careful deployment does it: complete under another name, then renamed.
pub(crate) fn put(directory: &Path, name: &str, wasm: &[u8], config: &str) {
    fs::write(directory.join(format!("{name}.toml")), config).unwrap();
    fs::write(directory.join("incoming"), wasm).unwrap();
    fs::rename(directory.join("incoming"), directory.join(format!("{name}.wasm"))).unwrap();
}

#[test]
fn every_record_is_counted_once_and_the_plugin_stopped_at_the_end() {
    let runtime = Runtime::new(&[("a", "")]);
    for records in [3, 1024, 1] {
        runtime.taps.publish(batch(records));
    }
    runtime.supervisor.shutdown(None);
    let expected = PluginCounts { published: 1028, delivered: 1028, ..Default::default() };
    assert_eq!(runtime.counts("a"), expected);
    assert_eq!(runtime.bench.metric("a", "packets_total"), Some(1028.0));
    assert_eq!(runtime.bench.event_kinds().last().unwrap(), "stopped");
}

#[test]
fn a_trap_takes_down_that_plugin_alone_until_its_file_changes() {
    let runtime = Runtime::new(&[("a", "u"), ("b", "")]);
    for records in [5, 13] {
        runtime.taps.publish(batch(records));
    }
    runtime.until("a to fail", |r| r.status("a").unwrap().state == PluginState::Quarantined);
    runtime.until_quiet("a");
    runtime.taps.publish(batch(7));
    runtime.until_quiet("b");
    let expected = PluginCounts { published: 25, delivered: 5, failed: 13, ..shed(7) };
    assert_eq!(runtime.counts("a"), expected);
    assert_eq!(runtime.counts("b").delivered, 25);
    let reason = runtime.status("a").unwrap().reason.unwrap();
    assert!(reason.starts_with("`on-packets` trapped: wasm `unreachable`"), "{reason}");
    assert_eq!(runtime.bench.metric("a", "packets_total"), Some(5.0));

    fs::write(runtime.path("a.toml"), "").unwrap();
    runtime.until("a to run", |r| r.status("a").unwrap().state == PluginState::Running);
    runtime.taps.publish(batch(2));
    runtime.until_quiet("a");
    assert_eq!(runtime.bench.metric("a", "packets_total"), Some(7.0));
    assert_eq!(runtime.counts("a").delivered, 7);
    assert_eq!(runtime.status("a").unwrap().reason, None);
    assert_eq!(runtime.reloads("a", "loaded"), 2);
}

#[test]
fn a_dead_plugin_never_blocks_a_feeder_that_waits() {
    let runtime = Runtime::with(&[("a", "t")], |directory| {
        let limits = Limits { queue_records: 10, ..Limits::default() };
        let default = Terms { limits, ..terms() };
        let policy = Policy { when_full: Some(WhenFull::Wait), default, ..policy() };
        SupervisorConfig { policy, ..config(directory) }
    });
    for _ in 0..100 {
        runtime.taps.publish(batch(10));
    }
    runtime.until_quiet("a");
    let counts = runtime.counts("a");
    assert_eq!((counts.published, counts.failed, counts.shed), (1000, 10, 990));
}

#[test]
fn a_replacement_under_load_loses_nothing_and_goes_on_counting() {
    let runtime = Runtime::with(&[("a", "")], |directory| {
        let policy = Policy { when_full: Some(WhenFull::Wait), ..policy() };
        SupervisorConfig { policy, ..config(directory) }
    });
    let mut published = 0;
    for round in 1..=3 {
        fs::write(runtime.path("a.toml"), format!("n {round}")).unwrap();
        let deadline = Instant::now() + PATIENCE;
        while runtime.reloads("a", "replaced") < round {
            assert!(Instant::now() < deadline, "not replaced");
            runtime.taps.publish(batch(64));
            published += 64;
            // The channel of this test's events holds 10,000.
            thread::sleep(Duration::from_millis(1));
        }
    }
    runtime.supervisor.shutdown(None);
    let expected = PluginCounts { published, delivered: published, ..Default::default() };
    assert_eq!(runtime.counts("a"), expected);
    assert_eq!(runtime.bench.metric("a", "packets_total"), Some(published as f64));
    let events: Vec<_> = runtime.bench.events.try_iter().collect();
    let (batches, stops): (Vec<_>, Vec<_>) = events.iter().partition(|e| e.kind == "batch");
    let sequences: Vec<_> = batches.into_iter().map(|batch| batch.fields[0].1.clone()).collect();
    let expected: Vec<_> = (0..published).step_by(64).map(Value::Uint).collect();
    assert_eq!(sequences, expected);
    assert_eq!(stops.len(), 4);
}

#[test]
fn a_plugin_that_takes_no_records_is_given_none_and_ticks() {
    let runtime = Runtime::new(&[]);
    let put = |wasm: &[u8]| put(runtime.directory.path(), "a", wasm, "");
    put(&idle());
    runtime.until_outcome("a", |outcome| *outcome == ReloadOutcome::Loaded);
    runtime.taps.publish(batch(5));
    runtime.until("a tick", |runtime| runtime.bench.metric("a", "ticks_total") >= Some(1.0));
    assert_eq!(runtime.counts("a"), PluginCounts::default());
    for (replaced, (wasm, records)) in (1..).zip([(switch(), 3), (idle(), 4), (switch(), 2)]) {
        put(&wasm);
        runtime.until("the replacement", |runtime| runtime.reloads("a", "replaced") == replaced);
        runtime.taps.publish(batch(records));
    }
    runtime.until_quiet("a");
    let expected = PluginCounts { published: 5, delivered: 5, ..Default::default() };
    assert_eq!(runtime.counts("a"), expected);
    assert_eq!(runtime.bench.metric("a", "packets_total"), Some(5.0));
}

#[test]
fn an_instance_that_dies_while_the_next_one_is_ready_is_replaced_at_the_mark() {
    let runtime = Runtime::new(&[("a", "u"), ("b", "")]);
    let gate = runtime.taps.gate.lock().unwrap();
    put(runtime.directory.path(), "a", &idle(), "");
    runtime.until_waiting_at_the_gate();
    runtime.taps.publish(batch(13));
    runtime.until("a to fail", |r| r.status("a").unwrap().state == PluginState::Quarantined);
    runtime.taps.publish(batch(7));
    runtime.until_quiet("a");
    drop(gate);
    runtime.until("the replacement", |runtime| runtime.reloads("a", "replaced") == 1);
    runtime.taps.publish(batch(2));
    runtime.until_quiet("b");
    let expected = PluginCounts { published: 20, failed: 13, ..shed(7) };
    assert_eq!(runtime.counts("a"), expected);
    assert_eq!(runtime.counts("b").delivered, 22);
    assert_eq!(runtime.status("a").unwrap().state, PluginState::Running);
}

#[test]
fn interests_that_are_not_taken_keep_the_old_version_or_its_death() {
    let runtime = Runtime::new(&[("a", "u")]);
    let refused = |outcome: &ReloadOutcome| {
        outcome.reason().is_some_and(|reason| reason.ends_with("the tables are full"))
    };
    runtime.taps.refuse.store(true, Relaxed);
    put(runtime.directory.path(), "a", &idle(), "u");
    runtime.until_outcome("a", refused);
    assert_eq!(runtime.reloads("a", "kept_old"), 1);
    runtime.taps.publish(batch(3));
    runtime.until_quiet("a");
    assert_eq!(runtime.counts("a").delivered, 3);

    let gate = runtime.taps.gate.lock().unwrap();
    fs::write(runtime.path("a.toml"), "n").unwrap();
    runtime.until_waiting_at_the_gate();
    runtime.taps.publish(batch(13));
    runtime.until("a to fail", |r| r.status("a").unwrap().state == PluginState::Quarantined);
    drop(gate);
    runtime.until("the refusal", |runtime| runtime.reloads("a", "refused") == 1);
    runtime.taps.publish(batch(7));
    runtime.until_quiet("a");
    let expected = PluginCounts { published: 23, failed: 13, delivered: 3, ..shed(7) };
    assert_eq!(runtime.counts("a"), expected);

    put(runtime.directory.path(), "b", &switch(), "");
    runtime.until_outcome("b", refused);
    runtime.taps.publish(batch(1));
    assert_eq!(runtime.counts("b"), PluginCounts::default());
    runtime.taps.refuse.store(false, Relaxed);
    for plugin in ["a", "b"] {
        put(runtime.directory.path(), plugin, &switch(), "n");
        runtime.until_outcome(plugin, |outcome| *outcome == ReloadOutcome::Loaded);
    }
    runtime.taps.publish(batch(2));
    for plugin in ["a", "b"] {
        runtime.until_quiet(plugin);
    }
    assert_eq!((runtime.counts("a").delivered, runtime.counts("b").delivered), (5, 2));
}

#[test]
fn a_broken_file_keeps_the_old_version_and_is_tried_once() {
    let runtime = Runtime::new(&[("a", "")]);
    let broken = |bytes: &[u8]| put(runtime.directory.path(), "a", bytes, "");
    for (bytes, said) in [
        (&b""[..], "is empty"),
        (&b"MZ"[..], "is no WebAssembly"),
        (&switch()[..500], "ends in the middle"),
        (&wat::parse_str("(module)").unwrap()[..], "is a core module"),
    ] {
        broken(bytes);
        runtime.until_outcome(
            "a",
            |outcome| matches!(outcome, ReloadOutcome::KeptOld { reason } if reason.contains(said)),
        );
    }
    fs::write(runtime.path("a.toml"), "r").unwrap();
    put(runtime.directory.path(), "a", &switch(), "r");
    runtime.until_outcome("a", |outcome| {
        matches!(outcome, ReloadOutcome::KeptOld { reason } if reason.contains("no, thanks"))
    });
    let tried = runtime.reloads("a", "kept_old");
    runtime.taps.publish(batch(3));
    runtime.until_quiet("a");
    assert_eq!(runtime.bench.metric("a", "packets_total"), Some(3.0));
    // A change elsewhere makes the supervisor look, and it leaves what it has tried alone.
    put(runtime.directory.path(), "b", &switch(), "");
    runtime.until_outcome("b", |outcome| *outcome == ReloadOutcome::Loaded);
    assert_eq!(runtime.reloads("a", "kept_old"), tried);
    assert_eq!(runtime.status("a").unwrap().state, PluginState::Running);
}

#[test]
fn a_file_that_was_never_good_is_refused_until_it_is() {
    let runtime = Runtime::new(&[]);
    put(runtime.directory.path(), "a", b"nonsense", "");
    runtime.until_outcome("a", |outcome| matches!(outcome, ReloadOutcome::Refused { .. }));
    assert_eq!(runtime.status("a").unwrap().state, PluginState::Quarantined);
    runtime.taps.publish(batch(3));
    assert_eq!(runtime.counts("a"), PluginCounts::default());
    put(runtime.directory.path(), "a", &switch(), "");
    runtime.until_outcome("a", |outcome| *outcome == ReloadOutcome::Loaded);
    runtime.taps.publish(batch(3));
    runtime.until_quiet("a");
    assert_eq!(runtime.counts("a").delivered, 3);
}

#[test]
fn a_file_that_is_written_slowly_ends_as_what_it_is() {
    use std::io::Write;
    let runtime = Runtime::new(&[]);
    let wasm = switch();
    let mut file = fs::File::create(runtime.path("a.wasm")).unwrap();
    for part in wasm.chunks(wasm.len() / 4) {
        file.write_all(part).unwrap();
        thread::sleep(Duration::from_millis(200));
    }
    drop(file);
    runtime.until_outcome("a", |outcome| *outcome == ReloadOutcome::Loaded);
    assert_eq!(runtime.status("a").unwrap().description.unwrap().name, "switch");
}

#[test]
fn a_plugin_whose_file_goes_is_stopped_and_forgotten() {
    let runtime = Runtime::new(&[("a", ""), ("b", "")]);
    runtime.taps.publish(batch(3));
    fs::remove_file(runtime.path("a.wasm")).unwrap();
    runtime.until("a to go", |runtime| runtime.reloads("a", "removed") == 1);
    assert!(runtime.status("a").is_none());
    assert_eq!(runtime.bench.metric("a", "packets_total"), None);
    assert!(runtime.bench.event_kinds().contains(&"stopped".to_owned()));
    runtime.taps.publish(batch(4));
    runtime.until_quiet("b");
    assert_eq!(runtime.counts("b").delivered, 7);
}

#[test]
fn links_swapped_as_kubernetes_does_it_replace_the_plugin() {
    let runtime = Runtime::with(&[], |directory| {
        for (version, config) in [("..1", ""), ("..2", "n")] {
            fs::create_dir(directory.join(version)).unwrap();
            put(&directory.join(version), "a", &switch(), config);
        }
        symlink("..1", directory.join("..data")).unwrap();
        symlink("..data/a.wasm", directory.join("a.wasm")).unwrap();
        symlink("..data/a.toml", directory.join("a.toml")).unwrap();
        config(directory)
    });
    assert_eq!(runtime.reloads("a", "loaded"), 1);
    symlink("..2", runtime.path("..data_tmp")).unwrap();
    fs::rename(runtime.path("..data_tmp"), runtime.path("..data")).unwrap();
    runtime.until("the swap", |runtime| runtime.reloads("a", "replaced") == 1);
}

#[test]
fn a_directory_that_is_made_anew_is_followed() {
    let runtime = Runtime::with(&[], |directory| {
        let directory = directory.join("plugins");
        fs::create_dir(&directory).unwrap();
        put(&directory, "a", &switch(), "");
        config(&directory)
    });
    let directory = runtime.path("plugins");
    fs::rename(&directory, runtime.path("away")).unwrap();
    runtime.until("the complaint", |runtime| !runtime.supervisor.problems().is_empty());
    runtime.taps.publish(batch(3));
    runtime.until_quiet("a");
    assert_eq!(runtime.counts("a").delivered, 3);
    fs::create_dir(&directory).unwrap();
    put(&directory, "b", &switch(), "");
    runtime.until("a to go", |runtime| runtime.reloads("a", "removed") == 1);
    runtime.until_outcome("b", |outcome| *outcome == ReloadOutcome::Loaded);
    assert_eq!(runtime.supervisor.problems(), [""; 0]);
}

#[test]
fn bundled_plugins_and_single_files_come_the_same_way_and_files_go_first() {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
    let elsewhere = tempfile::tempdir().unwrap();
    put(elsewhere.path(), "single", &switch(), "");
    let bundled = |plugin: &str, config: &str| BundledPlugin {
        name: name(plugin),
        wasm: switch().into(),
        config: config.to_owned(),
    };
    let runtime = Runtime::with(&[("both", "")], |directory| SupervisorConfig {
        bundled: vec![bundled("both", "r"), bundled("bundled", "")],
        files: vec![elsewhere.path().join("single.wasm")],
        ..config(directory)
    });
    let states: Vec<_> =
        runtime.supervisor.status().into_iter().map(|s| (s.name.to_string(), s.state)).collect();
    let running = ["both", "bundled", "single"].map(|n| (n.to_owned(), PluginState::Running));
    assert_eq!(states, running);
    fs::remove_file(runtime.path("both.wasm")).unwrap();
    runtime.until_outcome("both", |outcome| {
        matches!(outcome, ReloadOutcome::KeptOld { reason } if reason.contains("no, thanks"))
    });
}

#[test]
fn a_capture_ticks_by_its_own_time() {
    let second = 1_000_000_000;
    let runtime = Runtime::with(&[("a", "")], |directory| {
        let policy =
            Policy { when_full: Some(WhenFull::Wait), time: TimeSource::Capture, ..policy() };
        SupervisorConfig { policy, follow: false, ..config(directory) }
    });
    // The plugin asks for a tick every second. Gaps, in which several come due, have one.
    for (at, records) in [(100, 2), (100, 1), (101, 1), (105, 1), (105, 4)] {
        runtime.subscriptions.pass_time(at * second);
        runtime.taps.publish(batch_at(records, at * second));
    }
    runtime.supervisor.shutdown(None);
    assert_eq!(runtime.bench.metric("a", "ticks_total"), Some(2.0));
    assert_eq!(runtime.bench.metric("a", "last_tick_seconds"), Some(105.0));
    let stopped = runtime.bench.events.try_iter().last().unwrap();
    assert_eq!((stopped.kind.as_str(), stopped.time_ns), ("stopped", 105 * second));
}

#[test]
fn the_time_of_a_capture_reaches_plugins_that_see_none_of_its_packets() {
    let second = 1_000_000_000;
    let runtime = Runtime::with(&[("a", "")], |directory| {
        put(directory, "b", &idle(), "");
        let policy =
            Policy { when_full: Some(WhenFull::Wait), time: TimeSource::Capture, ..policy() };
        SupervisorConfig { policy, follow: false, ..config(directory) }
    });
    for at in [100, 101, 102, 109] {
        runtime.subscriptions.pass_time(at * second);
        // Records alone, however late, make no tick: not every plugin has them.
        runtime.taps.publish(batch_at(1, (at + 1) * second));
    }
    runtime.supervisor.shutdown(None);
    for plugin in ["a", "b"] {
        assert_eq!(runtime.bench.metric(plugin, "ticks_total"), Some(3.0), "{plugin}");
    }
    assert_eq!(runtime.counts("a").delivered, 4);
    assert_eq!(runtime.counts("b"), PluginCounts::default());
}

#[test]
fn ticks_come_without_records_too() {
    let runtime = Runtime::new(&[("a", "")]);
    runtime.until("a tick", |runtime| {
        runtime.bench.metric("a", "ticks_total").is_some_and(|ticks| ticks >= 2.0)
    });
}

#[test]
fn own_metrics_tell_states_and_calls() {
    let runtime = Runtime::new(&[("a", "")]);
    runtime.taps.publish(batch(3));
    runtime.until_quiet("a");
    let mut families = Default::default();
    runtime.supervisor.collector().collect(&mut families);
    let uint = |family: &str, labels: &[(&str, &str)]| {
        let wanted: Vec<_> =
            labels.iter().map(|(l, v)| ((*l).to_owned(), (*v).to_owned())).collect();
        let samples = &families.family(family).unwrap().samples;
        match samples.iter().find(|sample| sample.labels == wanted).unwrap().value {
            SampleValue::Uint(value) => value,
            SampleValue::Float(value) => value as u64,
            SampleValue::Histogram { ref buckets, .. } => buckets.last().unwrap().1,
        }
    };
    let a = ("plugin", "a");
    assert_eq!(uint("ringtap_plugin_delivered_total", &[a]), 3);
    assert_eq!(uint("ringtap_plugin_state", &[a, ("state", "running")]), 1);
    assert_eq!(uint("ringtap_plugin_state", &[a, ("state", "quarantined")]), 0);
    assert_eq!(uint("ringtap_plugin_calls_total", &[a, ("call", "on-packets")]), 1);
    assert_eq!(uint("ringtap_plugin_call_seconds", &[a, ("call", "on-packets")]), 1);
    assert_eq!(uint("ringtap_plugin_queue_records", &[a]), 0);
    assert_eq!(uint("ringtap_plugin_queue_capacity_records", &[a]), 65_536);
    // Two pages, and the table of five by which a component's modules are joined.
    assert_eq!(uint("ringtap_plugin_memory_bytes", &[a]), 2 * 65_536 + 5 * 8);
    assert_eq!(uint("ringtap_reloads_total", &[a, ("outcome", "loaded")]), 1);
}
