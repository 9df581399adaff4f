//! What plugins are granted, and what becomes of those that want more.

use std::process::Command;

use ringtap_tests::{
    Ended, Metrics, PluginDirectory, binary, bundled, capture, config_file, finish, importing_kv,
    printing,
};
use serde_json::{Value, json};

/// Packets of `demo.pcap`.
const PACKETS: f64 = 330.0;

const REFUSED: i32 = 4;

/// Without an event on stdout.
fn replay(plugins: &PluginDirectory, config: &str) -> Ended {
    let directory = tempfile::tempdir().unwrap();
    let config = config_file(&directory, config);
    let mut command = Command::new(binary());
    command.arg("replay").arg(capture("demo.pcap")).args(["--print", "metrics"]);
    finish(command.args(["--config", &config, "--plugins", plugins.as_str()]))
}

fn delivered(ended: &Ended, plugin: &str) -> f64 {
    Metrics::parse(&ended.stdout).sum("ringtap_plugin_delivered_total", &[("plugin", plugin)])
        as f64
}

fn inspect(plugins: &PluginDirectory, name: &str, config: &str) -> (Ended, Value) {
    let directory = tempfile::tempdir().unwrap();
    let config = config_file(&directory, config);
    let file = plugins.path().join(format!("{name}.wasm"));
    let inspect = |more: &[&str]| {
        let mut command = Command::new(binary());
        command.args(["plugin", "inspect", "--config", &config]).arg(&file).args(more);
        finish(&mut command)
    };
    let told = inspect(&["--json"]);
    (inspect(&[]), serde_json::from_str(&told.stdout).unwrap())
}

#[test]
fn what_is_not_granted_is_refused_and_its_neighbours_run_on() {
    let plugins = PluginDirectory::new(&["counts"]);
    plugins.put("stores.wasm", &importing_kv());
    let why = "imports `ringtap:plugin/kv@0.1.0` without being granted `kv`: grant that with \
               `grants = [\"log\", \"clock\", \"interfaces\", \"metrics\", \"events\", \
               \"random\", \"kv\"]` in [plugins.NAME]";
    let ended = replay(&plugins, "");
    assert_eq!(ended.code, Some(REFUSED), "{ended:#?}");
    assert!(ended.says(&["ERROR", "plugin=stores", why]), "{ended:#?}");
    assert_eq!(delivered(&ended, "counts"), PACKETS);

    let (ended, told) = inspect(&plugins, "stores", "");
    assert_eq!(ended.code, Some(REFUSED), "{ended:#?}");
    let wanted = json!([{
        "name": "ringtap:plugin/kv@0.1.0",
        "verdict": "not granted",
        "reason": why,
    }]);
    assert_eq!((&told["imports"], &told["refusals"]), (&wanted, &json!([why])));
    let line = "import:   ringtap:plugin/kv@0.1.0 (not granted)";
    assert!(ended.stdout.lines().any(|told| told == line), "{ended:#?}");
}

#[test]
fn a_list_of_its_own_takes_away_what_others_have() {
    let plugins = PluginDirectory::new(&["counts"]);
    plugins.put("more.wasm", &std::fs::read(plugins.path().join("counts.wasm")).unwrap());
    let ended = replay(&plugins, "[plugins.counts]\ngrants = [\"log\"]\n");
    assert_eq!(ended.code, Some(REFUSED), "{ended:#?}");
    let lacks = "without being granted `metrics`: add \"metrics\" to the `grants` of its";
    assert!(ended.says(&["ERROR", "plugin=counts", lacks]), "{ended:#?}");
    assert_eq!(delivered(&ended, "more"), PACKETS);
}

#[test]
fn what_is_granted_for_nothing_is_noted() {
    let plugins = PluginDirectory::new(&[]);
    plugins.put("talkers.wasm", &std::fs::read(bundled("top-talkers")).unwrap());
    let directory = tempfile::tempdir().unwrap();
    let every = "[\"log\", \"clock\", \"interfaces\", \"metrics\", \"events\", \"random\"]";
    let config = config_file(&directory, &format!("[plugins.talkers]\ngrants = {every}\n"));
    let mut command = Command::new(binary());
    let ended = finish(command.args(["check", "--config", &config, "--plugins", plugins.as_str()]));
    let note = "note plugins: `grants` of [plugins.talkers] has more than it imports: ";
    let line = ended.stdout.lines().find_map(|line| line.strip_prefix(note));
    assert!(line.unwrap_or_else(|| panic!("{ended:#?}")).contains("random"), "{ended:#?}");
}

#[test]
fn what_a_guest_prints_is_logged_under_its_name_where_log_is_granted() {
    let plugins = PluginDirectory::new(&[]);
    plugins.put("prints.wasm", &printing());
    let ended = replay(&plugins, "");
    ended.assert_clean();
    for (level, text) in [("INFO", "one"), ("INFO", "two"), ("WARN", "three")] {
        let is_it = |line: &&String| line.contains("plugin=prints") && line.contains(text);
        let lines: Vec<_> = ended.log.iter().filter(is_it).collect();
        assert!(matches!(lines.as_slice(), [line] if line.contains(level)), "{text}: {ended:#?}");
    }
    assert_eq!(delivered(&ended, "prints"), PACKETS);

    let silent = replay(&plugins, "[plugins.prints]\ngrants = []\n");
    silent.assert_clean();
    assert!(!silent.says(&["plugin=prints", "one"]), "{silent:#?}");
    assert_eq!(delivered(&silent, "prints"), PACKETS);
}

#[test]
fn imports_of_wasi_are_told_as_what_they_do() {
    let plugins = PluginDirectory::new(&[]);
    plugins.put("prints.wasm", &printing());
    let import = |name: &str, by: Option<&str>| match by {
        Some(by) => json!({ "name": name, "verdict": "granted", "by": by }),
        None => json!({ "name": name, "verdict": "inert" }),
    };
    for (config, by) in [("", Some("log")), ("[plugins.prints]\ngrants = []\n", None)] {
        let (ended, told) = inspect(&plugins, "prints", config);
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        let wanted = json!([
            import("wasi:io/streams@0.2.3", None),
            import("wasi:cli/stdout@0.2.3", by),
            import("wasi:cli/stderr@0.2.3", by),
        ]);
        assert_eq!(told["imports"], wanted);
    }
}
