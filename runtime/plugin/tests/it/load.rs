use ringtap_plugin::{Call, CallError, Capability, LoadError, Misfit, NotAComponent, Role};

use crate::support::{SWITCH, SWITCH_WORLD, component, load, switch};

fn misfit(result: Result<ringtap_plugin::Plugin, LoadError>) -> Misfit {
    match result {
        Err(LoadError::Misfit(misfit)) => misfit,
        other => panic!("{other:?}"),
    }
}

fn unedited(module: &str, world: &str) -> Vec<u8> {
    component(module, world, str::to_owned)
}

#[test]
fn a_plugin_says_what_it_is_and_what_it_asks_for() {
    let plugin = load(&switch()).unwrap();
    let description = plugin.description();
    assert_eq!((description.name.as_str(), description.version.as_str()), ("switch", "1.2.3"));
    assert_eq!(description.tick_ms, Some(1000));
    assert_eq!(plugin.roles(), [Role::Lifecycle, Role::Aggregate]);
    let mut granted: Vec<_> = plugin.imports().iter().filter_map(|i| i.capability()).collect();
    granted.sort();
    let all = [Capability::Log, Capability::Clock, Capability::Metrics, Capability::Events];
    assert_eq!(granted, all);
}

#[test]
fn what_is_no_component_is_refused_before_it_is_compiled() {
    assert!(matches!(load(b""), Err(LoadError::NotAComponent(NotAComponent::Empty))));
    let module = wat::parse_str("(module)").unwrap();
    let error = load(&module).unwrap_err();
    assert!(error.to_string().contains("wasm-tools component new"), "{error}");
    let whole = switch();
    let half = load(&whole[..whole.len() / 2]);
    assert!(matches!(half, Err(LoadError::NotAComponent(NotAComponent::Truncated { .. }))));
}

#[test]
fn bytes_that_only_look_like_a_component_are_refused_by_the_compiler() {
    let mut wasm = switch();
    let at = wasm.windows(4).rposition(|bytes| bytes == b"\0asm").unwrap() + 200;
    wasm[at..at + 40].fill(0xff);
    let error = load(&wasm).unwrap_err();
    assert!(error.to_string().starts_with("does not compile: "), "{error}");
}

#[test]
fn another_version_is_refused_naming_both() {
    let edit = |text: &str| text.replace("0.1.0", "0.2.0");
    let wasm = component(&SWITCH.replace("{on-describe}", ""), SWITCH_WORLD, edit);
    let misfit = misfit(load(&wasm));
    assert_eq!(misfit, Misfit::OtherVersion { theirs: "0.2.0".to_owned() });
    let said =
        "is built for ringtap:plugin@0.2.0 and this host has ringtap:plugin@0.1.0: rebuild it";
    assert_eq!(misfit.to_string(), said);
}

#[test]
fn a_later_release_of_the_same_line_runs() {
    let edit = |text: &str| text.replace("0.1.0", "0.1.7");
    let wasm = component(&SWITCH.replace("{on-describe}", ""), SWITCH_WORLD, edit);
    assert_eq!(load(&wasm).unwrap().description().name, "switch");
}

#[test]
fn an_import_that_no_plugin_may_have_is_refused_by_name() {
    let module = r#"(module (import "files" "remove" (func)) (func (export "f")))"#;
    let world = "import files: interface { remove: func(); } export f: func();";
    let misfit = misfit(load(&unedited(module, world)));
    assert_eq!(misfit, Misfit::Import { import: "files".to_owned() });
    let allowed = "plugins may import log, clock, interfaces, metrics, events, random, kv of ringtap:plugin@0.1.0";
    assert!(misfit.to_string().contains(allowed), "{misfit}");
}

#[test]
fn a_component_of_another_world_is_refused() {
    let module = r#"(module (func (export "f")))"#;
    let misfit = misfit(load(&unedited(module, "export f: func();")));
    let said = "is a component of another world: it does not export `lifecycle`";
    assert_eq!(misfit.to_string(), said);
}

#[test]
fn a_role_with_other_types_is_refused() {
    let edit = |text: &str| text.replace("tick: func(now-ns: u64);", "tick: func(now-ns: s64);");
    let wasm = component(&SWITCH.replace("{on-describe}", ""), SWITCH_WORLD, edit);
    let misfit = misfit(load(&wasm));
    assert!(misfit.to_string().contains("another world: a function has another type"), "{misfit}");
}

#[test]
fn a_capability_with_other_types_is_refused() {
    let edit = |text: &str| text.replace("now-ns: func() -> u64", "now-ns: func() -> s64");
    let wasm = component(&SWITCH.replace("{on-describe}", ""), SWITCH_WORLD, edit);
    let misfit = misfit(load(&wasm));
    assert!(misfit.to_string().contains("an import has another signature"), "{misfit}");
}

#[test]
fn describe_may_call_no_capability() {
    let calls = "(drop (call $now))";
    let error = load(&unedited(&SWITCH.replace("{on-describe}", calls), SWITCH_WORLD)).unwrap_err();
    match error {
        LoadError::Describe(CallError::Forbidden { call: Call::Describe, function }) => {
            assert_eq!(function, "ringtap:plugin/clock@0.1.0#now-ns");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_describe_that_never_returns_is_ended() {
    let module = SWITCH.replace("{on-describe}", "(loop $forever (br $forever))");
    let error = load(&unedited(&module, SWITCH_WORLD)).unwrap_err();
    let overrun =
        matches!(error, LoadError::Describe(CallError::Overrun { call: Call::Describe, .. }));
    assert!(overrun, "{error:?}");
}

#[test]
fn a_description_must_name_the_plugin() {
    let module = SWITCH.replace(
        "(i32.store (i32.const 20) (i32.const 6))",
        "(i32.store (i32.const 20) (i32.const 0))",
    );
    let error = load(&unedited(&module.replace("{on-describe}", ""), SWITCH_WORLD)).unwrap_err();
    let said = "describes itself with a name of 0 characters: 1 to 64 are allowed";
    assert_eq!(error.to_string(), said);
}

#[test]
fn a_start_that_takes_too_much_memory_is_refused() {
    let module =
        SWITCH.replace("(memory (export \"memory\") 2)", "(memory (export \"memory\") 2049)");
    let error = load(&unedited(&module.replace("{on-describe}", ""), SWITCH_WORLD)).unwrap_err();
    match &error {
        LoadError::Describe(failed @ CallError::Failed { memory_refused: true, .. }) => {
            let said = "`instantiate` failed: memory minimum size of 2049 pages exceeds memory \
                limits, after it was refused memory over its limit";
            assert_eq!(failed.to_string(), said);
        }
        other => panic!("{other:?}"),
    }
}
