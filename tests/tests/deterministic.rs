//! `ringtap replay --deterministic`: the same bytes in every run, whatever the plugins do and however
//! busy the machine is.

use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
};

use ringtap_tests::{Ended, PluginDirectory, binary, capture, config_file, finish};
use tempfile::TempDir;

const RUNS: usize = 5;

/// Takes the CPU from others, so that threads run in another order each time.
struct Hog {
    enough: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Hog {
    fn new() -> Self {
        let enough = Arc::new(AtomicBool::new(false));
        let spin = || {
            let enough = Arc::clone(&enough);
            thread::spawn(move || while !enough.load(Relaxed) {})
        };
        let threads = vec![spin(), spin()];
        Self { enough, threads }
    }
}

impl Drop for Hog {
    fn drop(&mut self) {
        self.enough.store(true, Relaxed);
        for thread in self.threads.drain(..) {
            thread.join().unwrap();
        }
    }
}

fn replay(arguments: &[&str]) -> Ended {
    let captures = ["demo.pcap", "mixed.pcapng", "demo.pcap"].map(capture);
    let mut ringtap = Command::new(binary());
    ringtap.args(["replay", "--deterministic"]).args(captures).args(arguments);
    finish(&mut ringtap)
}

/// What every run writes to stdout, which is something.
fn every_time(arguments: &[&str], code: i32) -> String {
    let _hog = Hog::new();
    let first = replay(arguments);
    assert_eq!(first.code, Some(code), "{arguments:?}: {:#?}", first.log);
    assert!(!first.stdout.is_empty(), "{arguments:?}");
    for run in 1..RUNS {
        let next = replay(arguments);
        let differ = first.stdout.lines().zip(next.stdout.lines()).find(|(a, b)| a != b);
        assert_eq!(differ, None, "{arguments:?}, run {run}");
        assert!(first.stdout == next.stdout, "{arguments:?}, run {run}: one goes on");
        assert_eq!(next.code, Some(code));
    }
    first.stdout
}

#[test]
fn bundled_plugins_write_the_same() {
    for bundled in ["flow-log", "top-talkers", "flow-log,top-talkers"] {
        let metrics = every_time(&["--bundled", bundled, "--print", "metrics"], 0);
        assert!(metrics.contains("ringtap_plugin_calls_total"), "{metrics}");
        assert!(!metrics.contains("_seconds"), "that is measured: {metrics}");
    }
    for bundled in ["flow-log", "flow-log,top-talkers"] {
        every_time(&["--bundled", bundled], 0);
    }
}

/// Plugins that emit at the same time, alone and through others, take samples, draw and tick.
fn all_at_once() -> (PluginDirectory, TempDir, String) {
    let plugins = PluginDirectory::new(&[
        "interest-sampled",
        "interest-sampled-flows",
        "keeps-every-second",
        "reshapes-events",
        "ticks",
        "uses-random",
    ]);
    for name in ["all", "down", "one", "two"] {
        plugins.install(name, "emits-packets");
    }
    plugins.install("another", "uses-random");
    let directory = TempDir::new().unwrap();
    let config = "[plugins.one]\nsample = \"1/3\"\n\
                  [plugins.two]\nsample = \"1/2\"\nsample_by = \"flow\"\n\
                  [plugins.down]\ninput = \"keeps-every-second\"\n\
                  [plugins.reshapes-events]\ninput = [\"one\", \"uses-random\", \"down\"]";
    let config = config_file(&directory, config);
    (plugins, directory, config)
}

#[test]
fn plugins_that_work_at_the_same_time_write_the_same() {
    let (plugins, _directory, config) = all_at_once();
    let of = ["--config", &config, "--plugins", plugins.as_str(), "--bundled", "flow-log"];
    let with = |more: &[&'static str]| every_time(&[&of[..], more].concat(), 0);
    let events = with(&[]);
    for plugin in ["all", "another", "flow-log", "reshapes-events", "two"] {
        assert!(events.contains(&format!("\"plugin\":\"{plugin}\"")), "{plugin}");
    }
    with(&["--print", "metrics"]);
    with(&["--print", "packets"]);
    assert_eq!(with(&["--seed", "1"]), events, "the default");
    assert_ne!(with(&["--seed", "2"]), events);
}

/// From the batch in which a plugin dies on, the others are alone, or the replay ends.
#[test]
fn failures_come_at_the_same_place() {
    let plugins = PluginDirectory::new(&["emits-packets", "panics-on-nth", "reshapes-events"]);
    plugins.install("other", "emits-packets");
    for (on_failure, code) in [("quarantine", 0), ("stop-runtime", 1)] {
        let directory = TempDir::new().unwrap();
        let text = format!(
            "[plugins.panics-on-nth]\non_failure = \"{on_failure}\"\n\
             [plugins.reshapes-events]\ninput = [\"other\", \"panics-on-nth\"]"
        );
        let config = config_file(&directory, &text);
        let of = ["--config", &config, "--plugins", plugins.as_str()];
        let events = every_time(&of, code);
        let metrics = every_time(&[&of[..], &["--print", "metrics"]].concat(), code);
        let failed = "ringtap_plugin_state{plugin=\"panics-on-nth\",state=\"quarantined\"} 1";
        assert_eq!(metrics.contains(failed), on_failure == "quarantine", "{metrics}");
        assert!(events.contains("\"reshaped\""), "{events}");
    }
}
