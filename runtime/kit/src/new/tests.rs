use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::Project;

fn name(text: &str) -> ProjectName {
    text.parse().unwrap()
}

/// Every file below a folder, with its contents.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found
}

#[test]
fn a_project_is_whole_in_every_language() {
    let parent = tempfile::tempdir().unwrap();
    for language in languages() {
        let name = name(&format!("my-{language}"));
        let created = create(parent.path(), &name, language).unwrap();
        let files = contents(&created.folder);
        assert_eq!(files.len(), created.files);
        for (path, bytes) in &files {
            let text = String::from_utf8_lossy(bytes);
            let left = |mark: &str| text.contains(mark) || path.to_string_lossy().contains(mark);
            assert!(!left("{{name}}") && !left("{{ident}}"), "{}", path.display());
        }
        let project = Project::open(&created.folder).unwrap();
        assert_eq!((project.manifest.language, &project.name), (language, &name));
        assert!(project.sdk().is_ok(), "{language}");
        project.package().unwrap();
        for wanted in ["README.md", "wit/roles.wit", "tests"] {
            assert!(created.folder.join(wanted).exists(), "{language}: {wanted}");
        }
        let stray = |path: &Path| {
            let parts = path.strip_prefix(&created.folder).unwrap().components();
            let odd = ["target", "node_modules", "build"];
            parts
                .map(|part| part.as_os_str().to_string_lossy())
                .any(|part| part.starts_with("template") || odd.iter().any(|odd| part == *odd))
        };
        assert!(!files.iter().any(|(path, _)| stray(path)), "{language}");
    }
    // Nothing half made is left.
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), languages().count());
}

#[test]
fn rust_has_a_template() {
    assert!(languages().any(|language| language == Language::Rust));
}

#[test]
fn what_is_there_is_left_alone() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("mine");
    symlink("/none/such", &folder).unwrap();
    let refused = create(parent.path(), &name("mine"), Language::Rust).unwrap_err().to_string();
    let text = "is there already: choose another name, or remove it";
    assert_eq!(refused, format!("{} {text}", folder.display()));
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
}

#[test]
fn nothing_is_written_if_not_all_can_be() {
    let parent = tempfile::tempdir().unwrap();
    let refused = create(&parent.path().join("none"), &name("mine"), Language::Rust).unwrap_err();
    assert!(matches!(refused, NewError::Write { .. }), "{refused}");
    if !rustix::process::geteuid().is_root() {
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o500)).unwrap();
        assert!(create(parent.path(), &name("mine"), Language::Rust).is_err());
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o700)).unwrap();
    }
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
}

#[test]
fn names_stand_where_the_template_wants_them() {
    let file = File { path: "src/{{ident}}.c.in", bytes: b"{{name}} {{ident}} {{other}}" };
    let filled = filled(&name("my-plugin"), file);
    assert_eq!(filled, ("src/my_plugin.c".into(), b"my-plugin my_plugin {{other}}".to_vec()));
    let binary = filled_binary();
    assert_eq!(binary, ("a.pcap".into(), vec![0xff, b'{', b'{']));
}

fn filled_binary() -> (String, Vec<u8>) {
    filled(&name("x"), File { path: "a.pcap", bytes: &[0xff, b'{', b'{'] })
}
