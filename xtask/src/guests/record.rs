use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::{cargo::Toolchain, component::Component};
use crate::build::{sha256, sources_digest};

const FILE: &str = "build.json";
/// Folders that the plugins are made from.
const SOURCES: [&str; 4] = ["wit", "sdk/rust", "sdk/c", "plugins"];

/// How the committed plugins were built.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct BuildRecord {
    pub(super) rustc: String,
    /// Of plugins in C; `None` where it was not there.
    #[serde(default)]
    pub(super) clang: Option<String>,
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
        clang: Option<String>,
        components: &[Component],
    ) -> Result<Self> {
        let there: Vec<_> = SOURCES.into_iter().filter(|place| root.join(place).exists()).collect();
        let sources = sources_digest(root, &there)?;
        let components =
            components.iter().map(|made| (made.name.clone(), ComponentRecord::of(made)));
        let rustc = toolchain.version.clone();
        Ok(Self { rustc, clang, sources, components: components.collect() })
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
