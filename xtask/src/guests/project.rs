//! Bundled plugins in other languages than Rust: projects as anybody's.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use ringtap_kit::{Language, Project, build, tool::Search};

use super::component::Component;
use crate::build::output;

/// The one whose output is committed. Others may make other bytes of the same sources.
const CLANG: &str = "clang-22";

/// The version of the clang that plugins in C are committed from, if it is there.
pub(super) fn clang() -> Option<String> {
    let said = output(Command::new(CLANG).arg("--version")).ok()?;
    said.lines().next().map(str::to_owned)
}

/// Projects in `plugins/`, in a fixed order.
pub(super) fn all(root: &Path) -> Result<Vec<Project>> {
    let mut folders: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(root.join("plugins")).context("reading plugins")? {
        let folder = entry?.path();
        if folder.join("plugin.toml").is_file() {
            folders.push(folder);
        }
    }
    folders.sort();
    folders.iter().map(|folder| Ok(Project::open(folder)?)).collect()
}

/// Whether what a project makes is committed: it is small, and the same bytes on any machine.
pub(super) fn is_committed(project: &Project) -> bool {
    matches!(project.manifest.language, Language::C | Language::Cpp)
}

/// Build a project.
pub(super) fn component(root: &Path, project: &Project) -> Result<Component> {
    let name = &project.name;
    let search = Search::from_environment().with("CC", CLANG);
    let built = build::build(project, &search, &mut io::stderr())
        .with_context(|| format!("building the plugin {name}"))?;
    let bytes = fs::read(&built.path).with_context(|| format!("reading {name}"))?;
    Component::of_clang(root, format!("{name}.wasm"), bytes)
}

/// Build into a folder a project whose component is not committed, unless its tools are missing.
pub(super) fn put(root: &Path, project: &Project, folder: &Path) -> Result<Option<PathBuf>> {
    let search = Search::from_environment();
    if let Some(lacking) = build::lacking(project.manifest.language, &project.folder, &search) {
        eprintln!("not built: {}: {lacking}", project.name);
        return Ok(None);
    }
    let component = component(root, project)?;
    let path = folder.join(&component.name);
    ringtap_kit::component::replace(&path, &component.bytes)
        .with_context(|| format!("writing {}", path.display()))?;
    Ok(Some(path))
}
