use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    compile::Compiler,
    contract::{self, Import},
    describe::Description,
    digest::Digest,
    directory::plugin_name,
    engine::Engine,
    files::{self, Unusable},
    limits::Limits,
    plugin::{Plugin, Role},
    report::report,
};

/// What a component file is and asks for, found without running it in a pipeline.
#[derive(Clone, Debug)]
pub struct Inspection {
    pub path: PathBuf,
    pub digest: Digest,
    /// Bytes of the file.
    pub size: usize,
    /// With what would become of each; empty where the file does not compile.
    pub imports: Vec<Import>,
    /// The roles that it exports, whether they bind or not; empty where it does not compile.
    pub roles: Vec<Role>,
    /// What it says about itself; `None` where it was not let.
    pub description: Option<Description>,
    /// Why the supervisor would not load it, each with its causes. Empty for a good plugin, whose
    /// `init` can still refuse its config.
    pub refusals: Vec<String>,
}

/// Look into the component at `path`. Errors are about reading it; whatever is wrong with what was
/// read is among the refusals.
pub fn inspect(
    path: &Path,
    engine: &Engine,
    compiler: &Compiler,
    limits: &Limits,
) -> io::Result<Inspection> {
    let (wasm, untrusted) = match files::read(path, limits.file_bytes) {
        Ok(wasm) => (wasm, None),
        Err(Unusable::Untrusted(untrusted)) => {
            (files::read_untrusted(path, limits.file_bytes).map_err(io_error)?, Some(untrusted))
        }
        Err(error) => return Err(io_error(error)),
    };
    let name = plugin_name(path).err();
    let untrusted = untrusted.iter().map(|untrusted| report(untrusted));
    let mut inspection = Inspection {
        path: path.to_owned(),
        digest: Digest::of(&wasm),
        size: wasm.len(),
        imports: Vec::new(),
        roles: Vec::new(),
        description: None,
        refusals: name.into_iter().chain(untrusted).collect(),
    };
    let component = match compiler.compile(engine, &wasm) {
        Ok(component) => component,
        Err(error) => {
            inspection.refusals.push(report(&error));
            return Ok(inspection);
        }
    };
    inspection.imports = contract::imports(&component);
    inspection.roles = Role::exported_by(&component);
    match Plugin::new(engine, limits, &component, inspection.digest) {
        Ok(plugin) => inspection.description = Some(plugin.description().clone()),
        Err(error) => inspection.refusals.push(report(&error)),
    }
    Ok(inspection)
}

fn io_error(error: Unusable) -> io::Error {
    io::Error::other(report(&error))
}
