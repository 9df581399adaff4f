use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use wit_component::ComponentEncoder;

use super::Component;

/// Make a component of a core module. What it imports is what its code reaches.
pub(super) fn from_module(root: &Path, module: &Path) -> Result<Component> {
    let stem = module.file_stem().context("a module has a name")?.to_string_lossy();
    let name = format!("{}.wasm", stem.replace('_', "-"));
    let module = fs::read(module).with_context(|| format!("reading {}", module.display()))?;
    let encode = || ComponentEncoder::default().validate(true).module(&module)?.encode();
    let bytes = encode().with_context(|| format!("making the component {name}"))?;
    ensure_no_path(root, &bytes).with_context(|| name.clone())?;
    Ok(Component { name, bytes })
}

/// A path of this machine in the bytes would make them differ on any other.
fn ensure_no_path(root: &Path, bytes: &[u8]) -> Result<()> {
    let home = std::env::home_dir();
    for place in [Some(root), home.as_deref()].into_iter().flatten() {
        let place = place.as_os_str().as_encoded_bytes();
        let found = place.len() > 1 && bytes.windows(place.len()).any(|window| window == place);
        ensure!(!found, "{} stands in it", String::from_utf8_lossy(place));
    }
    Ok(())
}
