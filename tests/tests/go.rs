//! Plugins in Go: what its runtime wants of an operating system comes from the SDK's adapter.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use ringtap_tests::{binary, capture, finish, output, skip};

/// A project in the checkout, built, and what the build said; `None` where there is no Go.
fn built(project: &str, name: &str) -> Option<(PathBuf, String)> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(project);
    let built = output(Command::new(binary()).args(["plugin", "build"]).arg(&project));
    let said = String::from_utf8_lossy(&built.stderr) + String::from_utf8_lossy(&built.stdout);
    if said.contains("is not installed") || said.contains("unrecognized subcommand") {
        skip(format_args!("{}: {}", project.display(), said.lines().next().unwrap_or_default()));
        return None;
    }
    assert!(built.status.success(), "{said}");
    Some((project.join(name).with_extension("wasm"), said.into_owned()))
}

#[test]
fn what_it_prints_and_its_panics_can_be_read_in_the_log() {
    let Some((component, _)) = built("tests/go/speaks", "speaks") else { return };
    let mut replay = Command::new(binary());
    replay.arg("replay").arg(capture("demo.pcap")).arg("--plugin").arg(component);
    let ended = finish(&mut replay);
    for (level, line) in [
        ("INFO", "plugin: to standard output plugin=speaks"),
        ("ERROR", "plugin: half a line, and its end plugin=speaks"),
        ("ERROR", "plugin: no ASCII: ? plugin=speaks"),
        ("ERROR", "plugin: panic: assignment to entry in nil map plugin=speaks"),
        ("ERROR", "example.com/speaks/speaks.go:25"),
        ("ERROR", "the plugin has failed"),
    ] {
        assert!(ended.says(&[level, line]), "no {level} {line} in {:#?}", ended.log);
    }
    ended.assert_clean();
}

#[test]
fn a_component_imports_what_its_code_reaches_and_no_wasi() {
    let sieve = built("tests/conformance/go/sieve", "sieve");
    let Some((component, _)) = sieve else { return };
    let inspect = finish(Command::new(binary()).args(["plugin", "inspect"]).arg(component));
    let imports: Vec<_> = inspect
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("import:"))
        .map(str::trim)
        .collect();
    assert_eq!(
        imports,
        [
            "ringtap:plugin/metrics@0.1.0 (granted)",
            "ringtap:plugin/types@0.1.0 (types only, nothing to grant)"
        ]
    );
}
