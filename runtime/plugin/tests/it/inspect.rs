use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use ringtap_interest::{Filter, Narrowing};
use ringtap_plugin::{Capability, Engine, Inspection, Role, Terms, inspect};

use crate::support::{compiler, component, switch, wanting};

fn look(path: &Path) -> Inspection {
    look_narrowed(path, &Narrowing::default())
}

fn look_narrowed(path: &Path, narrowing: &Narrowing) -> Inspection {
    let terms = Terms { narrowing: narrowing.clone(), ..Terms::default() };
    inspect(path, &Engine::new().unwrap(), &compiler(), &terms).unwrap()
}

#[test]
fn a_good_plugin_has_nothing_against_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.wasm");
    fs::write(&path, switch()).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let inspection = look(&path);
    assert_eq!(inspection.refusals, [""; 0]);
    assert_eq!(inspection.size, switch().len());
    assert_eq!(inspection.roles, [Role::Lifecycle, Role::Aggregate]);
    assert_eq!(inspection.description.unwrap().version, "1.2.3");
    let granted: Vec<_> = inspection.imports.iter().filter_map(|i| i.capability()).collect();
    assert!(granted.contains(&Capability::Metrics), "{granted:?}");
}

#[test]
fn each_interest_is_shown_with_what_the_operator_leaves_of_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.wasm");
    let put = |wasm| {
        fs::write(&path, wasm).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    };
    put(wanting("tcp", 64));
    let filter = Some(Filter::parse("dst port 443").unwrap());
    let narrowing = Narrowing { filter, payload: Some(16), ..Narrowing::default() };
    let inspection = look_narrowed(&path, &narrowing);
    let [one] = inspection.interests.as_slice() else { panic!("{inspection:?}") };
    let granted = one.granted.as_ref().unwrap();
    assert_eq!((one.asked.filter.text(), one.asked.payload), ("tcp", 64));
    assert_eq!((granted.filter.text(), granted.payload), ("(tcp) and (dst port 443)", 16));
    assert_eq!(inspection.refusals, [""; 0]);

    let inspection = look(&path);
    let refusal = inspection.interests[0].granted.clone().unwrap_err();
    assert!(refusal.starts_with("interest `web`: it asks for 64 payload bytes"), "{refusal}");
    assert_eq!(inspection.refusals, [refusal]);

    put(switch());
    assert_eq!(look(&path).interests[0].asked.name, "everything");
}

#[test]
fn everything_that_stands_against_a_file_is_told_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.wasm");
    let module = r#"(module (import "files" "remove" (func)) (func (export "f")))"#;
    let world = "import files: interface { remove: func(); } export f: func();";
    fs::write(&path, component(module, world, str::to_owned)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let inspection = look(&path);
    assert_eq!(inspection.refusals.len(), 2, "{:?}", inspection.refusals);
    assert!(inspection.refusals[0].contains("chmod go-w"));
    assert!(inspection.refusals[1].contains("imports `files`"));
    assert_eq!(inspection.imports[0].name, "files");
    assert!(inspection.roles.is_empty());
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    let (path, engine) = (Path::new("nowhere.wasm"), Engine::new().unwrap());
    let error = inspect(path, &engine, &compiler(), &Terms::default()).unwrap_err();
    assert!(error.to_string().contains("\"nowhere.wasm\" can't be read"), "{error}");
}
