//! `ringtap plugin inspect`: what a file is, what it asks for, and whether it would be loaded.

use std::{
    fs::{self, File},
    path::Path,
    process::Command,
};

use ringtap_tests::{
    BadPlugin, Ended, PluginDirectory, binary, bundled, config_file, finish, guest,
};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::{Value, json};

const ACCEPTED: i32 = 0;
const REFUSED: i32 = 4;

fn inspect(file: &Path, arguments: &[&str]) -> Ended {
    finish(Command::new(binary()).args(["plugin", "inspect"]).arg(file).args(arguments))
}

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:#?}"))
}

#[test]
fn a_good_plugin_is_described() {
    let path = bundled("top-talkers");
    let ended = inspect(&path, &[]);
    assert_eq!((ended.code, ended.log.len()), (Some(ACCEPTED), 0), "{ended:#?}");
    let lines: Vec<_> = ended.stdout.lines().collect();
    assert_eq!(lines[0], format!("path:     {}", path.display()));
    assert_eq!(lines[2], format!("size:     {} bytes", fs::metadata(&path).unwrap().len()));
    assert!(lines.contains(&"name:     top-talkers"), "{ended:#?}");
    assert!(lines.contains(&"roles:    lifecycle, aggregate, state"), "{ended:#?}");
    assert!(lines.contains(&"import:   ringtap:plugin/metrics@0.1.0 (granted)"), "{ended:#?}");
    assert_eq!(lines.last(), Some(&"accepted: would be loaded"));
}

#[test]
fn programs_are_told_in_json_with_the_limits_of_the_configuration() {
    let directory = tempfile::tempdir().unwrap();
    let text = "[limits]\nqueue_records = 2048\n[plugins.flow-log]\nmemory = \"1MiB\"\n";
    let config = config_file(&directory, text);
    let told = json(&inspect(&bundled("flow-log"), &["--json", "--config", &config]));
    assert_eq!(told["limits"]["queue_records"], json!(2048));
    assert_eq!(told["limits"]["memory_bytes"], json!(1 << 20));
    // In a mebibyte it has no room to start.
    assert_eq!(told["accepted"], json!(false));
    let told = json(&inspect(&bundled("top-talkers"), &["--json", "--config", &config]));
    assert_eq!(told["limits"]["memory_bytes"], json!(128 << 20));
    assert_eq!((&told["accepted"], &told["refusals"]), (&json!(true), &json!([])));
}

#[test]
fn whatever_is_no_plugin_is_refused_with_the_reason() {
    let directory = PluginDirectory::new(&[]);
    for BadPlugin { name, content, why } in BadPlugin::all() {
        let file = format!("{name}.wasm");
        directory.put(&file, &content);
        let path = directory.path().join(file);
        let ended = inspect(&path, &[]);
        assert_eq!(ended.code, Some(REFUSED), "{name}: {ended:#?}");
        let refused = |line: &str| line.starts_with("refused:  ") && line.contains(why);
        assert!(ended.stdout.lines().any(refused), "{name}: {ended:#?}");
        let told = json(&inspect(&path, &["--json"]));
        assert_eq!(told["accepted"], json!(false), "{name}");
        let refusals = told["refusals"].as_array().unwrap();
        assert!(refusals.iter().any(|it| it.as_str().unwrap().contains(why)), "{name}: {told}");
    }
}

#[test]
fn a_name_that_no_plugin_can_have_is_refused() {
    let directory = PluginDirectory::new(&[]);
    directory.put("a b.wasm", &fs::read(bundled("top-talkers")).unwrap());
    let ended = inspect(&directory.path().join("a b.wasm"), &[]);
    assert_eq!(ended.code, Some(REFUSED), "{ended:#?}");
    assert!(ended.stdout.contains("\"a b\" is no plugin name"), "{ended:#?}");
}

#[test]
fn what_can_not_be_read_is_told_and_never_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name| directory.path().join(name);
    mknodat(CWD, at("fifo"), FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    fs::create_dir(at("directory")).unwrap();
    File::create(at("huge")).unwrap().set_len(1 << 40).unwrap();
    for (name, why) in [
        ("fifo", "is no regular file"),
        ("directory", "is no regular file"),
        ("huge", "is larger than the limit of 67108864 bytes"),
        ("missing", "can't be read: No such file or directory"),
    ] {
        let ended = inspect(&at(name), &[]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(REFUSED), ""), "{name}: {ended:#?}");
        assert!(ended.says(&["ringtap: ", name, why]), "{name}: {ended:#?}");
    }
}

/// A plugin and a configuration that narrows it so.
fn inspect_narrowed(guest: &str, own: &str) -> (Ended, Value) {
    let (directory, plugins) = (tempfile::tempdir().unwrap(), PluginDirectory::new(&[guest]));
    let config = config_file(&directory, &format!("[plugins.{guest}]\n{own}"));
    let path = plugins.path().join(format!("{guest}.wasm"));
    let told = json(&inspect(&path, &["--json", "--config", &config]));
    (inspect(&path, &["--config", &config]), told)
}

fn interest(filter: &str, sample_one_in: u32, sample_by: &str, payload: u16) -> Value {
    json!({
        "filter": filter,
        "sample_one_in": sample_one_in,
        "sample_by": sample_by,
        "payload": payload,
    })
}

#[test]
fn interests_are_told_with_what_the_configuration_leaves_of_them() {
    let own = "filter = \"dst host 10.0.0.2\"\nsample = \"1/100\"\nsample_by = \"flow\"\n";
    let (ended, told) = inspect_narrowed("interest-web", own);
    assert_eq!(ended.code, Some(ACCEPTED), "{ended:#?}");
    let granted = "(tcp dst port 443) and (dst host 10.0.0.2)";
    let lines = [
        "interest: web: tcp dst port 443; headers only".to_owned(),
        format!("granted:  web: {granted}; a sample of 1/100 by flow; headers only"),
    ];
    for line in lines {
        assert!(ended.stdout.lines().any(|told| told == line), "{line}: {ended:#?}");
    }
    let wanted = json!([{
        "name": "web",
        "asked": interest("tcp dst port 443", 1, "packet", 0),
        "granted": interest(granted, 100, "flow", 0),
    }]);
    assert_eq!(told["interests"], wanted);

    let (_, told) = inspect_narrowed("interest-payload", "payload = 16");
    let wanted = json!([{
        "name": "udp",
        "asked": interest("udp", 1, "packet", 64),
        "granted": interest("udp", 1, "packet", 16),
    }]);
    assert_eq!((&told["interests"], &told["accepted"]), (&wanted, &json!(true)));
}

#[test]
fn a_sample_of_its_own_is_kept_where_it_is_smaller() {
    for (guest, own, one_in, by) in [
        ("interest-sampled", "sample = \"1/2\"", 10, "packet"),
        ("interest-sampled", "sample = \"1/20\"", 20, "packet"),
        ("interest-sampled-flows", "sample = \"1/2\"", 10, "flow"),
    ] {
        let (_, told) = inspect_narrowed(guest, own);
        let granted = &told["interests"][0]["granted"];
        assert_eq!(*granted, interest("", one_in, by, 0), "{guest}, {own}");
    }
}

#[test]
fn a_plugin_that_states_nothing_wants_every_packet() {
    let told = json(&inspect(&bundled("top-talkers"), &["--json"]));
    let every = interest("", 1, "packet", 0);
    let wanted = json!([{ "name": "everything", "asked": every, "granted": every }]);
    assert_eq!(told["interests"], wanted);
}

#[test]
fn a_configuration_that_leaves_nothing_of_an_interest_is_told() {
    let (ended, told) = inspect_narrowed("interest-two", "filter = \"udp\"");
    assert_eq!(ended.code, Some(REFUSED), "{ended:#?}");
    let why = "interest `icmp`: its filter and the one that is configured for the plugin don't go \
               together: no packet can match: protocol 17 (udp) and protocol 1 (icmp) exclude each \
               other, in: >>(icmp or icmp6) and (udp)<<";
    assert_eq!((&told["accepted"], &told["refusals"]), (&json!(false), &json!([why])));
    assert_eq!(told["interests"][0]["granted"], interest("(udp) and (udp)", 1, "packet", 0));
    assert_eq!(told["interests"][1]["granted"], Value::Null);
    assert!(ended.stdout.contains(&format!("refused:  {why}")), "{ended:#?}");
}

#[test]
fn a_filter_that_is_none_is_pointed_into() {
    let ended = inspect(&guest("interest-bad-filter"), &[]);
    assert_eq!(ended.code, Some(REFUSED), "{ended:#?}");
    assert!(ended.stdout.contains(", in: tcp and port >>99999<<"), "{ended:#?}");
}
