use std::{fs, os::unix::fs::MetadataExt, path::Path};

use ringtap_kit::Language;
use serde_json::Value;

use crate::support::{made, possible, replace, run};

/// Every template counts by protocol, under names of its own.
fn is_whole(language: Language) {
    if !possible(language) {
        return;
    }
    let name = format!("my-{language}");
    let (_parent, folder) = made(&name, language);

    let built = run(&folder, &["plugin", "build"]);
    assert_eq!(built.code, Some(0), "{built:#?}");
    let summary = built.stdout.lines().last().unwrap();
    assert!(summary.starts_with(&format!("{name}.wasm: ")), "{summary}");
    assert!(summary.contains("; exports aggregate, lifecycle, state; "), "{summary}");
    let component = folder.join(format!("{name}.wasm"));
    assert_eq!(fs::metadata(&component).unwrap().mode() & 0o7777, 0o644);

    let capture = "tests/mixed/packets.pcap";
    let wasm = format!("{name}.wasm");
    let replayed = run(&folder, &["replay", capture, "--plugin", &wasm, "--print", "metrics"]);
    assert_eq!(replayed.code, Some(0), "{replayed:#?}");
    let ident = name.replace('-', "_");
    // As tshark counts them in that capture.
    for (protocol, packets) in [("tcp", 249), ("udp", 44), ("icmp", 18), ("icmp6", 18)] {
        let series =
            format!("{ident}_packets_total{{protocol=\"{protocol}\",plugin=\"{name}\"}} {packets}");
        assert!(replayed.stdout.lines().any(|line| line == series), "no {series}");
    }

    let tested = run(&folder, &["plugin", "test"]);
    assert_eq!(tested.code, Some(0), "{tested:#?}");
}

#[test]
fn a_project_in_rust_is_whole() {
    is_whole(Language::Rust);
}

/// The other target, whose component imports WASI.
#[test]
fn a_project_in_rust_builds_for_wasi() {
    if !possible(Language::Rust) {
        return;
    }
    let (_parent, folder) = made("for-wasi", Language::Rust);
    let manifest = folder.join("plugin.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text + "target = \"wasm32-wasip2\"\n").unwrap();
    let built = run(&folder, &["plugin", "build"]);
    if built.says(&["lacks the target wasm32-wasip2"]) {
        return ringtap_tests::skip("Rust for WASI: rustup target add wasm32-wasip2");
    }
    assert_eq!(built.code, Some(0), "{built:#?}");
    let summary = built.stdout.lines().last().unwrap();
    assert!(summary.contains("; exports aggregate, lifecycle, state; "), "{summary}");
    assert!(summary.ends_with(" of WASI"), "{summary}");
    let tested = run(&folder, &["plugin", "test"]);
    assert_eq!(tested.code, Some(0), "{tested:#?}");
}

#[test]
fn a_project_in_c_is_whole() {
    is_whole(Language::C);
}

#[test]
fn a_project_in_cpp_is_whole() {
    is_whole(Language::Cpp);
}

#[test]
fn a_project_in_go_is_whole() {
    is_whole(Language::Go);
}

#[test]
fn a_project_in_js_is_whole() {
    is_whole(Language::Js);
}

#[test]
fn a_project_in_ts_is_whole() {
    is_whole(Language::Ts);
}

#[test]
fn a_project_in_python_is_whole() {
    is_whole(Language::Python);
}

#[test]
fn a_project_in_zig_is_whole() {
    is_whole(Language::Zig);
}

/// Allocations of the plugin's own code, and the records over which they were counted.
fn allocations(folder: &Path) -> (u64, u64) {
    let built = run(folder, &["plugin", "build"]);
    assert_eq!(built.code, Some(0), "{built:#?}");
    let ended = run(folder, &["plugin", "bench", "--rounds", "1", "--json", "allocates.wasm"]);
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let told: Value = serde_json::from_str(&ended.stdout).unwrap();
    let allocations = &told["allocations"];
    assert!(allocations["handed_over"].as_u64().unwrap() > 0, "{told}");
    (allocations["own"].as_u64().unwrap(), allocations["items"].as_u64().unwrap())
}

#[test]
fn a_bench_counts_what_a_plugin_allocates() {
    if !possible(Language::Rust) {
        return;
    }
    let (_parent, folder) = made("allocates", Language::Rust);
    let (before, records) = allocations(&folder);
    assert!(before < records / 8, "{before} of {records} records");
    let count = "self.count(&packet);";
    let boxed = format!("drop(std::hint::black_box(Box::new(1_u64)));\n            {count}");
    assert_eq!(replace(&folder, count, &boxed), 1);
    assert_eq!(allocations(&folder), (before + records, records));
}

#[test]
fn every_template_has_its_test() {
    use Language::{C, Cpp, Go, Js, Python, Rust, Ts, Zig};
    let tested = [Rust, C, Cpp, Go, Js, Ts, Python, Zig];
    for offered in ringtap_kit::new::languages() {
        assert!(tested.contains(&offered), "{offered}: write a test above");
    }
}
