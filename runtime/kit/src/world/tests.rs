use super::*;

const LIFECYCLE: &str = r#"
  (func (export "ringtap:plugin/lifecycle@0.1.0#describe") (result i32) unreachable)
  (func (export "ringtap:plugin/lifecycle@0.1.0#init") (param i32 i32) (result i32) unreachable)
  (func (export "ringtap:plugin/lifecycle@0.1.0#tick") (param i64))
  (func (export "ringtap:plugin/lifecycle@0.1.0#stop") (param i64))
"#;

fn infer(fields: &str) -> Result<World, Unfit> {
    let bytes = wat::parse_str(format!("(module {fields})")).unwrap();
    World::infer(&Module::parse(&bytes).unwrap(), &Package::embedded())
}

fn refusal(fields: &str) -> String {
    infer(fields).unwrap_err().to_string()
}

#[test]
fn a_world_has_what_the_names_say_and_no_more() {
    let fields = format!(
        r#"(import "ringtap:plugin/metrics@0.1.0" "update" (func))
        (import "ringtap:plugin/clock@0.1.0" "now-ns" (func))
        (import "wasi_snapshot_preview1" "fd_write" (func))
        {LIFECYCLE}
        (func (export "ringtap:plugin/aggregate@0.1.0#on-packets"))
        (func (export "cabi_post_ringtap:plugin/lifecycle@0.1.0#init"))
        (func (export "_initialize")) (func (export "malloc"))"#
    );
    let world = infer(&fields).unwrap();
    assert_eq!(
        world.text(&Package::embedded()),
        "package ringtap:plugin@0.1.0;\n\nworld app {\n  import clock;\n  import metrics;\n  \
         export aggregate;\n  export lifecycle;\n}\n"
    );
}

#[test]
fn names_of_no_interface_are_refused_with_what_there_is() {
    let cases = [
        (
            r#"(import "ringtap:plugin/metric@0.1.0" "update" (func))"#,
            "ringtap:plugin@0.1.0 has no interface `metric` to import; did you mean `metrics`?",
        ),
        (
            r#"(import "ringtap:plugin/sockets@0.1.0" "open" (func))"#,
            "ringtap:plugin@0.1.0 has no interface `sockets` to import; there are: log, clock, \
             interfaces, metrics, events, kv, random",
        ),
        // It is there, but nothing in it can be called.
        (
            r#"(import "ringtap:plugin/types@0.1.0" "open" (func))"#,
            "ringtap:plugin@0.1.0 has no interface `types` to import; there are: log, clock, \
             interfaces, metrics, events, kv, random",
        ),
        (
            r#"(import "ringtap:plugin/lifecycle@0.1.0" "init" (func))"#,
            "ringtap:plugin@0.1.0 has no interface `lifecycle` to import; there are: log, clock, \
             interfaces, metrics, events, kv, random",
        ),
        (
            r#"(import "ringtap:plugin/clock@0.1.0" "now_ns" (func))"#,
            "`clock` of ringtap:plugin@0.1.0 has no function `now_ns`; did you mean `now-ns`?",
        ),
        (
            r#"(func (export "ringtap:plugin/agregate@0.1.0#on-packets"))"#,
            "ringtap:plugin@0.1.0 has no interface `agregate` to export; did you mean `aggregate`?",
        ),
        (
            r#"(func (export "ringtap:plugin/filter@0.1.0#pass"))"#,
            "`filter` of ringtap:plugin@0.1.0 has no function `pass`; there are: keep",
        ),
        (
            r#"(func (export "cabi_post_ringtap:plugin/filter@0.1.0#pass"))"#,
            "`filter` of ringtap:plugin@0.1.0 has no function `pass`; there are: keep",
        ),
        (
            r#"(import "env" "memcpy" (func))"#,
            "it imports `memcpy` from `env`, which no host provides: link the code that has it, or \
             build without it (a plugin may import log, clock, interfaces, metrics, events, kv, \
             random of ringtap:plugin@0.1.0)",
        ),
        (
            r#"(func (export "wasi:cli/run@0.2.0#run"))"#,
            "it exports `wasi:cli/run@0.2.0#run`, which no host calls: a plugin exports lifecycle, \
             aggregate, filter, exporter, state of ringtap:plugin@0.1.0",
        ),
    ];
    for (fields, text) in cases {
        assert_eq!(refusal(fields), text);
    }
}

#[test]
fn another_version_is_refused_with_both() {
    assert_eq!(
        refusal(r#"(import "ringtap:plugin/clock@0.2.0" "now-ns" (func))"#),
        "it is built for ringtap:plugin@0.2.0 (`ringtap:plugin/clock@0.2.0`) and the package here \
         is ringtap:plugin@0.1.0: build it with an SDK of that, or take `wit/` from where its SDK is from"
    );
    let refused = refusal(r#"(func (export "ringtap:plugin/state#save"))"#);
    assert!(refused.starts_with("it is built for ringtap:plugin without a version ("), "{refused}");
}

#[test]
fn roles_are_whole_and_one_is_worked_in() {
    assert_eq!(
        refusal(r#"(func (export "ringtap:plugin/aggregate@0.1.0#on-packets"))"#),
        "it does not export `lifecycle` of ringtap:plugin@0.1.0, which every plugin has"
    );
    assert_eq!(
        refusal(&format!(r#"{LIFECYCLE} (func (export "ringtap:plugin/state@0.1.0#save"))"#)),
        "it exports the role `state` without its function `restore`: export \
         `ringtap:plugin/state@0.1.0#restore` too"
    );
    let two = r#"(func (export "ringtap:plugin/filter@0.1.0#keep"))
        (func (export "ringtap:plugin/exporter@0.1.0#on-events"))"#;
    assert_eq!(
        refusal(&format!("{LIFECYCLE} {two}")),
        "it exports both `filter` and `exporter`: a plugin has one of the roles aggregate, filter \
         and exporter"
    );
    let only = infer(LIFECYCLE).unwrap();
    assert_eq!(only.roles, BTreeSet::from(["lifecycle".to_owned()]));
    assert_eq!(only.capabilities, BTreeSet::new());
}
