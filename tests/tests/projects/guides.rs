//! The guides' first part is what a newcomer types: it is typed here.

use std::{fs, os::unix::fs::symlink, path::Path, process::Stdio};

use ringtap_kit::Language;
use ringtap_tests::{binary, output};

use crate::support::{possible, ringtap};

/// Lines of the fenced blocks in shell of the section whose title ends so.
fn shell(text: &str) -> String {
    let mut lines = String::new();
    let (mut inside, mut fence) = (false, None);
    for line in text.lines() {
        match fence {
            None if line.starts_with("## ") => {
                inside = line.to_lowercase().contains("five minutes")
            }
            None if line.starts_with("```") => fence = Some(inside && line == "```sh"),
            None => {}
            Some(_) if line == "```" => fence = None,
            Some(true) => lines.push_str(&format!("{line}\n")),
            Some(false) => {}
        }
    }
    lines
}

fn works(page: &str, languages: &[Language]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(page);
    let Ok(text) = fs::read_to_string(&path) else {
        ringtap_tests::skip(format_args!("there is no docs/{page}"));
        return;
    };
    let script = shell(&text);
    if script.is_empty() && page == "plugins-rust.md" {
        ringtap_tests::skip("docs/plugins-rust.md: it has no such part");
        return;
    }
    assert!(script.contains("ringtap plugin new "), "docs/{page} does not make a project");
    if !languages.iter().all(|language| possible(*language)) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let programs = folder.path().join("bin");
    fs::create_dir(&programs).unwrap();
    symlink(binary(), programs.join("ringtap")).unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = [programs].into_iter().chain(std::env::split_paths(&path));
    let scratch = folder.path().join("scratch");
    fs::create_dir(&scratch).unwrap();
    // The shell takes the place of the program whose environment is as wanted.
    let mut command = std::process::Command::new("sh");
    let environment = ringtap(&scratch);
    for (name, value) in environment.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.args(["-eu", "-c", &script]).current_dir(&scratch).stdin(Stdio::null());
    command.env("PATH", std::env::join_paths(path).unwrap()).env("RINGTAP_CONFIG", "none");
    let output = output(&mut command);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{script}{said}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_guide_for_rust_works() {
    works("plugins-rust.md", &[Language::Rust]);
}

#[test]
fn the_guide_for_c_works() {
    works("plugins-c.md", &[Language::C]);
}

#[test]
fn the_guide_for_go_works() {
    works("plugins-go.md", &[Language::Go]);
}

#[test]
fn the_guide_for_javascript_works() {
    works("plugins-js.md", &[Language::Js, Language::Ts]);
}

#[test]
fn the_guide_for_python_works() {
    works("plugins-python.md", &[Language::Python]);
}

#[test]
fn the_readme_works() {
    works("../README.md", &[Language::Rust]);
}

#[test]
fn the_page_on_projects_works() {
    works("plugins.md", &[Language::Rust]);
}

#[test]
fn blocks_of_that_part_are_found() {
    let text = "# A\n```sh\nno\n```\n## Yours in five minutes\n```sh\nyes\n```\ntext\n```text\n## no\n\
                ```\n```sh\nalso\n```\n## Next\n```sh\nno\n```\n";
    assert_eq!(shell(text), "yes\nalso\n");
}
