use std::{fs, path::Path};

use anyhow::{Context, Result, bail, ensure};
use wit_component::DecodedWasm;

/// A component and what it says of itself.
pub(super) struct Component {
    /// Of its file.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    /// Interfaces that it imports: the capabilities that it wants, and types.
    pub(super) imports: Vec<String>,
    /// Interfaces that it exports: its roles.
    pub(super) exports: Vec<String>,
    pub(super) compiler: Compiler,
}

/// Which compiler decides on the bytes, beside the sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compiler {
    Rustc,
    Clang,
}

impl Component {
    /// Make a component of a core module. It imports what the module's code reaches.
    pub(super) fn from_module(root: &Path, module: &Path) -> Result<Self> {
        let stem = module.file_stem().context("a module has a name")?.to_string_lossy();
        let name = format!("{}.wasm", stem.replace('_', "-"));
        let module = fs::read(module).with_context(|| format!("reading {}", module.display()))?;
        let bytes = crate::component::encode(&module, None)
            .with_context(|| format!("making the component {name}"))?;
        Self::new(root, name, bytes, Compiler::Rustc)
    }

    /// A component that was made with clang.
    pub(super) fn of_clang(root: &Path, name: String, bytes: Vec<u8>) -> Result<Self> {
        Self::new(root, name, bytes, Compiler::Clang)
    }

    fn new(root: &Path, name: String, bytes: Vec<u8>, compiler: Compiler) -> Result<Self> {
        ensure_no_path(root, &bytes).with_context(|| name.clone())?;
        let (imports, exports) = interfaces(&bytes).with_context(|| name.clone())?;
        Ok(Self { name, bytes, imports, exports, compiler })
    }
}

fn interfaces(component: &[u8]) -> Result<(Vec<String>, Vec<String>)> {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(component)? else {
        bail!("it is no component");
    };
    let world = &resolve.worlds[world];
    let imports = world.imports.keys().map(|key| resolve.name_world_key(key));
    let exports = world.exports.keys().map(|key| resolve.name_world_key(key));
    Ok((imports.collect(), exports.collect()))
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

#[cfg(test)]
mod tests {
    use super::super::tests::guest;

    const TYPES: &str = "ringtap:plugin/types@0.1.0";
    const METRICS: &str = "ringtap:plugin/metrics@0.1.0";
    const LIFECYCLE: &str = "ringtap:plugin/lifecycle@0.1.0";
    const AGGREGATE: &str = "ringtap:plugin/aggregate@0.1.0";

    #[test]
    fn a_plugin_imports_what_it_uses_and_exports_its_roles() {
        let cases = [
            ("sdk/rust", "hello.wasm", vec![METRICS, TYPES], vec![AGGREGATE, LIFECYCLE]),
            ("tests/guests", "ticks.wasm", vec![METRICS, TYPES], vec![LIFECYCLE]),
            ("tests/guests", "refuses-init.wasm", vec![TYPES], vec![AGGREGATE, LIFECYCLE]),
        ];
        for (workspace, name, imports, exports) in cases {
            let guest = guest(workspace, name);
            assert_eq!(sorted(&guest.imports), imports, "{name}");
            assert_eq!(sorted(&guest.exports), exports, "{name}");
        }
    }

    /// The linker decides on their order.
    fn sorted(names: &[String]) -> Vec<&str> {
        let mut names: Vec<_> = names.iter().map(String::as_str).collect();
        names.sort_unstable();
        names
    }
}
