use std::{borrow::Cow, fs, os::unix::fs::PermissionsExt, path::Path};

use ringtap_plugin::{BundledPlugin, Engine, OnStop, Policy, SupervisorConfig, Survey, survey};

use crate::support::{compiler, name, switch};

fn look(directory: &Path, bundled: Vec<BundledPlugin>) -> Survey {
    let policy = Policy::default();
    let directory = Some(directory.to_owned());
    let (files, on_stop) = (Vec::new(), OnStop::default());
    let config = SupervisorConfig { policy, bundled, files, directory, follow: true, on_stop };
    survey(config, &Engine::new().unwrap(), &compiler())
}

fn put(directory: &Path, file: &str, content: &[u8]) {
    let path = directory.join(file);
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
}

#[test]
fn every_plugin_is_tried_up_to_its_init() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    put(path, "good.wasm", &switch());
    put(path, "refuses.wasm", &switch());
    put(path, "refuses.toml", b"r");
    put(path, "empty.wasm", b"");
    put(path, "a b.wasm", &switch());
    let wasm = Cow::Owned(switch());
    let bundled = vec![BundledPlugin { name: name("bundled"), wasm, config: String::new() }];
    let survey = look(path, bundled);
    let outcomes: Vec<_> = survey
        .plugins
        .iter()
        .map(|plugin| {
            let outcome = plugin.outcome.as_ref().map(|said| said.version.as_str());
            (plugin.name.as_str(), plugin.path.is_some(), outcome.map_err(String::as_str))
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            ("bundled", false, Ok("1.2.3")),
            ("empty", true, Err("is empty: is it still being written?")),
            ("good", true, Ok("1.2.3")),
            ("refuses", true, Err("refused to start: no, thanks")),
        ]
    );
    assert_eq!(survey.problems.len(), 1);
    assert!(survey.problems[0].contains("\"a b\" is no plugin name"), "{:?}", survey.problems);
}

#[test]
fn a_directory_that_is_not_there_is_a_problem() {
    let survey = look(Path::new("/nowhere/at/all"), Vec::new());
    assert!(survey.plugins.is_empty());
    assert!(survey.problems[0].contains("make it, or name another"), "{:?}", survey.problems);
}
