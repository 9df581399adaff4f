use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{cargo::Toolchain, component::Component};

const FILE: &str = "build.json";
/// Folders that the plugins are made from, and the kinds of file in them that matter.
const SOURCES: [&str; 3] = ["wit", "sdk/rust", "plugins"];
const SOURCE_EXTENSIONS: [&str; 4] = ["rs", "toml", "lock", "wit"];

/// How the committed plugins were built.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct BuildRecord {
    pub(super) rustc: String,
    /// SHA-256 over the names and contents of the sources.
    pub(super) sources: String,
    /// By file name.
    pub(super) components: BTreeMap<String, ComponentRecord>,
}

/// Imports and exports stand here so that a change of what a plugin wants shows in a review.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ComponentRecord {
    pub(super) sha256: String,
    imports: Vec<String>,
    exports: Vec<String>,
}

impl ComponentRecord {
    fn of(component: &Component) -> Self {
        let (imports, exports) = (component.imports.clone(), component.exports.clone());
        Self { sha256: sha256(&component.bytes), imports, exports }
    }
}

impl BuildRecord {
    pub(super) fn new(
        root: &Path,
        toolchain: &Toolchain,
        components: &[Component],
    ) -> Result<Self> {
        let mut files = Vec::new();
        for folder in SOURCES {
            collect(&root.join(folder), &mut files)?;
        }
        files.sort();
        let mut hash = Sha256::new();
        for file in files {
            let name = file.strip_prefix(root)?.to_string_lossy().into_owned();
            let contents =
                fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
            hash.update(format!("{name}\0{}\0", contents.len()));
            hash.update(contents);
        }
        let sources = format!("{:x}", hash.finalize());
        let components =
            components.iter().map(|made| (made.name.clone(), ComponentRecord::of(made)));
        Ok(Self { rustc: toolchain.version.clone(), sources, components: components.collect() })
    }

    pub(super) fn read(dist: &Path) -> Result<Self> {
        let path = dist.join(FILE);
        let text =
            fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))
    }

    pub(super) fn write(&self, dist: &Path) -> Result<()> {
        let path = dist.join(FILE);
        let text = serde_json::to_string_pretty(self)? + "\n";
        fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
    }
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// Links are not followed: one leads from the plugins to the SDK, which is there by itself.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let is_source = |ext: &std::ffi::OsStr| SOURCE_EXTENSIONS.iter().any(|known| ext == *known);
        if kind.is_dir() && entry.file_name() != "target" {
            collect(&path, files)?;
        } else if kind.is_file() && path.extension().is_some_and(is_source) {
            files.push(path);
        }
    }
    Ok(())
}
