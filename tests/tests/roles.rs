//! What `ringtap plugin inspect` reads off guests of each role, before any of them runs.

use std::process::Command;

use ringtap_tests::{binary, finish, guest};
use serde_json::Value;

fn inspect(name: &str) -> Value {
    let ended =
        finish(Command::new(binary()).args(["plugin", "inspect", "--json"]).arg(guest(name)));
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:#?}"))
}

fn roles(told: &Value) -> Vec<&str> {
    told["roles"].as_array().unwrap().iter().map(|role| role.as_str().unwrap()).collect()
}

/// Interfaces that it imports, without those that hold types only.
fn imports(told: &Value) -> Vec<&str> {
    let names = told["imports"].as_array().unwrap().iter();
    let names = names.map(|import| import["name"].as_str().unwrap());
    let mut names: Vec<_> = names.filter(|name| !name.ends_with("/types@0.1.0")).collect();
    names.sort_unstable();
    names
}

#[test]
fn a_plugin_has_the_roles_that_it_exports_and_wants_what_its_code_reaches() {
    const METRICS: &str = "ringtap:plugin/metrics@0.1.0";
    const EVENTS: &str = "ringtap:plugin/events@0.1.0";
    let aggregate = &["lifecycle", "aggregate"][..];
    let with_state = &["lifecycle", "aggregate", "state"][..];
    let filter = &["lifecycle", "filter"][..];
    let exporter = &["lifecycle", "exporter"][..];
    for (name, has, wants) in [
        ("continues", with_state, &[METRICS][..]),
        ("refuses-save", with_state, &[METRICS]),
        ("traps-in-save", with_state, &[METRICS]),
        ("refuses-restore", with_state, &[METRICS]),
        ("traps-in-restore", with_state, &[METRICS]),
        ("keeps-tcp", filter, &[METRICS]),
        ("keeps-every-second", filter, &[]),
        ("wrong-bitmap", filter, &[]),
        ("reshapes-events", exporter, &[EVENTS]),
        ("drops-events", exporter, &[EVENTS, METRICS]),
        ("joins-events", exporter, &[EVENTS, METRICS]),
        ("uses-kv", aggregate, &["ringtap:plugin/kv@0.1.0", METRICS]),
        ("uses-random", aggregate, &[EVENTS, "ringtap:plugin/random@0.1.0"]),
        ("leaks-handles", aggregate, &[METRICS, "wasi:cli/stdout@0.2.0", "wasi:io/streams@0.2.0"]),
        (
            "sleeps-in-host-call",
            aggregate,
            &[METRICS, "wasi:clocks/monotonic-clock@0.2.0", "wasi:io/poll@0.2.0"],
        ),
    ] {
        let told = inspect(name);
        assert_eq!((roles(&told).as_slice(), imports(&told).as_slice()), (has, wants), "{name}");
    }
}

#[test]
fn a_plugin_whose_roles_are_not_what_they_should_be_is_refused() {
    for (name, why) in [
        ("two-roles", "exports both `aggregate` and `filter`: a plugin has one of the roles"),
        ("wrong-filter", "is a component of another world: a function has another type"),
        ("wrong-state", "is a component of another world: "),
    ] {
        let told = inspect(name);
        assert_eq!(told["accepted"], Value::Bool(false), "{name}");
        let refusals = told["refusals"].as_array().unwrap();
        let says = |it: &Value| it.as_str().is_some_and(|text| text.contains(why));
        assert!(refusals.iter().any(says), "{name}: {refusals:?}");
    }
}
