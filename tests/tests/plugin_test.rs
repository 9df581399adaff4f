//! `ringtap plugin test`: what it finds, how it says it, and what it does with cases that make no
//! sense. `ringtap plugin bench`: that what it tells is there.

use std::{fs, path::Path, process::Command};

use rayon::prelude::*;
use ringtap_tests::{Ended, binary, built, bundled, capture, finish, guest, skip};
use serde_json::Value;
use tempfile::TempDir;

/// Cases in a folder of their own.
struct Cases(TempDir);

impl Cases {
    /// With one case, `one`.
    fn new(text: &str) -> Self {
        let cases = Self(TempDir::new().unwrap());
        cases.write("one", "case.toml", text);
        cases
    }

    /// Of `demo.pcap`, with more lines.
    fn demo(more: &str) -> Self {
        Self::new(&format!("capture = {:?}\n{more}", capture("demo.pcap")))
    }

    fn write(&self, case: &str, file: &str, text: &str) {
        fs::create_dir_all(self.0.path().join(case)).unwrap();
        fs::write(self.0.path().join(case).join(file), text).unwrap();
    }

    fn read(&self, case: &str) -> String {
        fs::read_to_string(self.0.path().join(case).join("expected.txt")).unwrap()
    }

    fn test(&self, component: &Path, arguments: &[&str]) -> Ended {
        let mut ringtap = Command::new(binary());
        ringtap.args(["plugin", "test", "--log", "off"]).arg(component);
        finish(ringtap.arg("--cases").arg(self.0.path()).args(arguments))
    }

    /// What it says of a guest that is as it was when the golden file was written.
    fn blessed(&self, component: &Path, arguments: &[&str]) -> Ended {
        let blessed = self.test(component, &["--bless", "--no-chaos"]);
        assert_eq!(blessed.code, Some(0), "{blessed:?}");
        self.test(component, arguments)
    }
}

#[test]
fn a_golden_file_is_what_a_deterministic_replay_does() {
    let cases = Cases::demo("");
    let ended = cases.blessed(&bundled("flow-log"), &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(ended.stdout.contains("case one: ok, "), "{}", ended.stdout);
    let golden = cases.read("one");
    let mut replay = Command::new(binary());
    replay.args(["replay", "--deterministic", "--bundled", "flow-log"]).arg(capture("demo.pcap"));
    let events = finish(&mut replay).stdout;
    assert!(golden.ends_with(&format!("\nevents:\n{events}")), "{golden}");
    let metrics = finish(replay.args(["--print", "metrics"])).stdout;
    let own = |line: &&str| line.starts_with("flow_log_");
    let of = |text: &str| text.lines().filter(own).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(of(&golden), of(&metrics));
    assert!(of(&golden).len() > 3);
}

#[test]
fn something_else_is_told_with_the_command_that_repeats_it() {
    let cases = Cases::demo("");
    cases.blessed(&bundled("top-talkers"), &["--no-chaos"]);
    let right = cases.read("one");
    let line = right.lines().find(|line| line.starts_with("top_talkers_pairs")).unwrap();
    cases.write("one", "expected.txt", &right.replace(line, "top_talkers_pairs 7"));
    let ended = cases.test(&bundled("top-talkers"), &["--seed", "5"]);
    assert_eq!(ended.code, Some(1));
    for text in [
        "case one: FAILED",
        "  plain: something else came of it:\n    line ",
        "      expected top_talkers_pairs 7\n",
        &format!("      found    {line}\n"),
        "--case one --only plain --seed 5\n",
        "1 case: 0 passed, 1 failed",
    ] {
        assert!(ended.stdout.contains(text), "{text:?} in {}", ended.stdout);
    }
}

/// What a variation finds, and the others do not.
fn finds(guest_name: &str, case: &str, kind: &str, words: &[&str]) {
    let cases = Cases::demo(case);
    let component = guest(guest_name);
    let ended = cases.blessed(&component, &[]);
    assert_eq!(ended.code, Some(1), "{guest_name}: {}", ended.stdout);
    let failed = |line: &&str| line.contains(" --only ");
    let failures: Vec<_> = ended.stdout.lines().filter(failed).collect();
    let of_kind = format!(" --only {kind}");
    assert!(!failures.is_empty(), "{}", ended.stdout);
    assert!(failures.iter().all(|line| line.contains(&of_kind)), "{guest_name}: {}", ended.stdout);
    for word in words {
        assert!(ended.stdout.contains(word), "{guest_name}: {word:?} in {}", ended.stdout);
    }
    // The command that repeats it finds it again.
    let (_, one) = failures[0].split_once(" --only ").unwrap();
    let (only, _) = one.split_once(' ').unwrap();
    let again = cases.test(&component, &["--only", only]);
    assert_eq!(again.code, Some(1), "{guest_name}: {only}: {}", again.stdout);
    assert!(again.stdout.contains(&format!("  {only}: ")), "{}", again.stdout);
}

#[test]
fn what_depends_on_batches_is_found() {
    finds("counts-batches", "", "batches", &["found    guest_batches_total"]);
    let cases = Cases::demo("depends_on_batches = true");
    let ended = cases.blessed(&guest("counts-batches"), &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(ended.stdout.contains("left out batches: the case says"), "{}", ended.stdout);
}

#[test]
fn a_state_that_is_not_taken_over_is_found() {
    finds("refuses-restore", "", "state", &["`restore` refused what `save` gave: "]);
    finds("forgets", "", "state", &["\"kind\":\"packets\""]);
}

#[test]
fn trust_in_packets_and_states_is_found() {
    let words = ["random: at record ", "`on-packets` trapped: "];
    finds("trusts-packets", "", "random", &words);
    let words = ["damage:0: `restore` trapped: ", "given a state with nothing in it: 0 bytes"];
    finds("trusts-state", "", "damage", &words);
}

#[test]
fn a_call_that_fails_is_found_in_the_plain_run() {
    let cases = Cases::demo("");
    let ended = cases.test(&guest("traps-on-first-batch"), &["--bless"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stdout.contains("plain: at record 1: `on-packets` trapped"), "{}", ended.stdout);
}

#[test]
fn a_case_that_makes_no_sense_says_what_to_do() {
    let told = |cases: &Cases, plugin: &str, code: i32, words: &str| {
        let ended = cases.test(&bundled(plugin), &[]);
        assert_eq!(ended.code, Some(code), "{words}: {ended:?}");
        assert!(ended.says(&[words]), "{words:?} in {:#?}", ended.log);
    };
    let one = |text: &str, words: &str| told(&Cases::new(text), "flow-log", 2, words);
    one("captrue = \"x.pcap\"", "captrue: no such key; did you mean \"capture\"?");
    one("capture = \"x.pcap\"", "x.pcap is not there: put it there, or correct `capture`");
    one("", "says neither `capture` nor `random` nor `input`");
    one("random = {seed = 1}", "random.packets");
    one("random = {packets = 5}", "expected.txt");
    one("random = {packets = 5}", "have it written with --bless");
    one("random = {packets = 5}\n[plugin]\non_failure = \"restart\"", "on_failure: no such key");
    one("input = \"none.jsonl\"", "can't read");
    let cases = Cases::new("input = \"in.jsonl\"");
    cases.write("one", "in.jsonl", "{\"kind\":\"a\",\"time_ns\":1,\"plugin\":\"p\"}\n{}");
    told(&cases, "flow-log", 2, "line 2 of the input: `kind` is missing, or not a text");
    cases.write("one", "in.jsonl", "{\"kind\":\"a\",\"time_ns\":1,\"plugin\":\"p\"}");
    told(&cases, "flow-log", 2, "`input` is for exporters, and the plugin is none");
    let ended = Cases::demo("").test(&guest("reshapes-events"), &[]);
    assert!(ended.says(&["the plugin is an exporter: give it events"]), "{ended:?}");
    let ended = Cases::demo("").test(&bundled("flow-log"), &["--case", "two"]);
    assert!(ended.says(&["there is no case `two`; there are: one"]), "{ended:?}");
    let empty = Cases(TempDir::new().unwrap());
    told(&empty, "flow-log", 2, "has no cases: make ");
}

#[test]
fn a_file_that_is_no_plugin_ends_with_4() {
    let cases = Cases::demo("");
    for (component, words) in [
        (guest("two-roles"), "the plugin is refused: "),
        (cases.0.path().join("none.wasm"), "can't read"),
        (cases.0.path().join("one"), "build it first, with `ringtap plugin build"),
    ] {
        let ended = cases.test(&component, &[]);
        assert_eq!(ended.code, Some(4), "{words}: {ended:?}");
        assert!(ended.says(&[words]), "{words:?} in {:#?}", ended.log);
    }
}

#[test]
fn a_bench_tells_of_the_plugin_and_of_the_baseline() {
    let mut ringtap = Command::new(binary());
    ringtap.args(["plugin", "bench", "--rounds", "2", "--json"]).arg(bundled("flow-log"));
    let ended = finish(&mut ringtap);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let told: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&told["plugin"], &told["baseline"]), (&"flow-log".into(), &"top-talkers".into()));
    assert_eq!((&told["unit"], &told["lists_per_event"]), (&"record".into(), &Value::Null));
    for (batches, records) in [(0, 256), (1, 1024)] {
        let of = &told["batches"][batches];
        assert_eq!(of["records"], records);
        for plugin in ["plugin_ns", "baseline_ns"] {
            is_summary(&of[plugin]);
        }
    }
    for what in ["memory_bytes", "compile_ms"] {
        assert!(told[what].as_f64().unwrap() > 0.0, "{what}: {told}");
    }
    assert!(told["state"]["bytes"].as_u64().unwrap() > 1000, "{told}");
}

fn is_summary(told: &Value) {
    let [least, median, most] =
        ["least", "median", "most"].map(|what| told[what].as_f64().unwrap());
    assert!(0.0 < least && least <= median && median <= most, "{told}");
}

fn bench(component: &Path, arguments: &[&str]) -> Ended {
    let mut ringtap = Command::new(binary());
    finish(ringtap.args(["plugin", "bench", "--rounds", "2"]).arg(component).args(arguments))
}

#[test]
fn a_bench_of_an_exporter_tells_of_events() {
    let ended = bench(&guest("reshapes-events"), &["--json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let told: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&told["unit"], &told["baseline"]), (&"event".into(), &Value::Null));
    for (batches, events) in [(0, 256), (1, 1024)] {
        let of = &told["batches"][batches];
        assert_eq!((&of["events"], &of["records"]), (&events.into(), &Value::Null));
        assert_eq!(of["baseline_ns"], Value::Null);
        is_summary(&of["plugin_ns"]);
    }
    assert_eq!(told["lists_per_batch"], 1);

    let file = TempDir::new().unwrap();
    let path = file.path().join("events.jsonl");
    fs::write(&path, r#"{"time_ns":1,"kind":"seen","plugin":"counts","n":1,"host":"a"}"#).unwrap();
    let path = path.to_str().unwrap();
    let ended = bench(&guest("reshapes-events"), &["--events", path]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    // Who emitted it, its kind, its fields, the names of two, and a text.
    for line in [
        &format!("ns of CPU time an event, from {path}: median of 2 rounds")[..],
        "No bundled plugin takes events: there is none to compare with.",
        "handed over  6.0 lists and strings an event, 1 list a batch, a cabi_realloc each",
    ] {
        assert!(ended.stdout.contains(line), "{line}: {}", ended.stdout);
    }

    for (component, arguments, why) in [
        (guest("reshapes-events"), ["--capture", path], "an exporter, which takes no packets"),
        (bundled("flow-log"), ["--events", path], "it is no exporter: --events is for those"),
    ] {
        let ended = bench(&component, &arguments);
        assert_eq!(ended.code, Some(4), "{ended:?}");
        assert!(ended.says(&[why]), "{ended:?}");
    }
}

/// Those that are not embedded are built for it.
#[test]
fn bundled_plugins_pass_their_cases() {
    let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins");
    let folders = fs::read_dir(plugins).unwrap().map(|entry| entry.unwrap().path());
    let with_cases: Vec<_> = folders.filter(|folder| has_cases(&folder.join("tests"))).collect();
    let passed = with_cases.par_iter().map(|folder| {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let embedded = Some(bundled(name)).filter(|path| path.is_file());
        let component = match embedded.map_or_else(|| built(folder), Ok) {
            Ok(component) => component,
            Err(lacking) => {
                skip(format_args!("the cases of plugins/{name}: {lacking}"));
                return 0;
            }
        };
        let mut ringtap = Command::new(binary());
        ringtap.args(["plugin", "test"]).arg(component);
        let ended = finish(ringtap.arg("--cases").arg(folder.join("tests")));
        assert_eq!(ended.code, Some(0), "{name}: {}{:#?}", ended.stdout, ended.log);
        1
    });
    assert!(passed.sum::<i32>() > 0, "{with_cases:?}");
}

fn has_cases(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.path().join("case.toml").is_file())
}
