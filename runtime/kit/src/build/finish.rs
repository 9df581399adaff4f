//! The last step, the same for every language: a component in the project's folder.

use std::path::{Path, PathBuf};

use wasi_preview1_component_adapter_provider::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER;
use wit_component::DecodedWasm;

use super::{Artifact, BuildError, Built, Line, Run};
use crate::{
    World,
    component::{Component, ComponentError, replace},
    package::APP,
};

/// Below the folder for what is made on the way: the package with the plugin's world in it.
const WIT: &str = "build/wit";
/// The usual adapter, where a module wants one.
const ADAPTER: &str = "build/wasi_snapshot_preview1.wasm";

/// Make a component of what the tools made, and put it in place.
pub(super) fn finish(run: &mut Run<'_>, artifact: Artifact) -> Result<Built, BuildError> {
    let (bytes, from) = match artifact {
        Artifact::Module { path, adapter } => (component(run, &path, adapter.as_deref())?, path),
        Artifact::Component(path) => (run.read(&path)?, path),
    };
    let failed = |error| BuildError::Component { module: from.clone(), source: Box::new(error) };
    let (imports, exports) = interfaces(&bytes).map_err(failed)?;
    let path = run.project.component();
    replace(&path, &bytes).map_err(|source| BuildError::Write { path: path.clone(), source })?;
    Ok(Built { path, size: bytes.len(), imports, exports })
}

/// In process, and told as the commands that do the same.
fn component(
    run: &mut Run<'_>,
    module: &Path,
    adapter: Option<&Path>,
) -> Result<Vec<u8>, BuildError> {
    let bytes = run.read(module)?;
    let stand_in = adapter.map(|path| run.read(path)).transpose()?;
    let failed =
        |error| BuildError::Component { module: module.to_owned(), source: Box::new(error) };
    let made = Component::of_module(&bytes, &run.package, stand_in.as_deref());
    let made = made.map_err(failed)?;
    let mut module = module.to_owned();
    if let Some(world) = &made.world {
        let embedded = run.file("embedded.wasm");
        write_wit(run, world)?;
        let line = Line::new("wasm-tools").args(["component", "embed", WIT, "--world", APP]);
        run.say(&line.arg(&module).arg("-o").arg(&embedded).to_string())?;
        module = embedded;
    }
    let mut line = Line::new("wasm-tools").args(["component", "new"]).arg(&module);
    if made.adapted {
        let adapter = adapter.map_or_else(|| usual_adapter(run), |path| Ok(path.to_owned()))?;
        line = line.arg("--adapt").arg(format!("wasi_snapshot_preview1={}", adapter.display()));
    }
    let out = format!("{}.wasm", run.project.name);
    run.say(&line.arg("-o").arg(out).to_string())?;
    Ok(made.bytes)
}

/// The package with a world in it, for tools that read it, and for people.
pub(super) fn write_wit(run: &Run<'_>, world: &World) -> Result<PathBuf, BuildError> {
    let folder = run.project.folder.join(WIT);
    let written = run.package.write(&folder, world);
    written.map_err(|source| BuildError::Write { path: folder, source })?;
    Ok(WIT.into())
}

fn usual_adapter(run: &Run<'_>) -> Result<PathBuf, BuildError> {
    let path = run.project.folder.join(ADAPTER);
    let written = replace(&path, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER);
    written.map_err(|source| BuildError::Write { path, source })?;
    Ok(ADAPTER.into())
}

/// What a component imports and exports.
fn interfaces(component: &[u8]) -> Result<(Vec<String>, Vec<String>), ComponentError> {
    let decoded = wit_component::decode(component).map_err(ComponentError::Encode)?;
    let DecodedWasm::Component(resolve, world) = decoded else {
        return Err(ComponentError::Encode(anyhow::anyhow!("it is a package, not a component")));
    };
    let world = &resolve.worlds[world];
    let imports = world.imports.keys().map(|key| resolve.name_world_key(key));
    let exports = world.exports.keys().map(|key| resolve.name_world_key(key));
    Ok((imports.collect(), exports.collect()))
}
