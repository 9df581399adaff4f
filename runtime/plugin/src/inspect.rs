use std::{
    io,
    path::{Path, PathBuf},
};

use ringtap_interest::Interest;

use crate::{
    compile::Compiler,
    contract::{self, Import},
    describe::Description,
    digest::Digest,
    directory::plugin_name,
    engine::Engine,
    files::{self, Unusable},
    interest::Grant,
    plugin::{Plugin, Role},
    policy::Terms,
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
    /// What it wants to see, one by one; empty where it was not let describe itself.
    pub interests: Vec<Inspected>,
    /// Why the supervisor would not load it, each with its causes. Empty for a good plugin, whose
    /// `init` can still refuse its config.
    pub refusals: Vec<String>,
}

/// An interest of a plugin, and what becomes of it. Whether interfaces that its filter names are
/// tapped is not looked at.
#[derive(Clone, Debug)]
pub struct Inspected {
    pub asked: Interest,
    /// What the operator leaves of it, or why it is refused, with all causes.
    pub granted: Result<Interest, String>,
}

impl Inspected {
    /// What becomes of each.
    pub(crate) fn all(asked: &[Interest], grant: Grant<'_>) -> Vec<Self> {
        let granted = |asked: &Interest| grant.one(asked).map_err(|why| report(&why));
        asked.iter().map(|one| Self { asked: one.clone(), granted: granted(one) }).collect()
    }
}

/// Look into the component at `path`, on the terms of its plugin. Errors are about reading it;
/// whatever is wrong with what was read is among the refusals.
pub fn inspect(
    path: &Path,
    engine: &Engine,
    compiler: &Compiler,
    terms: &Terms,
) -> io::Result<Inspection> {
    let Terms { narrowing, grants, limits, .. } = terms;
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
        interests: Vec::new(),
        refusals: name.into_iter().chain(untrusted).collect(),
    };
    let compiled = match compiler.compile(engine, &wasm) {
        Ok(compiled) => compiled,
        Err(error) => {
            inspection.refusals.push(report(&error));
            return Ok(inspection);
        }
    };
    inspection.imports = contract::imports(&compiled.component, grants);
    inspection.roles = Role::exported_by(&compiled.component);
    match Plugin::new(engine, terms, &compiled) {
        Ok(plugin) => inspection.describe(&plugin, Grant { narrowing, is_tapped: None }),
        Err(error) => inspection.refusals.push(report(&error)),
    }
    Ok(inspection)
}

impl Inspection {
    fn describe(&mut self, plugin: &Plugin, grant: Grant<'_>) {
        let asked = plugin.interests();
        self.interests = Inspected::all(asked, grant);
        self.description = Some(plugin.description().clone());
        let refused = self.interests.iter().filter_map(|one| one.granted.clone().err());
        self.refusals.extend(refused);
        // What stands against all of them together shows only where nothing stands against one.
        let each = self.interests.iter().all(|one| one.granted.is_ok());
        if let (true, Err(why)) = (each, grant.all(asked)) {
            self.refusals.push(report(&why));
        }
    }
}

fn io_error(error: Unusable) -> io::Error {
    io::Error::other(report(&error))
}
