//! Configuration and plugins that are no good: what is wrong, where, and that nothing else suffers.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use ringtap_tests::{Ended, PluginDirectory, binary, capture, config_file, finish, guest};
use tempfile::TempDir;

fn run(config: &str) -> Ended {
    finish(Command::new(binary()).args(["run", "--config", config]))
}

#[test]
fn a_malformed_config_is_told_by_file_line_and_key() {
    let directory = TempDir::new().unwrap();
    let path = config_file(&directory, "listne = 1\n\n[taps]\ningress = \"xpd\"\n");
    let ended = run(&path);
    assert_eq!(ended.code, Some(2), "{:#?}", ended.log);
    assert!(ended.says(&[&format!("{path}:1:1: listne: no such key; did you mean \"listen\"?")]));
    assert!(ended.says(&[&format!("{path}:4:11: taps.ingress: found \"xpd\", expected one of")]));
}

#[test]
fn a_config_that_cannot_be_read_or_trusted_is_refused() {
    let directory = TempDir::new().unwrap();
    let missing = directory.path().join("missing.toml");
    let ended = run(missing.to_str().unwrap());
    assert_eq!(ended.code, Some(2), "{:#?}", ended.log);
    assert!(ended.says(&[missing.to_str().unwrap()]), "{:#?}", ended.log);

    let path = config_file(&directory, "listen = \"none\"");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let ended = run(&path);
    assert_eq!(ended.code, Some(2), "{:#?}", ended.log);
    assert!(ended.says(&[&path, "go-w"]), "{:#?}", ended.log);
}

#[test]
fn plugins_that_are_none_are_named_and_the_others_run() {
    let whole = fs::read(guest("counts")).unwrap();
    let bad: [(&str, &[u8], &str); 5] = [
        ("nothing", b"", "empty"),
        ("text", b"no WebAssembly at all", "is no WebAssembly"),
        ("cut", &whole[..whole.len() / 2], "ends in the middle"),
        ("module", b"\0asm\x01\0\0\0", "core module"),
        ("stranger", b"\0asm\x0d\0\x01\0", "is a component of another world"),
    ];
    let plugins = PluginDirectory::new(&["counts"]);
    for (name, content, _) in bad {
        plugins.put(&format!("{name}.wasm"), content);
    }
    let mut replay = Command::new(binary());
    replay.arg("replay").arg(capture("demo.pcap")).arg("--plugins").arg(plugins.path());
    let ended = finish(&mut replay);
    assert_eq!(ended.code, Some(4), "{:#?}", ended.log);
    for (name, _, reason) in bad {
        let plugin = format!("plugin={name}");
        assert!(ended.says(&["ERROR", "refused", &plugin, reason]), "{name}: {:#?}", ended.log);
        assert!(ended.says(&["ringtap: ", &format!("plugin {name}: "), reason]), "{name}");
    }
    assert!(ended.says(&["counts: 330 records = 0 shed + 0 failed + 330 delivered"]));
}
