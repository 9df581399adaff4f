//! Versions of a plugin that replace each other under traffic, with what they know: none of it is
//! lost, and every record counts once, also where a version is no good.

use ringtap_lab::{Lab, LabConfig, Side, traffic};
use ringtap_tests::{
    Ended, Metrics, PluginDirectory, Running, Sender, config_file, digest, get, lab,
};
use tempfile::TempDir;

/// The plugin `p`, which is a guest of `guests::continues`, beside `counts`.
struct Bench {
    lab: Lab,
    plugins: PluginDirectory,
    running: Running,
    _directory: TempDir,
}

/// Short trials: as many batches as there are in a moment of traffic.
const SHORT: &str = "[plugins.p]\ntrial_batches = 4\ntrial_time = \"50ms\"";

impl Bench {
    fn new(guest: &str, config: &str) -> Option<Self> {
        let lab = lab(LabConfig::default())?;
        let plugins = PluginDirectory::new(&["counts"]);
        plugins.install("p", guest);
        let directory = TempDir::new().unwrap();
        let config = config_file(&directory, config);
        let running = Running::start(&lab, &["--config", &config, "--plugins", plugins.as_str()]);
        Some(Self { lab, plugins, running, _directory: directory })
    }

    /// Wait for so many changes of `p` to have come to an outcome.
    fn outcome(&self, outcome: &str, count: u64) -> Metrics {
        let what = format!("{count} times {outcome}");
        self.running.metrics_when(&what, |metrics| outcomes(metrics, outcome) == count)
    }

    /// Wait for the log to say this of `p`.
    fn says(&self, what: &str) {
        self.running.says(&["plugin=p", what]);
    }

    /// Check that `p` has had all that was sent, in order, each record once; that its state begins
    /// with the record numbered `first`; and that its neighbour noticed nothing.
    fn finish(self, sent: u64, first: u64) -> Metrics {
        let metrics = self.running.settled(&["p", "counts"]);
        for plugin in ["p", "counts"] {
            assert_eq!(metrics.records(plugin), [sent, 0, 0, sent], "{plugin}");
        }
        assert_eq!(sum(&metrics, "guest_records_total"), sent);
        for none in ["guest_shed_total", "guest_skipped_total", "guest_repeated_total"] {
            assert_eq!(sum(&metrics, none), 0, "{none}");
        }
        assert_eq!(sum(&metrics, "guest_state_first"), first);
        assert_eq!(sum(&metrics, "guest_state_records"), sent - first);
        if first == 0 {
            assert_eq!(sum(&metrics, "guest_state_digest"), digest(sent));
        }
        assert_eq!(metrics.sum("guest_sequence_errors_total", &[("plugin", "counts")]), 0);
        let ended = self.running.terminate();
        ended.assert_clean();
        assert!(!ended.says(&["bug in ringtap"]), "{:#?}", ended.log);
        metrics
    }
}

fn sum(metrics: &Metrics, name: &str) -> u64 {
    metrics.sum(name, &[("plugin", "p")])
}

fn outcomes(metrics: &Metrics, outcome: &str) -> u64 {
    metrics.sum("ringtap_reloads_total", &[("plugin", "p"), ("outcome", outcome)])
}

#[test]
fn state_goes_on_over_hundreds_of_reloads_under_traffic() {
    const RELOADS: u64 = 200;
    let Some(bench) = Bench::new("continues", SHORT) else { return };
    let sender = Sender::start(&bench.lab);
    for round in 1..=RELOADS {
        let guest = if round % 2 == 1 { "continues-v2" } else { "continues" };
        bench.plugins.install("p", guest);
        bench.outcome("replaced", round);
    }
    let sent = sender.stop();
    let metrics = bench.finish(sent, 0);
    assert_eq!(sum(&metrics, "guest_state_restores"), RELOADS);
    assert_eq!(sum(&metrics, "guest_version"), 1);
}

#[test]
fn a_version_that_is_no_good_is_rolled_back_with_its_state_and_its_records() {
    let Some(bench) = Bench::new("continues", "") else { return };
    let sender = Sender::start(&bench.lab);
    bench.running.metrics_when("traffic", |metrics| sum(metrics, "guest_records_total") > 0);
    let bad = [
        ("traps-on-first-batch", "`on-packets` trapped"),
        ("panics-on-nth", "`on-packets` trapped"),
        ("overruns-on-nth", "used up its 50ms of CPU time"),
        ("refuses-restore", "it does not take the old version's state"),
        ("traps-in-restore", "`restore` trapped"),
    ];
    for (rolled_back, (guest, reason)) in (1..).zip(bad) {
        bench.plugins.install("p", guest);
        let metrics = bench.outcome("rolled_back", rolled_back);
        bench.says(reason);
        assert_eq!(metrics.state("p"), "running", "{guest}");
        assert_eq!(sum(&metrics, "guest_version"), 1, "{guest}");
    }
    // It reads other forms only, so it is not even tried on records.
    bench.plugins.install("p", "wrong-schema");
    bench.outcome("kept_old", 1);
    bench.says("hands on form 1 of its state");
    // What was tried is not tried again when something else changes.
    bench.plugins.install("other", "counts");
    bench.running.metrics_when("another plugin", |metrics| metrics.state("other") == "running");
    let metrics = bench.running.metrics();
    assert_eq!((outcomes(&metrics, "rolled_back"), outcomes(&metrics, "kept_old")), (5, 1));
    // What is good is taken after all of that.
    bench.plugins.install("p", "continues-form2");
    bench.outcome("replaced", 1);
    let sent = sender.stop();
    bench.plugins.remove("other.wasm");
    let metrics = bench.finish(sent, 0);
    assert_eq!(sum(&metrics, "guest_state_restores"), 1);
    assert_eq!(sum(&metrics, "guest_version"), 3);
}

#[test]
fn a_version_that_keeps_its_state_to_itself_stays_and_one_that_dies_over_it_is_replaced() {
    let Some(bench) = Bench::new("refuses-save", SHORT) else { return };
    let sender = Sender::start(&bench.lab);
    bench.running.metrics_when("traffic", |metrics| sum(metrics, "guest_records_total") > 0);
    bench.plugins.install("p", "continues-v2");
    let metrics = bench.outcome("rolled_back", 1);
    bench.says("does not hand on its state");
    assert_eq!(sum(&metrics, "guest_version"), 1);
    let sent = sender.stop();
    bench.finish(sent, 0);

    let Some(bench) = Bench::new("traps-in-save", SHORT) else { return };
    let sender = Sender::start(&bench.lab);
    bench.running.metrics_when("traffic", |metrics| sum(metrics, "guest_records_total") > 0);
    bench.plugins.install("p", "continues-v2");
    let metrics = bench.outcome("replaced", 1);
    bench.says("the new one starts without");
    assert_eq!((metrics.state("p").as_str(), sum(&metrics, "guest_version")), ("running", 2));
    bench.running.metrics_when("records", |metrics| sum(metrics, "guest_state_records") > 0);
    let sent = sender.stop();
    let first = sum(&bench.running.metrics(), "guest_state_first");
    assert!(first > 0);
    bench.finish(sent, first);
}

#[test]
fn one_that_fails_again_and_again_is_started_again_and_then_left_alone() {
    let config = "[plugins.p]\nmax_restarts = 1";
    let Some(bench) = Bench::new("panics-on-nth", config) else { return };
    let sender = Sender::start(&bench.lab);
    bench.running.log_line("start 1 in a row follows in");
    bench.running.log_line("the plugin is started again");
    let quarantined = |metrics: &Metrics| metrics.state("p") == "quarantined";
    bench.running.metrics_when("quarantine", quarantined);
    bench.says("2 times in a row");
    let (status, health) = get(&bench.lab, Side::Near, 9464, "/healthz").unwrap();
    assert_eq!(status, 503);
    assert!(health.contains("plugin p is quarantined: `on-packets` trapped"), "{health}");
    let sent = sender.stop();
    let metrics = bench.running.settled(&["p", "counts"]);
    assert_eq!(metrics.records("counts"), [sent, 0, 0, sent]);
    let [published, shed, failed, delivered] = metrics.records("p");
    assert_eq!(published, sent);
    assert!(shed > 0 && failed > 0 && delivered > 0, "{shed}, {failed}, {delivered}");
    assert_eq!(sum(&metrics, "ringtap_plugin_restarts_total"), 1);
    assert_eq!(sum(&metrics, "guest_records_total"), delivered);
    // Another version is another chance.
    bench.plugins.install("p", "continues");
    bench.running.metrics_when("a good version", |metrics| metrics.state("p") == "running");
    bench.running.terminate().assert_clean();
}

#[test]
fn one_whose_failure_is_to_end_the_runtime_ends_it_in_order() {
    let config = "[plugins.p]\non_failure = \"stop-runtime\"";
    let Some(bench) = Bench::new("traps-on-first-batch", config) else { return };
    let path = traffic::Path::new(Side::Near, ringtap_lab::Family::V4);
    assert_eq!(traffic::udp(&bench.lab, path, 10, 100).unwrap(), 10);
    let Ended { code, log, .. } = bench.running.ended();
    assert_eq!(code, Some(1), "{log:#?}");
    let says = |what: &str| log.iter().any(|line| line.contains(what));
    assert!(says("plugin p has failed, and that is to end the runtime"), "{log:#?}");
    assert!(says("counts: 10 records = 0 shed + 0 failed + 10 delivered"), "{log:#?}");
}

#[test]
fn one_that_burns_its_budget_is_given_less_and_its_neighbour_all() {
    let config = "[plugins.p]\ncpu = \"1%\"\ncall_deadline = \"10s\"";
    let Some(bench) = Bench::new("spins", config) else { return };
    bench.plugins.put("p.toml", b"rounds = 100000");
    bench.outcome("replaced", 1);
    let sender = Sender::start(&bench.lab);
    bench
        .running
        .metrics_when("suspension", |metrics| sum(metrics, "ringtap_plugin_budget_suspended") == 1);
    let sent = sender.stop();
    let metrics = bench.running.settled(&["p", "counts"]);
    assert_eq!(metrics.records("counts"), [sent, 0, 0, sent]);
    let [published, shed, failed, delivered] = metrics.records("p");
    assert_eq!((published, failed), (sent, 0));
    assert!(delivered > 0);
    let labels = [("plugin", "p"), ("reason", "budget")];
    assert_eq!(metrics.sum("ringtap_plugin_shed_total", &labels), shed);
    assert!(shed > 0);
    let suspensions = [("plugin", "p"), ("step", "suspend")];
    assert!(metrics.sum("ringtap_plugin_budget_steps_total", &suspensions) > 0);
    bench.running.terminate().assert_clean();
}

#[test]
fn one_that_takes_long_to_be_replaced_holds_no_other_up() {
    const HURRIED: &str = "what is still queued for its last version is shed";
    let config = "[plugins.p]\ncall_deadline = \"60s\"\npayload = 4";
    let Some(bench) = Bench::new("slow", config) else { return };
    // Seconds for each batch.
    bench.plugins.put("p.toml", b"rounds = 2000000000");
    bench.outcome("replaced", 1);
    let sender = Sender::start(&bench.lab);
    let waits = |metrics: &Metrics| sum(metrics, "ringtap_plugin_queue_records") > 10_000;
    bench.running.metrics_when("records to wait", waits);
    // It wants other records, so what waits is for the one before it.
    bench.plugins.put("p.toml", b"");
    bench.plugins.install("p", "interest-ports");
    bench.plugins.install("other", "counts");
    bench.running.metrics_when("another plugin", |metrics| metrics.state("other") == "running");
    let log = bench.running.log();
    assert!(!log.iter().any(|line| line.contains(HURRIED)), "{log:#?}");
    bench.says(HURRIED);
    bench.outcome("replaced", 2);
    let sent = sender.stop();
    let metrics = bench.running.settled(&["counts"]);
    assert_eq!(metrics.records("counts"), [sent, 0, 0, sent]);
    let labels = [("plugin", "p"), ("reason", "handover")];
    assert!(metrics.sum("ringtap_plugin_shed_total", &labels) > 0);
    bench.running.terminate().assert_clean();
}
