//! Components that were built with an earlier SDK still do the same, and those of a later package are
//! refused.
//!
//! In Rust, C and Go. Components of scripts have more than 10 MB each, most of it an engine that is not
//! ours: they are left out here, and today's are held to the same cases by the conformance tests.

use std::{fs, path::PathBuf, process::Command};

use ringtap_tests::{PluginDirectory, binary, capture, finish};

/// The plugins of a version of the package, as they were built then.
fn yesterday(version: &str, name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("yesterday").join(version);
    folder.join(format!("{name}.wasm"))
}

/// The cases of the conformance plugins hold the host to every call, metric, event and byte of state.
#[test]
fn plugins_of_0_1_0_do_what_they_did() {
    let in_rust = ["meter", "sieve", "scribe"];
    let others = ["c/meter", "c/sieve", "c/scribe", "go/meter"];
    for name in in_rust.into_iter().chain(others) {
        let (_, plugin) = name.rsplit_once('/').unwrap_or(("", name));
        let cases =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("conformance/cases").join(plugin);
        let mut ringtap = Command::new(binary());
        ringtap.args(["plugin", "test", "--log", "off"]).arg(yesterday("0.1.0", name));
        let ended = finish(ringtap.arg("--cases").arg(cases));
        assert_eq!(ended.code, Some(0), "{name}: {}{:#?}", ended.stdout, ended.log);
    }
}

/// A reload from yesterday's version to today's keeps the state.
#[test]
fn a_state_of_0_1_0_is_taken_over() {
    let today = ringtap_tests::guest("meter");
    let cases = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("conformance/cases/meter");
    for old in ["meter", "c/meter", "go/meter"] {
        let mut ringtap = Command::new(binary());
        ringtap.args(["plugin", "test", "--log", "off", "--only", "state"]).arg(&today);
        ringtap.arg("--cases").arg(&cases).arg("--old").arg(yesterday("0.1.0", old));
        let ended = finish(&mut ringtap);
        assert_eq!(ended.code, Some(0), "{old}: {}{:#?}", ended.stdout, ended.log);
    }
}

/// The same component, but for the version that it was built for.
fn of_version(version: &[u8; 5]) -> Vec<u8> {
    let mut wasm = fs::read(yesterday("0.1.0", "sieve")).unwrap();
    let (package, ours) = (b"ringtap:plugin/", b"@0.1.0");
    let mut changed = 0;
    for at in 0..wasm.len() - ours.len() {
        let begins = wasm[..at].windows(package.len()).rev().take(16).any(|text| text == package);
        if begins && wasm[at..].starts_with(ours) {
            wasm[at + 1..at + ours.len()].copy_from_slice(version);
            changed += 1;
        }
    }
    assert!(changed > 3, "{changed}");
    wasm
}

#[test]
fn a_component_of_a_later_package_is_refused_by_both_versions() {
    let plugins = PluginDirectory::new(&[]);
    plugins.put("later.wasm", &of_version(b"0.2.0"));
    let mut ringtap = Command::new(binary());
    ringtap.args(["replay", "--plugins", plugins.as_str()]).arg(capture("demo.pcap"));
    let ended = finish(&mut ringtap);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let words = ["is built for ringtap:plugin@0.2.0", "0.1.0"];
    assert!(ended.says(&words), "{:#?}", ended.log);
    // The same bytes with the version that is there are a good plugin.
    plugins.remove("later.wasm");
    plugins.put("later.wasm", &of_version(b"0.1.0"));
    assert_eq!(finish(&mut ringtap).code, Some(0));
}
