//! From a core module to a component: the last step of every guest's build, and of plugins that are
//! built elsewhere.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use ringtap_kit::{
    component::{Component, replace},
    package::Package,
};

/// Make a component of the module in `module` and write it to `out`, which a runtime may be watching.
pub(crate) fn write(module: &Path, out: &Path, adapter: Option<&Path>) -> Result<usize> {
    let bytes = read(module)?;
    let adapter = adapter.map(read).transpose()?;
    let component = encode(&bytes, adapter.as_deref())
        .with_context(|| format!("making a component of {}", module.display()))?;
    replace(out, &component).with_context(|| format!("writing {}", out.display()))?;
    Ok(component.len())
}

/// The component of a core module that was built against `wit/`. It imports what the module's code
/// reaches.
pub(crate) fn encode(module: &[u8], adapter: Option<&[u8]>) -> Result<Vec<u8>> {
    Ok(Component::of_module(module, &Package::embedded(), adapter)?.bytes)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("reading {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_core_module_is_refused_and_nothing_is_written() {
        let directory = std::env::temp_dir().join(format!("ringtap-xtask-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let (module, out) = (directory.join("in.wasm"), directory.join("out.wasm"));
        fs::write(&module, b"\0asm\x0d\0\x01\0").unwrap();
        let error = write(&module, &out, None).unwrap_err();
        assert!(error.to_string().starts_with("making a component of "), "{error:#}");
        assert!(format!("{error:#}").ends_with("it is a component already"), "{error:#}");
        assert!(!out.exists());
        fs::remove_dir_all(&directory).unwrap();
    }
}
