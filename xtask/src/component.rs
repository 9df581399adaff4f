//! From a core module to a component: the last step of every guest's build, and of plugins that are
//! built elsewhere.

use std::{ffi::OsString, fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use anyhow::{Context, Result};
use wit_component::ComponentEncoder;

/// Make a component of the module in `module` and write it to `out`, which a runtime may be watching.
pub(crate) fn write(module: &Path, out: &Path) -> Result<usize> {
    let bytes = fs::read(module).with_context(|| format!("reading {}", module.display()))?;
    let component =
        encode(&bytes).with_context(|| format!("making a component of {}", module.display()))?;
    replace(out, &component).with_context(|| format!("writing {}", out.display()))?;
    Ok(component.len())
}

/// The component of a core module that was built against `wit/`. It imports what the module's code
/// reaches.
pub(crate) fn encode(module: &[u8]) -> Result<Vec<u8>> {
    ComponentEncoder::default().validate(true).module(module)?.encode()
}

/// At once, so that nobody reads a part of it, and writable by its owner only, as a runtime wants.
fn replace(out: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut half = OsString::from(out);
    half.push(".tmp");
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o644).open(&half)?;
    file.write_all(bytes)?;
    fs::rename(&half, out)
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
        let error = write(&module, &out).unwrap_err();
        assert!(error.to_string().starts_with("making a component of "), "{error:#}");
        assert!(!out.exists());
        fs::remove_dir_all(&directory).unwrap();
    }
}
