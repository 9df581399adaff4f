use std::fs;

use ringtap_kit::Language;

use crate::support::{made, quick, replace, ringtap, run};

#[test]
fn a_project_is_made_once_and_of_a_good_name() {
    let (parent, folder) = made("mine", Language::Rust);
    let before = fs::read_dir(&folder).unwrap().count();
    let new = |arguments: &[&str]| run(parent.path(), &[&["plugin", "new"], arguments].concat());
    let again = new(&["mine", "--lang", "rust"]);
    assert_eq!(again.code, Some(2));
    assert!(again.says(&["mine is there already: choose another name, or remove it"]), "{again:?}");
    let odd = new(&["My_plugin", "--lang", "rust"]);
    assert_eq!(odd.code, Some(2));
    assert!(odd.says(&["use 1 to 64 characters of a-z, 0-9 and '-'"]), "{odd:?}");
    let unknown = new(&["other", "--lang", "pyton"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.says(&["did you mean \"python\"?"]), "{unknown:?}");
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), before);
}

#[test]
fn a_build_without_tools_says_how_to_get_them() {
    let (parent, folder) = made("mine", Language::Rust);
    let ended = ringtap_tests::finish(
        ringtap(&folder).args(["plugin", "build"]).env("PATH", parent.path()),
    );
    assert_eq!(ended.code, Some(1));
    assert!(ended.says(&["Rust is not installed: ", "rustup"]), "{ended:?}");
}

#[test]
fn a_folder_that_is_no_project_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let ended = run(folder.path(), &["plugin", "build"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.says(&["there is no plugin.toml in ", "ringtap plugin new"]), "{ended:?}");
    fs::write(folder.path().join("plugin.toml"), "language = \"rust\"\nnmae = \"x\"").unwrap();
    let ended = run(folder.path(), &["plugin", "build"]);
    assert_eq!(ended.code, Some(2));
    let text = "plugin.toml:2:1: nmae: no such key; did you mean \"name\"?";
    assert!(ended.says(&[text]), "{ended:?}");
}

#[test]
fn a_project_of_another_version_is_refused_with_both() {
    let (_parent, folder) = made("mine", Language::Rust);
    for entry in fs::read_dir(folder.join("wit")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("plugin@0.1.0", "plugin@0.2.0")).unwrap();
    }
    let ended = run(&folder, &["plugin", "build"]);
    assert_eq!(ended.code, Some(2));
    let both = ["is for ringtap:plugin@0.2.0", "a ringtap of ringtap:plugin@0.1.0"];
    assert!(ended.says(&both), "{ended:?}");
}

#[test]
fn a_build_that_fails_leaves_what_was_there() {
    let Some(language) = quick() else { return };
    let (_parent, folder) = made("mine", language);
    let built = run(&folder, &["plugin", "build"]);
    assert_eq!(built.code, Some(0), "{built:#?}");
    let component = fs::read(folder.join("mine.wasm")).unwrap();
    assert_ne!(replace(&folder, "tcp", "\"tcp"), 0);
    let broken = run(&folder, &["plugin", "build"]);
    assert_eq!(broken.code, Some(1), "{broken:#?}");
    assert!(broken.says(&["failed (exit status: ", "correct what it says above"]), "{broken:#?}");
    assert_eq!(fs::read(folder.join("mine.wasm")).unwrap(), component);
    assert!(!folder.join("mine.wasm.tmp").exists());
}
