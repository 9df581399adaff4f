//! Rust guests: the bundled plugins, the SDK's example and the guests of the tests, from source to
//! component.

mod cargo;
mod component;
mod project;
mod record;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};

use cargo::Toolchain;
pub(crate) use cargo::target;
use component::{Compiler, Component};
use record::BuildRecord;

use crate::build::target_directory;

/// A component that was written.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) path: PathBuf,
    pub(crate) size: usize,
}

/// Build the bundled plugins whose components are committed into `plugins/dist`, with the record of
/// how.
pub(crate) fn build_plugins(root: &Path) -> Result<Vec<Built>> {
    let toolchain = Toolchain::find()?;
    let clang = project::clang();
    let components = committed(root, &toolchain)?;
    let dist = root.join("plugins/dist");
    let built = write(&dist, &components)?;
    BuildRecord::new(root, &toolchain, clang, &components)?.write(&dist)?;
    Ok(built)
}

/// Build the others, which are large or not the same in every build, into `plugins` below `target/`.
pub(crate) fn build_other_plugins(root: &Path) -> Result<Vec<Built>> {
    let folder = target_directory(root).join("plugins");
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let mut built = Vec::new();
    for project in project::all(root)?.iter().filter(|project| !project::is_committed(project)) {
        if let Some(path) = project::put(project, &folder)? {
            let size = fs::metadata(&path)?.len() as usize;
            built.push(Built { path, size });
        }
    }
    Ok(built)
}

/// Fail unless `plugins/dist` is what the sources make. With other compilers than those of the
/// record only the sources can be compared; that is said.
pub(crate) fn check_plugins(root: &Path) -> Result<()> {
    let toolchain = Toolchain::find()?;
    let clang = project::clang();
    let dist = root.join("plugins/dist");
    let record = BuildRecord::read(&dist)?;
    let components = committed(root, &toolchain)?;
    let ours = BuildRecord::new(root, &toolchain, clang, &components)?;
    ensure!(record.sources == ours.sources, "plugins/dist was built from other sources: {REDO}");
    for (name, recorded) in &record.components {
        let path = dist.join(name);
        let bytes =
            fs::read(&path).with_context(|| format!("reading {}: {REDO}", path.display()))?;
        ensure!(
            crate::build::sha256(&bytes) == recorded.sha256,
            "{} is not what its record says: {REDO}",
            path.display()
        );
    }
    compare_bytes(&record, &ours, &components)
}

const REDO: &str = "run `cargo xtask plugins` and commit plugins/dist";

/// Hold against the record what was built with the compilers of the record.
fn compare_bytes(record: &BuildRecord, ours: &BuildRecord, made: &[Component]) -> Result<()> {
    let same = |compiler| match compiler {
        Compiler::Rustc => record.rustc == ours.rustc,
        Compiler::Clang => record.clang == ours.clang,
    };
    if !same(Compiler::Rustc) {
        let (theirs, this) = (&record.rustc, &ours.rustc);
        eprintln!(
            "plugins/dist is from rustc {theirs}, this is {this}: compared sources, not bytes"
        );
    }
    if !same(Compiler::Clang) {
        let (theirs, this) = (record.clang.as_deref(), ours.clang.as_deref());
        let [theirs, this] = [theirs, this].map(|clang| clang.unwrap_or("none"));
        eprintln!("plugins/dist is from {theirs}, this is {this}: compared sources, not bytes");
    }
    for Component { name, compiler, .. } in made {
        ensure!(
            !same(*compiler) || record.components.get(name) == ours.components.get(name),
            "the same sources and compiler make other bytes than plugins/dist/{name}: {REDO}"
        );
    }
    let known = |name: &&String| made.iter().any(|component| component.name == **name);
    match record.components.keys().find(|name| !known(name)) {
        // Without clang, nothing is made of plugins in C.
        Some(stray) if ours.clang.is_some() => bail!("{stray} has no sources any more: {REDO}"),
        _ => Ok(()),
    }
}

/// Those of Rust's workspace, and the projects whose components are committed.
fn committed(root: &Path, toolchain: &Toolchain) -> Result<Vec<Component>> {
    let mut all = components(root, toolchain, "plugins")?;
    let projects = project::all(root)?;
    let projects: Vec<_> = projects.iter().filter(|one| project::is_committed(one)).collect();
    if !projects.is_empty() && project::clang().is_none() {
        eprintln!("clang-22 is not there, so plugins in C are not built: run `cargo xtask setup`");
        return Ok(all);
    }
    for project in projects {
        all.push(project::component(root, project)?);
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

/// Build the guests of the tests, and the SDK's example, into `tests/guests/dist`.
pub(crate) fn build_guests(root: &Path) -> Result<Vec<Built>> {
    let toolchain = Toolchain::find()?;
    let dist = root.join("tests/guests/dist");
    let mut built = write(&dist, &components(root, &toolchain, "tests/guests")?)?;
    for workspace in ["sdk/rust", "tests/conformance/rust"] {
        built.extend(write(&dist, &components(root, &toolchain, workspace)?)?);
    }
    Ok(built)
}

/// Build all that a workspace has to offer.
fn components(root: &Path, toolchain: &Toolchain, workspace: &str) -> Result<Vec<Component>> {
    let modules = toolchain.build(root, workspace)?;
    let mut components = modules
        .iter()
        .map(|path| Component::from_module(root, path))
        .collect::<Result<Vec<_>>>()?;
    components.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(components)
}

fn write(dist: &Path, components: &[Component]) -> Result<Vec<Built>> {
    fs::create_dir_all(dist).with_context(|| format!("making {}", dist.display()))?;
    let write = |Component { name, bytes, .. }: &Component| {
        let path = dist.join(name);
        fs::write(&path, bytes).with_context(|| format!("writing {}", path.display()))?;
        Ok(Built { path, size: bytes.len() })
    };
    components.iter().map(write).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A guest, built now.
    pub(super) fn guest(workspace: &str, name: &str) -> Component {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let all = components(root, &Toolchain::find().unwrap(), workspace).unwrap();
        all.into_iter().find(|component| component.name == name).unwrap()
    }
}
