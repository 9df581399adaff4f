use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use ringtap_kit::{Language, build, new, tool::Search};
use ringtap_tests::{Ended, binary, finish, skip};
use tempfile::TempDir;

/// Whether plugins in a language can be made here; says so if not.
pub(crate) fn possible(language: Language) -> bool {
    if !new::languages().any(|offered| offered == language) {
        skip(format_args!("{}: it has no template", language.title()));
        return false;
    }
    let lacking = build::lacking(language, Path::new("/"), &Search::from_environment());
    if let Some(lacking) = &lacking {
        skip(format_args!("{}: {lacking}", language.title()));
    }
    lacking.is_none()
}

/// `ringtap` in a folder, with what cargo builds kept from one test to the next.
pub(crate) fn ringtap(folder: &Path) -> Command {
    let mut command = Command::new(binary());
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("projects");
    command.current_dir(folder).env("CARGO_TARGET_DIR", target);
    // Flags and the toolchain are the test's own, not the project's.
    for name in ["CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS", "CARGO"] {
        command.env_remove(name);
    }
    command
}

pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Ended {
    finish(ringtap(folder).args(arguments))
}

/// A new project, in a folder that goes with the first of the answer.
pub(crate) fn made(name: &str, language: Language) -> (TempDir, PathBuf) {
    let parent = tempfile::tempdir().unwrap();
    let ended = run(parent.path(), &["plugin", "new", name, "--lang", language.name()]);
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let folder = parent.path().join(name);
    (parent, folder)
}

/// Replace a text in all of a project's own sources, and say where it stood.
pub(crate) fn replace(folder: &Path, from: &str, to: &str) -> usize {
    let mut places = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() && name == "src" {
            places += replace(&path, from, to);
        }
        let is_source = ["rs", "c", "go"].iter().any(|end| name.ends_with(&format!(".{end}")));
        if !path.is_file() || !is_source || name.contains("test") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        if text.contains(from) {
            places += 1;
            fs::write(&path, text.replace(from, to)).unwrap();
        }
    }
    places
}

/// One whose builds take the least time, of those that are possible.
pub(crate) fn quick() -> Option<Language> {
    [Language::C, Language::Go, Language::Rust].into_iter().find(|language| possible(*language))
}
