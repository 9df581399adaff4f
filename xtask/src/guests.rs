//! Rust guests: the bundled plugins, the SDK's example and the guests of the tests, from source to
//! component.

mod cargo;
mod component;
mod record;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};

use cargo::Toolchain;
use component::Component;
use record::BuildRecord;

/// A component that was written.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) path: PathBuf,
    pub(crate) size: usize,
}

/// Build the bundled plugins into `plugins/dist`, with the record of how.
pub(crate) fn build_plugins(root: &Path) -> Result<Vec<Built>> {
    let toolchain = Toolchain::find()?;
    let components = components(root, &toolchain, "plugins")?;
    let dist = root.join("plugins/dist");
    let built = write(&dist, &components)?;
    BuildRecord::new(root, &toolchain, &components)?.write(&dist)?;
    Ok(built)
}

/// Fail unless `plugins/dist` is what the sources make. With another compiler than the one of the
/// record only the sources can be compared; that is said.
pub(crate) fn check_plugins(root: &Path) -> Result<()> {
    const REDO: &str = "run `cargo xtask plugins` and commit plugins/dist";
    let toolchain = Toolchain::find()?;
    let dist = root.join("plugins/dist");
    let committed = BuildRecord::read(&dist)?;
    let components = components(root, &toolchain, "plugins")?;
    let ours = BuildRecord::new(root, &toolchain, &components)?;
    ensure!(committed.sources == ours.sources, "plugins/dist was built from other sources: {REDO}");
    for (name, recorded) in &committed.components {
        let path = dist.join(name);
        let bytes =
            fs::read(&path).with_context(|| format!("reading {}: {REDO}", path.display()))?;
        ensure!(
            crate::build::sha256(&bytes) == recorded.sha256,
            "{} is not what its record says: {REDO}",
            path.display()
        );
    }
    if committed.rustc != ours.rustc {
        let (theirs, this) = (committed.rustc, ours.rustc);
        eprintln!(
            "plugins/dist is from rustc {theirs}, this is {this}: compared sources, not bytes"
        );
    } else if committed.components != ours.components {
        bail!("the same sources and compiler make other bytes than those in plugins/dist: {REDO}");
    }
    Ok(())
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
