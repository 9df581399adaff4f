//! Plugins of one language in the whole runtime, over captures.

use std::{fs, path::Path, process::Command};

use ringtap_tests::{Metrics, PluginDirectory, binary, capture, config_file, finish};
use tempfile::TempDir;

use crate::languages::{self, Language};

const CAPTURES: [&str; 4] = ["demo.pcap", "mixed.pcapng", "nano.pcap", "demo.pcap"];

/// Metrics of a replay that tell of the code and not of what it does.
const OF_THE_CODE: [&str; 1] = ["ringtap_plugin_memory_bytes"];

/// What a replay wrote.
#[derive(Debug, PartialEq, Eq)]
struct Replayed {
    code: Option<i32>,
    events: String,
    metrics: String,
}

/// Replay with these plugins: files in the plugin directory, by their names, and a configuration.
fn replay(plugins: &[(&str, &Path)], texts: &[(&str, &str)], config: &str) -> Replayed {
    let (installed, directory) = (PluginDirectory::new(&[]), TempDir::new().unwrap());
    for (name, text) in texts {
        installed.put(&format!("{name}.toml"), text.as_bytes());
    }
    for (name, component) in plugins {
        installed.put(&format!("{name}.wasm"), &fs::read(component).unwrap());
    }
    let config = config_file(&directory, &format!("{config}\n{}", languages::PATIENT));
    let events = directory.path().join("events.jsonl");
    let mut ringtap = Command::new(binary());
    ringtap.args(["replay", "--deterministic", "--print", "metrics", "--config", &config]);
    ringtap.args(["--plugins", installed.as_str()]).arg("--events").arg(&events);
    let ended = finish(ringtap.args(CAPTURES.map(capture)));
    let is_wanted = |line: &&str| !OF_THE_CODE.iter().any(|name| line.starts_with(name));
    let metrics = ended.stdout.lines().filter(is_wanted).map(|line| line.to_owned() + "\n");
    let events =
        fs::read_to_string(&events).unwrap_or_else(|error| panic!("{error}: {:#?}", ended.log));
    Replayed { code: ended.code, events, metrics: metrics.collect() }
}

fn assert_same(language: &Language, found: &Replayed, expected: &Replayed) {
    let differ = |a: &str, b: &str| {
        let pair = a.lines().zip(b.lines()).find(|(a, b)| a != b);
        pair.map(|(a, b)| format!("{language}: {a}\nreference: {b}"))
    };
    assert_eq!(differ(&found.events, &expected.events), None, "events");
    assert_eq!(differ(&found.metrics, &expected.metrics), None, "metrics");
    assert_eq!(found, expected, "{language}");
}

/// A sieve feeds another one, and a scribe copies what a meter and the flow log tell.
fn pipeline(language: &Language) -> Option<Replayed> {
    let [meter, sieve, scribe] =
        ["meter", "sieve", "scribe"].map(|plugin| language.component(plugin));
    let (meter, sieve, scribe) = (meter?, sieve?, scribe?);
    let plugins = [("meter", meter), ("outer", sieve), ("inner", sieve), ("scribe", scribe)];
    let texts = [("inner", "host = \"192.0.2.10\""), ("meter", "limit = 20")];
    let config = "bundled = [\"flow-log\"]\n\
                  [plugins.meter]\npayload = 512\n\
                  [plugins.inner]\ninput = \"outer\"\n\
                  [plugins.scribe]\ninput = [\"meter\", \"flow-log\"]";
    Some(replay(&plugins, &texts, config))
}

#[test]
fn plugins_that_feed_each_other_write_the_same() {
    let reference = pipeline(&Language::reference()).expect("the reference has all");
    assert_eq!(reference.code, Some(0));
    let metrics = Metrics::parse(&reference.metrics);
    let edge = |plugin, input| {
        metrics.sum("ringtap_edge_delivered_total", &[("plugin", plugin), ("input", input)])
    };
    let kept = metrics.sum("sieve_kept_total", &[("plugin", "outer")]);
    assert!(kept > 0 && edge("inner", "outer") == kept, "{kept}");
    assert!(metrics.sum("sieve_kept_total", &[("plugin", "inner")]) > 0);
    assert!(edge("scribe", "meter") > 0 && edge("scribe", "flow-log") > 0);
    let copies = reference.events.matches("\"kind\":\"copy\"").count() as u64;
    assert_eq!(copies, edge("scribe", "meter") + edge("scribe", "flow-log"));
    for language in languages::all() {
        if let Some(found) = pipeline(&language) {
            assert_same(&language, &found, &reference);
        }
    }
}

/// The records of a call that trapped are failed, and those after it are shed.
#[test]
fn a_trap_is_at_the_same_record_and_every_ledger_closes() {
    let trapped = |language: &Language| {
        let meter = language.component("meter").expect("every language has a meter");
        let config = "[plugins.meter]\npayload = 512\non_failure = \"quarantine\"";
        replay(&[("meter", meter)], &[("meter", "trap_after = 200")], config)
    };
    let reference = trapped(&Language::reference());
    let metrics = Metrics::parse(&reference.metrics);
    let [published, shed, failed, delivered] = metrics.records("meter");
    assert_eq!(published, shed + failed + delivered);
    assert!(
        failed > 0 && delivered > 0 && delivered < 200 && shed > 0,
        "{:?}",
        metrics.records("meter")
    );
    assert_eq!(metrics.sum("meter_packet_bytes_count", &[("plugin", "meter")]), delivered);
    assert_eq!(metrics.state("meter"), "quarantined");
    for language in languages::all() {
        assert_same(&language, &trapped(&language), &reference);
    }
}
