//! From a core module to a component: the last step of every plugin's build.

use std::{
    ffi::OsString,
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use wasi_preview1_component_adapter_provider::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

use crate::{
    module::{Module, NoModule},
    package::Package,
    world::{PREVIEW1, Unfit, World},
};

/// Why no component can be made of a module.
#[derive(Debug, thiserror::Error)]
pub enum ComponentError {
    #[error(transparent)]
    NoModule(#[from] NoModule),
    #[error(transparent)]
    Unfit(#[from] Unfit),
    #[error("the adapter")]
    Adapter(#[source] anyhow::Error),
    #[error("its functions are not those of the package")]
    Encode(#[source] anyhow::Error),
}

/// A component and how it was made.
#[derive(Debug)]
pub struct Component {
    pub bytes: Vec<u8>,
    /// The world that was read off the module's names; `None` for a module that says it itself.
    pub world: Option<World>,
    /// An adapter stands between it and WASI.
    pub adapted: bool,
}

impl Component {
    /// Make a component of a core module that was built against `package`. It imports what the
    /// module's code reaches.
    ///
    /// `adapter` is a module that stands in for `wasi_snapshot_preview1`, where the module imports
    /// that; `None` is the usual one, through which the component imports interfaces of WASI 0.2,
    /// which a host of ringtap has and which do nothing there.
    pub fn of_module(
        module: &[u8],
        package: &Package,
        adapter: Option<&[u8]>,
    ) -> Result<Self, ComponentError> {
        let names = Module::parse(module)?;
        let mut encoder = ComponentEncoder::default().validate(true);
        let world = match names.has_world {
            true => None,
            false => Some(World::infer(&names, package)?),
        };
        let module = match &world {
            Some(world) => &embed(module, world, package).map_err(ComponentError::Encode)?,
            None => module,
        };
        encoder = encoder.module(module).map_err(ComponentError::Encode)?;
        let adapted = names.imports.iter().any(|(from, _)| *from == PREVIEW1);
        if adapted {
            let adapter = adapter.unwrap_or(WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER);
            encoder = encoder.adapter(PREVIEW1, adapter).map_err(ComponentError::Adapter)?;
        }
        let bytes = encoder.encode().map_err(ComponentError::Encode)?;
        Ok(Self { bytes, world, adapted })
    }
}

/// The module, with a section that tells its world.
fn embed(module: &[u8], world: &World, package: &Package) -> anyhow::Result<Vec<u8>> {
    let (resolve, world) = package.with(world)?;
    let mut module = module.to_owned();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    Ok(module)
}

/// Write a component at once, so that nobody reads a part of it, and writable by its owner only, as
/// a runtime that may be watching wants.
pub fn replace(out: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut half = OsString::from(out);
    half.push(".tmp");
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o644).open(&half)?;
    file.write_all(bytes)?;
    fs::rename(&half, out)
}

#[cfg(test)]
mod tests;
