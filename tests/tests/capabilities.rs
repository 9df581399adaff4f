//! What guests do with what the host gives them: handles, time, numbers by chance, a store, and text.

use std::{collections::BTreeSet, fs};

use ringtap_lab::{
    Family, Lab, LabConfig, Side,
    traffic::{self, Path},
};
use ringtap_tests::{Metrics, PluginDirectory, Running, config_file, lab, until_some};
use serde_json::Value;
use tempfile::TempDir;

/// Some guests beside `counts`, with a place for events and for what they store.
struct Bench {
    lab: Lab,
    plugins: PluginDirectory,
    directory: TempDir,
    config: String,
}

impl Bench {
    fn new(guests: &[&str], config: &str) -> Option<Self> {
        let lab = lab(LabConfig::default())?;
        let plugins = PluginDirectory::new(&["counts"]);
        for guest in guests {
            plugins.install(guest, guest);
        }
        let directory = TempDir::new().unwrap();
        let config = config_file(&directory, config);
        Some(Self { lab, plugins, directory, config })
    }

    fn start(&self) -> Running {
        let place = |name| self.directory.path().join(name).display().to_string();
        let (events, state) = (place("events.jsonl"), place("state"));
        let plugins = self.plugins.as_str();
        let files = ["--config", &self.config, "--plugins", plugins, "--state-directory", &state];
        Running::start(&self.lab, &[&files[..], &["--events", &events]].concat())
    }

    fn send(&self, count: u64) -> u64 {
        traffic::udp(&self.lab, Path::new(Side::Near, Family::V4), count, 100).unwrap()
    }

    /// The lines of the events, once there are as many as were emitted.
    fn events(&self, running: &Running) -> Vec<String> {
        let emitted = running.metrics().sum("ringtap_events_emitted_total", &[]) as usize;
        let path = self.directory.path().join("events.jsonl");
        until_some("the events to be written", || {
            let text = fs::read_to_string(&path).unwrap();
            let lines: Vec<_> = text.split_terminator('\n').map(str::to_owned).collect();
            (lines.len() == emitted).then_some(lines)
        })
    }
}

/// Check that `counts` had everything, and end the runtime.
fn finish(running: Running, sent: u64) {
    let metrics = running.settled(&["counts"]);
    assert_eq!(metrics.records("counts"), [sent, 0, 0, sent]);
    let ended = running.terminate();
    ended.assert_clean();
    assert!(!ended.says(&["bug in ringtap"]), "{:#?}", ended.log);
}

fn sum(metrics: &Metrics, plugin: &str, name: &str) -> u64 {
    metrics.sum(name, &[("plugin", plugin)])
}

#[test]
fn one_that_gives_no_handle_back_ends_with_its_handles() {
    let config = "[limits]\nmax_handles = 1000\n[plugins.leaks-handles]\n\
                  on_failure = \"quarantine\"";
    let Some(bench) = Bench::new(&[], config) else { return };
    bench.plugins.put("leaks-handles.toml", b"handles = 600");
    bench.plugins.install("leaks-handles", "leaks-handles");
    let running = bench.start();
    let first = bench.send(1);
    let metrics = running.settled(&["counts", "leaks-handles"]);
    assert_eq!(metrics.records("leaks-handles"), [first, 0, 0, first]);
    let sent = first + bench.send(1);
    let metrics =
        running.metrics_when("its end", |metrics| metrics.state("leaks-handles") == "quarantined");
    assert_eq!(metrics.records("leaks-handles"), [sent, 0, sent - first, first]);
    assert_eq!(sum(&metrics, "leaks-handles", "guest_handles_total"), 600);
    let why = running.log_line("cannot allocate another handle");
    assert!(why.contains("plugin=leaks-handles"), "{why}");
    let sent = sent + bench.send(500);
    finish(running, sent);
}

/// It would take a quarter of an hour for each batch.
#[test]
fn one_that_sleeps_in_the_host_does_not() {
    let Some(bench) = Bench::new(&[], "") else { return };
    bench.plugins.put("sleeps-in-host-call.toml", b"ms = 1000000");
    bench.plugins.install("sleeps-in-host-call", "sleeps-in-host-call");
    let running = bench.start();
    let sent = bench.send(500);
    let metrics = running.settled(&["counts", "sleeps-in-host-call"]);
    assert_eq!(metrics.state("sleeps-in-host-call"), "running");
    assert_eq!(metrics.records("sleeps-in-host-call"), [sent, 0, 0, sent]);
    assert!(sum(&metrics, "sleeps-in-host-call", "guest_batches_total") > 0);
    finish(running, sent);
}

#[test]
fn numbers_by_chance_are_others_for_each_instance() {
    let grants = "grants = [\"events\", \"random\"]";
    let config = format!("[plugins.one]\n{grants}\n[plugins.two]\n{grants}");
    let Some(bench) = Bench::new(&[], &config) else { return };
    for name in ["one", "two"] {
        bench.plugins.install(name, "uses-random");
    }
    let running = bench.start();
    let sent = bench.send(500);
    running.settled(&["counts", "one", "two"]);
    let events: Vec<Value> =
        bench.events(&running).iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    for name in ["one", "two"] {
        let own = events.iter().filter(|event| event["plugin"] == name);
        assert!(own.count() >= 2, "{name} draws as it starts and with each batch: {events:?}");
    }
    let numbers: BTreeSet<_> = events.iter().map(|event| event["number"].as_u64()).collect();
    assert_eq!(numbers.len(), events.len(), "{events:?}");
    finish(running, sent);
}

#[test]
fn what_one_stores_is_there_when_it_starts_again() {
    let config = "[plugins.uses-kv]\ngrants = [\"metrics\", \"kv\"]\nmax_kv = \"64KiB\"";
    let Some(bench) = Bench::new(&[], config) else { return };
    // Of which less than a hundred fit.
    bench.plugins.put("uses-kv.toml", b"keys = 100\nvalue_bytes = 1000");
    bench.plugins.install("uses-kv", "uses-kv");
    let running = bench.start();
    let first = bench.send(500);
    let metrics = running.settled(&["counts", "uses-kv"]);
    assert_eq!(sum(&metrics, "uses-kv", "guest_kv_records"), first);
    let keys = sum(&metrics, "uses-kv", "guest_kv_keys");
    assert!((2..100).contains(&keys), "{keys}");
    assert!(sum(&metrics, "uses-kv", "guest_refused_total") > 0);
    finish(running, first);

    let running = bench.start();
    let metrics = running.metrics();
    assert_eq!(sum(&metrics, "uses-kv", "guest_kv_records"), first);
    assert_eq!(sum(&metrics, "uses-kv", "guest_kv_keys"), keys);
    let second = bench.send(500);
    let metrics = running.settled(&["counts", "uses-kv"]);
    assert_eq!(sum(&metrics, "uses-kv", "guest_kv_records"), first + second);
    finish(running, second);
}

#[test]
fn control_characters_are_told_and_not_obeyed() {
    const NAME: &str = "emits-control-characters";
    let config = format!("[plugins.{NAME}]\ngrants = [\"log\", \"metrics\", \"events\"]");
    let Some(bench) = Bench::new(&[NAME], &config) else { return };
    let running = bench.start();
    let sent = bench.send(500);
    running.settled(&["counts", NAME]);
    let is_plain = |line: &str| !line.chars().any(char::is_control);
    let line = running.log_line("before \\u{1b}[31mred\\u{7}\\r\\nforged=line");
    assert!(line.contains(NAME) && line.contains("\\u{9b}2J\\u{202e}after"), "{line}");
    assert!(running.log().iter().all(|line| is_plain(line)), "{:#?}", running.log());
    let text = "before \u{1b}[31mred\u{7}\r\nforged=line \u{0}\u{9b}2J\u{202e}after";
    let shown = "before \\u{1b}[31mred\\u{7}\\r\\nforged=line \\u{0}\\u{9b}2J\\u{202e}after";
    let labels = [("plugin", NAME), ("text", shown)];
    assert!(running.metrics().sum("guest_control_total", &labels) > 0);
    assert!(running.exposition().lines().all(is_plain));
    let events = bench.events(&running);
    let is_line = |event: &String| event.is_ascii() && is_plain(event);
    assert!(!events.is_empty() && events.iter().all(is_line), "{events:?}");
    for event in events {
        let event: Value = serde_json::from_str(&event).unwrap();
        assert_eq!(event["text"], text, "{event}");
    }
    finish(running, sent);
}

#[test]
fn labels_are_held_to_the_limit_of_series() {
    let config = "[limits]\nmax_series = 50\ncall_deadline = \"10s\"";
    let Some(bench) = Bench::new(&["floods-labels"], config) else { return };
    let running = bench.start();
    let sent = bench.send(500);
    let metrics = running.settled(&["counts", "floods-labels"]);
    let labels = [("plugin", "floods-labels")];
    assert_eq!(metrics.state("floods-labels"), "running");
    assert_eq!(metrics.records("floods-labels"), [sent, 0, 0, sent]);
    let calls = [labels[0], ("call", "on-packets")];
    let defined = 1000 * metrics.sum("ringtap_plugin_calls_total", &calls);
    assert_eq!(sum(&metrics, "floods-labels", "guest_flood_total"), defined);
    // One of the 50 is the counter of what was refused; the rest is summed.
    assert_eq!(metrics.sum("ringtap_plugin_series_overflow_total", &labels), defined - 49);
    assert_eq!(metrics.sum("ringtap_plugin_series", &labels), 51);
    finish(running, sent);
}
