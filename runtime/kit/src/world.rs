//! The world of a core module that carries none, read off the names that it imports and exports.

use std::collections::BTreeSet;

use ringtap_document::nearest;
use semver::Version;

use crate::{
    module::Module,
    package::{APP, Package},
};

/// Modules that an adapter stands in for.
pub(crate) const PREVIEW1: &str = "wasi_snapshot_preview1";

/// Roles of which a plugin has one at most.
const WORK: [&str; 3] = ["aggregate", "filter", "exporter"];

/// Why a core module is of no world.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error(
        "it imports `{function}` from `{module}`, which no host provides: link the code that has \
         it, or build without it (a plugin may import {allowed} of {package})"
    )]
    Import { module: String, function: String, allowed: String, package: String },
    #[error("it exports `{name}`, which no host calls: a plugin exports {allowed} of {package}")]
    Export { name: String, allowed: String, package: String },
    #[error(
        "it is built for {theirs} (`{name}`) and the package here is {ours}: build it with an SDK of \
         that, or take `wit/` from where its SDK is from"
    )]
    OtherVersion { name: String, theirs: String, ours: String },
    #[error("{package} has no interface `{name}` to {verb}; {hint}")]
    Interface { name: String, verb: &'static str, hint: String, package: String },
    #[error("`{interface}` of {package} has no function `{name}`; {hint}")]
    Function { interface: String, name: String, hint: String, package: String },
    #[error(
        "it exports the role `{role}` without its function `{function}`: export \
         `{package_name}/{role}@{version}#{function}` too"
    )]
    Incomplete { role: String, function: String, package_name: String, version: String },
    #[error(
        "it exports both `{one}` and `{other}`: a plugin has one of the roles aggregate, filter and \
         exporter"
    )]
    TwoRoles { one: String, other: String },
    #[error("it does not export `lifecycle` of {package}, which every plugin has")]
    NoLifecycle { package: String },
}

/// What a plugin imports and exports of the package, and no more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    pub capabilities: BTreeSet<String>,
    pub roles: BTreeSet<String>,
}

impl World {
    /// What the module's names say.
    pub(crate) fn infer(module: &Module<'_>, package: &Package) -> Result<Self, Unfit> {
        let mut world = Self { capabilities: BTreeSet::new(), roles: BTreeSet::new() };
        for (from, function) in &module.imports {
            if *from != PREVIEW1 {
                world.capabilities.insert(import(from, function, package)?);
            }
        }
        let mut exported = BTreeSet::new();
        for name in &module.exports {
            if let Some((role, function)) = export(name, package)? {
                exported.insert((role.clone(), function));
                world.roles.insert(role);
            }
        }
        world.check(package)?;
        complete(&world, &exported, package)?;
        Ok(world)
    }

    /// Whether a plugin may have these roles.
    pub(crate) fn check(&self, package: &Package) -> Result<(), Unfit> {
        if !self.roles.contains("lifecycle") {
            return Err(Unfit::NoLifecycle { package: package.full_name() });
        }
        let mut work = WORK.iter().filter(|role| self.roles.contains(**role));
        match (work.next(), work.next()) {
            (Some(one), Some(other)) => {
                Err(Unfit::TwoRoles { one: (*one).to_owned(), other: (*other).to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// As WIT, a file of the package. Interfaces with types come with those that use them.
    pub(crate) fn text(&self, package: &Package) -> String {
        let imports = self.capabilities.iter().map(|name| format!("  import {name};\n"));
        let exports = self.roles.iter().map(|name| format!("  export {name};\n"));
        let lines: String = imports.chain(exports).collect();
        format!("package {};\n\nworld {APP} {{\n{lines}}}\n", package.full_name())
    }
}

/// The capability whose function this is.
fn import(from: &str, function: &str, package: &Package) -> Result<String, Unfit> {
    let Some(interface) = ours(from, package)? else {
        return Err(Unfit::Import {
            module: from.to_owned(),
            function: function.to_owned(),
            allowed: package.capabilities.join(", "),
            package: package.full_name(),
        });
    };
    known(interface, function, &package.capabilities, "import", package)
}

/// The role and the function that an export is of; `None` for what is not for the host, such as the
/// memory and functions of the C library's.
fn export(name: &str, package: &Package) -> Result<Option<(String, String)>, Unfit> {
    let (called, freed) = match name.strip_prefix("cabi_post_") {
        Some(called) => (called, true),
        None => (name, false),
    };
    let Some((from, function)) = called.split_once('#') else { return Ok(None) };
    let Some(interface) = ours(from, package)? else {
        let (name, allowed) = (name.to_owned(), package.roles.join(", "));
        return Err(Unfit::Export { name, allowed, package: package.full_name() });
    };
    let role = known(interface, function, &package.roles, "export", package)?;
    Ok((!freed).then(|| (role, function.to_owned())))
}

/// The interface's name if it is of our package, in our version.
fn ours<'a>(full: &'a str, package: &Package) -> Result<Option<&'a str>, Unfit> {
    let rest = full.strip_prefix(&package.name).and_then(|rest| rest.strip_prefix('/'));
    let Some(rest) = rest else { return Ok(None) };
    let (interface, version) = rest.split_once('@').unwrap_or((rest, ""));
    if Version::parse(version).is_ok_and(|version| version == package.version) {
        return Ok(Some(interface));
    }
    let theirs = match version {
        "" => format!("{} without a version", package.name),
        version => format!("{}@{version}", package.name),
    };
    Err(Unfit::OtherVersion { name: full.to_owned(), theirs, ours: package.full_name() })
}

fn known(
    interface: &str,
    function: &str,
    among: &[String],
    verb: &'static str,
    package: &Package,
) -> Result<String, Unfit> {
    let found = package.interface(interface).filter(|_| among.iter().any(|one| one == interface));
    let Some(found) = found else {
        let (name, hint) = (interface.to_owned(), hint(interface, among.iter()));
        return Err(Unfit::Interface { name, verb, hint, package: package.full_name() });
    };
    if found.functions.contains_key(function) {
        return Ok(interface.to_owned());
    }
    Err(Unfit::Function {
        interface: interface.to_owned(),
        name: function.to_owned(),
        hint: hint(function, found.functions.keys()),
        package: package.full_name(),
    })
}

fn complete(
    world: &World,
    exported: &BTreeSet<(String, String)>,
    package: &Package,
) -> Result<(), Unfit> {
    for role in &world.roles {
        let functions = package.interface(role).into_iter().flat_map(|role| role.functions.keys());
        for function in functions {
            if !exported.contains(&(role.clone(), function.clone())) {
                return Err(Unfit::Incomplete {
                    role: role.clone(),
                    function: function.clone(),
                    package_name: package.name.clone(),
                    version: package.version.to_string(),
                });
            }
        }
    }
    Ok(())
}

fn hint<'a>(text: &str, known: impl Iterator<Item = &'a String>) -> String {
    let known: Vec<&str> = known.map(String::as_str).collect();
    match nearest(text, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests;
