//! Plugins that are replaced and broken at random under traffic, for long: whatever happens to one,
//! its neighbours have every record, every ledger closes in the end, and memory does not grow.
//!
//! `RINGTAP_SOAK_ROUNDS` makes it longer, `RINGTAP_SOAK_SEED` repeats one.

use std::{env, fs};

use fastrand::Rng;
use ringtap_lab::LabConfig;
use ringtap_tests::{Metrics, PluginDirectory, Running, Sender, config_file, guest, lab};
use tempfile::TempDir;

/// Rounds without further word: half of them to warm up, half to be measured.
const ROUNDS: u64 = 120;

/// What memory may differ by between two moments at which the same plugins run: pages that the
/// allocator keeps, and connections to the endpoint.
const SLACK_KIB: u64 = 24 << 10;

/// A plugin that is tampered with, and what is put in its place.
struct Victim {
    name: &'static str,
    good: &'static [&'static str],
    bad: &'static [&'static str],
}

const VICTIMS: [Victim; 4] = [
    Victim {
        name: "state",
        good: &["continues", "continues-v2", "continues-form2"],
        bad: &[
            "traps-on-first-batch",
            "panics-on-nth",
            "overruns-on-nth",
            "refuses-restore",
            "traps-in-restore",
            "refuses-save",
            "traps-in-save",
            "wrong-schema",
            "refuses-init",
        ],
    },
    Victim {
        name: "filter",
        good: &["keeps-every-second", "keeps-tcp"],
        bad: &["wrong-bitmap", "refuses-init", "wrong-filter"],
    },
    Victim {
        name: "source",
        good: &["emits-packets"],
        bad: &["floods-events", "traps", "grows-memory", "recurses", "never-returns"],
    },
    Victim { name: "sink", good: &["reshapes-events", "joins-events"], bad: &["drops-events"] },
];

/// Nobody touches these.
const NEIGHBOURS: [&str; 2] = ["counts", "stores"];

const CONFIG: &str = r#"
[plugins.state]
trial_batches = 3
trial_time = "50ms"
max_restarts = 1
[plugins.filter]
trial_batches = 2
trial_time = "50ms"
[plugins.below]
input = "filter"
[plugins.source]
trial_batches = 2
trial_time = "50ms"
event_rate = 1000
[plugins.sink]
input = "source"
trial_batches = 2
trial_time = "50ms"
[plugins.stores]
grants = ["log", "metrics", "kv"]
"#;

struct Soak {
    rng: Rng,
    plugins: PluginDirectory,
    running: Running,
    /// What each victim was put in place last.
    last: [&'static str; VICTIMS.len()],
}

impl Soak {
    /// Replace or break some of the plugins, and wait until that has come to an outcome.
    fn round(&mut self) {
        let rng = &mut self.rng;
        let choices = VICTIMS.iter().zip(self.last).map(|(victim, last)| {
            let others = victim.good.iter().chain(victim.bad).filter(|guest| **guest != last);
            let others: Vec<_> = others.copied().collect();
            if rng.bool() { others[rng.usize(..others.len())] } else { last }
        });
        let choices = choices.collect();
        self.install(choices);
    }

    /// Have all victims run good versions.
    fn recover(&mut self) {
        let choices = VICTIMS
            .iter()
            .zip(self.last)
            .map(|(victim, last)| if victim.good.contains(&last) { last } else { victim.good[0] });
        self.install(choices.collect());
        self.running.metrics_when("all to run", |metrics| {
            VICTIMS.iter().all(|victim| metrics.state(victim.name) == "running")
        });
    }

    /// What is there already comes to no outcome.
    fn install(&mut self, choices: Vec<&'static str>) {
        let before = self.running.metrics();
        let mut changed = Vec::new();
        for ((victim, last), guest) in VICTIMS.iter().zip(&mut self.last).zip(choices) {
            if guest != std::mem::replace(last, guest) {
                let component = compiled_before_or_not(&mut self.rng, guest);
                self.plugins.put(&format!("{}.wasm", victim.name), &component);
                changed.push(victim.name);
            }
        }
        self.running.metrics_when(&format!("outcomes of {changed:?}"), |metrics| {
            changed.iter().all(|name| outcomes(metrics, name) > outcomes(&before, name))
        });
    }
}

/// A guest, one time in four with a section of its own that nobody looks at: then nobody has compiled
/// it before.
fn compiled_before_or_not(rng: &mut Rng, name: &str) -> Vec<u8> {
    const CUSTOM: u8 = 0;
    let mut component = fs::read(guest(name)).unwrap();
    if rng.u8(..4) == 0 {
        let content = [b"\x04soak".as_slice(), &rng.u64(..).to_le_bytes()].concat();
        component.extend([CUSTOM, content.len() as u8]);
        component.extend(content);
    }
    component
}

fn outcomes(metrics: &Metrics, plugin: &str) -> u64 {
    metrics.sum("ringtap_reloads_total", &[("plugin", plugin)])
}

/// Resident memory of a process.
fn resident_kib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn number(name: &str, otherwise: u64) -> u64 {
    env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

#[test]
fn whatever_plugins_do_for_long_leaves_no_trace_but_in_the_ledger() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let rounds = number("RINGTAP_SOAK_ROUNDS", ROUNDS);
    let seed = number("RINGTAP_SOAK_SEED", fastrand::u64(..));
    println!("{rounds} rounds, RINGTAP_SOAK_SEED={seed}");
    let plugins = PluginDirectory::new(&NEIGHBOURS);
    plugins.install("below", "counts");
    for victim in &VICTIMS {
        plugins.install(victim.name, victim.good[0]);
    }
    let directory = TempDir::new().unwrap();
    let (config, state) = (config_file(&directory, CONFIG), directory.path().join("state"));
    let arguments = ["--config", &config, "--plugins", plugins.as_str()];
    let state = ["--state-directory", state.to_str().unwrap()];
    let running = Running::start(&lab, &[arguments.as_slice(), &state].concat());
    let last = VICTIMS.each_ref().map(|victim| victim.good[0]);
    let mut soak = Soak { rng: Rng::with_seed(seed), plugins, running, last };

    let sender = Sender::start(&lab);
    let mut resident = [0; 2];
    for half in &mut resident {
        (0..rounds / 2).for_each(|_| soak.round());
        soak.recover();
        *half = resident_kib(soak.running.id());
    }
    let sent = sender.stop();

    let metrics = soak.running.settled(&["counts", "stores", "state", "filter", "source"]);
    for neighbour in NEIGHBOURS {
        assert_eq!(metrics.records(neighbour), [sent, 0, 0, sent], "{neighbour}");
    }
    assert_eq!(metrics.sum("guest_sequence_errors_total", &[("plugin", "counts")]), 0);
    // What a call did counts if the call did, once.
    let [published, .., delivered] = metrics.records("state");
    assert_eq!(published, sent);
    assert_eq!(metrics.sum("guest_records_total", &[("plugin", "state")]), delivered);
    let events = |what: &str| metrics.sum(&format!("ringtap_events_{what}_total"), &[]);
    assert_eq!(events("emitted"), events("written") + events("refused"));
    println!("resident: {resident:?} KiB after half of the rounds and at the end; {sent} packets");
    let [half, end] = resident;
    assert!(end <= half + SLACK_KIB, "memory grew from {half} to {end} KiB");
    let ended = soak.running.terminate();
    ended.assert_clean();
    assert!(!ended.says(&["bug in ringtap"]), "{:#?}", ended.log);
}
