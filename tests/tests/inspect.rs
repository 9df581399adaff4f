//! `ringtap plugin inspect`: what a file is, what it asks for, and whether it would be loaded.

use std::{
    fs::{self, File},
    path::Path,
    process::Command,
};

use ringtap_tests::{BadPlugin, Ended, PluginDirectory, binary, bundled, config_file, finish};
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
    assert!(lines.contains(&"roles:    lifecycle, aggregate"), "{ended:#?}");
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
    assert_eq!(told["limits"]["memory_bytes"], json!(64 << 20));
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
