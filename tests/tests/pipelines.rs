//! Plugins that feed each other: filters with records, others with events.

use std::{cell::Cell, process::Command};

use ringtap_lab::{
    Family, LabConfig, Side,
    traffic::{self, Path},
};
use ringtap_tests::{
    Ended, Metrics, PluginDirectory, Running, Wish, binary, capture, config_file, finish, lab,
    wanting,
};
use serde_json::Value;
use tempfile::TempDir;

/// Packets of `demo.pcap`, as `capinfos` counts them too.
const DEMO_PACKETS: usize = 330;

fn edge(metrics: &Metrics, plugin: &str, input: &str) -> [u64; 4] {
    ["published", "shed", "failed", "delivered"].map(|what| {
        let labels = [("plugin", plugin), ("input", input)];
        metrics.sum(&format!("ringtap_edge_{what}_total"), &labels)
    })
}

fn sum(metrics: &Metrics, plugin: &str, name: &str) -> u64 {
    metrics.sum(name, &[("plugin", plugin)])
}

#[test]
fn a_plugin_gets_what_a_filter_keeps_and_stays_when_that_is_replaced() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let plugins = PluginDirectory::new(&["counts"]);
    plugins.install("down", "counts");
    let directory = TempDir::new().unwrap();
    let text = "[plugins.web]\ntrial_batches = 0\n[plugins.down]\ninput = \"web\"\n\
                [plugins.last]\ninput = [\"second\"]\n[plugins.second]\ninput = \"web\"";
    let config = config_file(&directory, text);
    let running = Running::start(&lab, &["--config", &config, "--plugins", plugins.as_str()]);
    running.log_line("plugin=down outcome=\"refused\"");
    assert!(running.log_line("its input `web` is not there").contains("plugin=down"));
    // It comes later, and with it those that it feeds.
    plugins.install("last", "counts");
    plugins.install("second", "keeps-every-second");
    plugins.install("web", "keeps-tcp");
    running.metrics_when("all to run", |metrics| {
        ["counts", "down", "web", "second", "last"].iter().all(|p| metrics.state(p) == "running")
    });
    let before = running.metrics();
    let path = Path::new(Side::Near, Family::V4);
    let datagrams = traffic::udp(&lab, path, 100, 100).unwrap();
    traffic::tcp(&lab, path, 3, 5000).unwrap();
    let metrics = running.settled(&["counts", "web"]);
    let kept = sum(&metrics, "web", "guest_kept_total");
    let records = sum(&metrics, "web", "guest_records_total");
    assert!(kept > 0 && records - kept >= datagrams, "{kept} of {records}");
    let metrics = running.metrics_when("what was kept", |metrics| {
        edge(metrics, "down", "web")[3] == kept && edge(metrics, "second", "web")[3] == kept
    });
    for plugin in ["down", "second"] {
        assert_eq!(edge(&metrics, plugin, "web"), [kept, 0, 0, kept], "{plugin}");
    }
    assert_eq!(metrics.records("down"), [kept, 0, 0, kept]);
    assert_eq!(sum(&metrics, "down", "guest_records_total"), kept);
    assert_eq!(sum(&metrics, "down", "guest_sequence_errors_total"), 0);
    let tcp = [("plugin", "down"), ("protocol", "6")];
    assert_eq!(
        metrics.sum("guest_packets_total", &tcp),
        sum(&metrics, "down", "guest_packets_total")
    );
    let passed = kept.div_ceil(2);
    running.metrics_when("the last", |metrics| {
        edge(metrics, "last", "second") == [passed, 0, 0, passed]
    });
    // Nothing of that is the taps' doing: who has an input is not fed by them.
    assert_eq!(metrics.records("counts")[0], records);

    // The filter is replaced, and its neighbours are left alone.
    plugins.install("web", "keeps-every-second");
    let replaced = [("plugin", "web"), ("outcome", "replaced")];
    running.metrics_when("the other filter", |metrics| {
        metrics.sum("ringtap_reloads_total", &replaced) == 1
    });
    let datagrams = traffic::udp(&lab, path, 100, 100).unwrap();
    running.settled(&["counts", "web"]);
    running.metrics_when("half of the datagrams", |metrics| {
        edge(metrics, "down", "web")[3] >= kept + datagrams / 2
    });
    let after = running.metrics();
    for plugin in ["down", "second", "last"] {
        for outcome in ["loaded", "replaced"] {
            let labels = [("plugin", plugin), ("outcome", outcome)];
            let count = |metrics: &Metrics| metrics.sum("ringtap_reloads_total", &labels);
            assert_eq!(count(&after), count(&before), "{plugin} {outcome}");
        }
    }
    // What feeds others with records can't become something else.
    plugins.install("web", "counts");
    running.log_line("no longer exports `filter`, and is the input of");
    assert_eq!(running.metrics().state("web"), "running");
    running.terminate().assert_clean();
}

#[test]
fn a_filter_without_an_answer_fails_alone() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let plugins = PluginDirectory::new(&["counts"]);
    let directory = TempDir::new().unwrap();
    let (mut text, answers) = (String::new(), ["short", "long", "empty", "stray"]);
    for answer in answers {
        plugins.put(&format!("{answer}.toml"), format!("answer = \"{answer}\"").as_bytes());
        plugins.install(answer, "wrong-bitmap");
        text += &format!("[plugins.{answer}]\non_failure = \"quarantine\"\n");
    }
    plugins.install("down", "counts");
    text += "[plugins.down]\ninput = [\"short\", \"long\", \"empty\", \"stray\"]";
    let config = config_file(&directory, &text);
    let running = Running::start(&lab, &["--config", &config, "--plugins", plugins.as_str()]);
    let path = Path::new(Side::Near, Family::V4);
    let sent = Cell::new(0);
    running.metrics_when("all have failed", |metrics| {
        sent.set(sent.get() + traffic::udp(&lab, path, 3, 100).unwrap());
        answers.iter().all(|answer| metrics.state(answer) == "quarantined")
    });
    let sent = sent.get();
    for bad in ["bytes for", "a bit that is set for no record"] {
        running.says(&[bad]);
    }
    let metrics = running.settled(&["counts", "short", "long", "empty", "stray"]);
    assert_eq!(metrics.records("counts"), [sent, 0, 0, sent]);
    for answer in ["short", "long", "empty"] {
        let [published, shed, failed, delivered] = metrics.records(answer);
        assert_eq!((published, delivered), (sent, 0), "{answer}");
        assert!(failed > 0 && shed + failed == sent, "{answer}: {failed} failed, {shed} shed");
        assert_eq!(edge(&metrics, "down", answer), [0; 4], "{answer}");
    }
    let [kept, ..] = edge(&metrics, "down", "stray");
    assert_eq!(kept, metrics.records("stray")[3], "batches that had no place for a stray bit");
    running.terminate().assert_clean();
}

/// `demo.pcap` through the plugins of a directory. The events that reach the sink.
fn replay(plugins: &PluginDirectory, config: &str) -> (Ended, Vec<Value>) {
    let directory = TempDir::new().unwrap();
    let mut ringtap = Command::new(binary());
    ringtap.arg("replay").arg(capture("demo.pcap"));
    ringtap.args(["--config", &config_file(&directory, config)]);
    let ended = finish(ringtap.args(["--plugins", plugins.as_str()]));
    let events = ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (ended, events)
}

#[test]
fn an_exporter_gets_the_events_of_others_in_place_of_the_sink() {
    let plugins = PluginDirectory::new(&["emits-packets"]);
    plugins.install("reshapes", "reshapes-events");
    plugins.put("reshapes.toml", b"without = \"ttl\"");
    let (ended, events) = replay(&plugins, "[plugins.reshapes]\ninput = \"emits-packets\"");
    ended.assert_clean();
    assert_eq!(events.len(), DEMO_PACKETS);
    for (n, event) in events.iter().enumerate() {
        assert_eq!(event["kind"], "reshaped");
        assert_eq!(
            (&event["plugin"], &event["from"]),
            (&"reshapes".into(), &"emits-packets".into())
        );
        assert_eq!(event["n"], n, "in the order in which they were emitted");
        assert!(event.get("ttl").is_none() && event.get("len").is_some(), "{event}");
    }
    assert!(ended.says(&["reshapes: 330 records = 0 shed + 0 failed + 330 delivered"]));

    // Two of them after each other: the second drops what the first has made of it.
    plugins.install("drops", "drops-events");
    let config = "[plugins.reshapes]\ninput = \"emits-packets\"\n\
                  [plugins.drops]\ninput = \"reshapes\"";
    let (ended, events) = replay(&plugins, config);
    ended.assert_clean();
    assert_eq!(events, Vec::<Value>::new());
    assert!(ended.says(&["drops: 330 records = 0 shed + 0 failed + 330 delivered"]));
}

#[test]
fn events_for_an_exporter_that_is_refused_go_nowhere_and_hold_nobody_up() {
    let plugins = PluginDirectory::new(&["emits-packets", "reshapes-events"]);
    let config = "[plugins.reshapes-events]\ninput = \"emits-packets\"\ngrants = [\"log\"]\n\
                  queue_records = 1024";
    let captures = ["demo.pcap"; 5];
    let directory = TempDir::new().unwrap();
    let mut ringtap = Command::new(binary());
    ringtap.arg("replay").args(captures.map(capture));
    ringtap.args(["--config", &config_file(&directory, config)]);
    ringtap.args(["--events", "none", "--print", "metrics"]);
    let ended = finish(ringtap.args(["--plugins", plugins.as_str()]));
    assert_eq!(ended.code, Some(4), "{:#?}", ended.log);
    assert!(ended.says(&["plugin=reshapes-events", "without being granted"]), "{:#?}", ended.log);
    let metrics = Metrics::parse(&ended.stdout);
    let all = 5 * DEMO_PACKETS as u64;
    assert_eq!(edge(&metrics, "reshapes-events", "emits-packets"), [all, all, 0, 0]);
    assert_eq!(metrics.records("emits-packets"), [all, 0, 0, all]);
    assert_eq!(metrics.sum("ringtap_events_emitted_total", &[]), 0);
}

#[test]
fn events_of_several_plugins_can_be_joined() {
    let plugins = PluginDirectory::new(&["joins-events"]);
    for name in ["one", "two"] {
        plugins.install(name, "emits-packets");
    }
    let (ended, _) = replay(&plugins, "[plugins.joins-events]\ninput = [\"one\", \"two\"]");
    ended.assert_clean();
    let all = 2 * DEMO_PACKETS;
    let line = format!("joins-events: {all} records = 0 shed + 0 failed + {all} delivered");
    assert!(ended.says(&[&line]), "{:#?}", ended.log);
}

#[test]
fn what_can_not_be_connected_is_refused_by_name() {
    let plugins = PluginDirectory::new(&["counts", "reshapes-events", "emits-packets"]);
    plugins.put("picky.wasm", &wanting(&[Wish::new("web", "tcp")]));
    plugins.install("keeps", "keeps-tcp");
    let config = "[plugins.emits-packets]\ninput = \"counts\"\n[plugins.picky]\ninput = \"keeps\"";
    let (ended, _) = replay(&plugins, config);
    assert_eq!(ended.code, Some(4), "{:#?}", ended.log);
    for (plugin, why) in [
        ("emits-packets", "its input `counts` gives no records, since it does not export `filter`"),
        ("picky", "states interests of its own, and gets what its input keeps"),
        ("reshapes-events", "exports `exporter` and gets no events: set `input`"),
    ] {
        let said = ended
            .log
            .iter()
            .any(|line| line.contains(&format!("plugin={plugin} ")) && line.contains(why));
        assert!(said, "{plugin}: {why} in {:#?}", ended.log);
    }
    // A cycle is a matter of the configuration alone.
    for (config, at) in [
        ("[plugins.a]\ninput = \"a\"", ":2:1: plugins.a.input: "),
        (
            "[plugins.a]\ninput = \"b\"\n[plugins.b]\ninput = [\"c\", \"x\"]\n[plugins.c]\ninput = \"a\"",
            ":4:1: plugins.b.input: ",
        ),
    ] {
        let (ended, _) = replay(&plugins, config);
        assert_eq!(ended.code, Some(2), "{:#?}", ended.log);
        let why = "what the plugin gives comes back to it that way";
        assert!(ended.says(&[at, why]), "{:#?}", ended.log);
    }
}

#[test]
fn check_says_beforehand_what_does_not_fit() {
    let plugins = PluginDirectory::new(&["counts", "reshapes-events", "keeps-tcp"]);
    plugins.install("down", "counts");
    plugins.install("last", "counts");
    let directory = TempDir::new().unwrap();
    let text = "[plugins.down]\ninput = \"keeps-tcp\"\n[plugins.last]\ninput = \"nobody\"";
    let mut ringtap = Command::new(binary());
    ringtap.args(["check", "-i", "lo", "--config", &config_file(&directory, text)]);
    let ended = finish(ringtap.args(["--plugins", plugins.as_str()]));
    let says = |what: &[&str]| {
        ended.stdout.lines().any(|line| what.iter().all(|part| line.contains(part)))
    };
    assert!(says(&["ok", "plugin down"]), "{}", ended.stdout);
    assert!(says(&["FAIL", "plugin last", "its input `nobody` is not there"]), "{}", ended.stdout);
    let why = "exports `exporter` and gets no events";
    assert!(says(&["FAIL", "plugin reshapes-events", why]), "{}", ended.stdout);
}
