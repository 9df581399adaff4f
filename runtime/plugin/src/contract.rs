//! What a component asks for and offers, read off its type before any of it runs, and whether that
//! fits this host. wasmtime's own words on a misfit name neither the cause nor a way out.

use std::fmt;

use semver::{Comparator, Op, Version};
use wasmtime::component::{
    Component, ComponentExportIndex,
    types::{self, ComponentItem},
};

use crate::{
    capability::{Capability, Grants},
    plugin::Role,
    wasi,
};

/// The package that this host implements; a test holds it against `wit/`.
const PACKAGE: &str = "ringtap:plugin";
const VERSION: Version = Version::new(0, 1, 0);

/// Interfaces of the package that hold types only, so that nothing is granted with them.
const TYPE_INTERFACES: [&str; 2] = ["types", "layout"];

/// One import of a component, and whether it may have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// In full, such as `ringtap:plugin/log@0.1.0`.
    pub name: String,
    pub verdict: Verdict,
}

/// What becomes of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The capability is granted.
    Granted(Capability),
    /// Types only: there is nothing to grant.
    Types,
    /// Of WASI, so that it is there and does nothing, but for what it shares with a capability that
    /// is granted: lines to print, the time, random numbers.
    Wasi(Option<Capability>),
    Refused(Misfit),
}

/// Why a component does not fit this host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    #[error(
        "imports `{import}`, which no plugin may have: build it without (plugins may import {allowed} of {PACKAGE}@{VERSION})",
        allowed = Capabilities
    )]
    Import { import: String },
    #[error(
        "imports {} without being granted {}: {}",
        listed(.imports), listed(.capabilities), way(.granted, .capabilities)
    )]
    Ungranted { imports: Vec<String>, capabilities: Vec<Capability>, granted: Grants },
    #[error("is built for {PACKAGE}@{theirs} and this host has {PACKAGE}@{VERSION}: rebuild it")]
    OtherVersion { theirs: String },
    #[error(
        "exports both `{one}` and `{other}`: a plugin has one of the roles aggregate, filter and exporter",
        one = .one.name(), other = .other.name()
    )]
    TwoRoles { one: Role, other: Role },
    #[error("is a component of another world: {0}")]
    OtherWorld(String),
}

impl Import {
    /// The capability that comes with the import.
    pub fn capability(&self) -> Option<Capability> {
        match self.verdict {
            Verdict::Granted(capability) => Some(capability),
            Verdict::Wasi(capability) => capability,
            Verdict::Types | Verdict::Refused(_) => None,
        }
    }
}

/// Every import, in the component's order.
pub(crate) fn imports(component: &Component, grants: &Grants) -> Vec<Import> {
    let ty = component.component_type();
    let imports = ty.imports(component.engine());
    imports
        .map(|(name, item)| Import { name: name.into(), verdict: verdict(name, &item.ty, grants) })
        .collect()
}

/// Whether a component may have all of its imports. Of what has to be granted, all is told at once.
pub(crate) fn check(imports: &[Import], grants: &Grants) -> Result<(), Misfit> {
    let (mut named, mut lacking) = (Vec::new(), Vec::new());
    for import in imports {
        match &import.verdict {
            Verdict::Refused(Misfit::Ungranted { imports, capabilities, .. }) => {
                named.extend_from_slice(imports);
                lacking.extend_from_slice(capabilities);
            }
            Verdict::Refused(misfit) => return Err(misfit.clone()),
            Verdict::Granted(_) | Verdict::Types | Verdict::Wasi(_) => {}
        }
    }
    let granted = grants.clone();
    match lacking.is_empty() {
        true => Ok(()),
        false => Err(Misfit::Ungranted { imports: named, capabilities: lacking, granted }),
    }
}

fn verdict(name: &str, item: &ComponentItem, grants: &Grants) -> Verdict {
    let refused = || Verdict::Refused(Misfit::Import { import: name.to_owned() });
    if !matches!(item, ComponentItem::ComponentInstance(_)) {
        return refused();
    }
    if let Some(interface) = wasi::Interface::parse(name) {
        return Verdict::Wasi(interface.capability().filter(|needed| grants.has(*needed)));
    }
    let Some(interface) = Interface::parse(name) else { return refused() };
    if let Err(misfit) = interface.check_version() {
        return Verdict::Refused(misfit);
    }
    match Capability::from_name(interface.name) {
        Some(capability) if grants.has(capability) => Verdict::Granted(capability),
        Some(capability) => Verdict::Refused(Misfit::Ungranted {
            imports: vec![name.to_owned()],
            capabilities: vec![capability],
            granted: grants.clone(),
        }),
        None if TYPE_INTERFACES.contains(&interface.name) => Verdict::Types,
        None => refused(),
    }
}

/// Where the component exports the interface `name` of our package.
///
/// `None` if it doesn't; an error if it does for another version.
pub(crate) fn export(
    component: &Component,
    name: &str,
) -> Result<Option<ComponentExportIndex>, Misfit> {
    let ty = component.component_type();
    let theirs = ty
        .exports(component.engine())
        .filter_map(|(export, _)| Interface::parse(export))
        .find(|interface| interface.name == name);
    let Some(interface) = theirs else { return Ok(None) };
    interface.check_version()?;
    Ok(component.get_export_index(None, format!("{PACKAGE}/{name}@{VERSION}")))
}

/// The functions of an imported interface.
pub(crate) fn functions<'a>(
    engine: &'a wasmtime::Engine,
    interface: &'a types::ComponentInstance,
) -> impl Iterator<Item = &'a str> {
    let function = |(name, item): (&'a str, types::ComponentExtern<'a>)| {
        matches!(item.ty, ComponentItem::ComponentFunc(_)).then_some(name)
    };
    interface.exports(engine).filter_map(function)
}

/// `PACKAGE/name@version`.
struct Interface<'a> {
    name: &'a str,
    version: &'a str,
}

impl<'a> Interface<'a> {
    fn parse(full: &'a str) -> Option<Self> {
        let interface = full.strip_prefix(PACKAGE)?.strip_prefix('/')?;
        let (name, version) = interface.split_once('@').unwrap_or((interface, ""));
        Some(Self { name, version })
    }

    /// A plugin that was built against a later release of the same compatible line may still ask
    /// for nothing that this host lacks; binding tells.
    fn check_version(&self) -> Result<(), Misfit> {
        let ours = Comparator {
            op: Op::Caret,
            major: VERSION.major,
            minor: Some(VERSION.minor),
            patch: Some(0),
            pre: VERSION.pre,
        };
        let fits = Version::parse(self.version).is_ok_and(|theirs| ours.matches(&theirs));
        let theirs = || if self.version.is_empty() { "no version" } else { self.version };
        if fits { Ok(()) } else { Err(Misfit::OtherVersion { theirs: theirs().to_owned() }) }
    }
}

fn listed(names: &[impl fmt::Display]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(" and ")
}

/// How an operator grants what is lacking.
fn way(granted: &Grants, lacking: &[Capability]) -> String {
    if *granted == Grants::default() {
        let line = granted.with(lacking.iter().copied());
        return format!("grant that with `{line}` in [plugins.NAME]");
    }
    let lacking: Vec<_> = lacking.iter().map(|one| format!("{:?}", one.name())).collect();
    format!("add {} to the `grants` of its [plugins.NAME]", lacking.join(", "))
}

struct Capabilities;

impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Capability::ALL.map(Capability::name);
        f.write_str(&names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_is_the_one_in_wit() {
        let mut resolve = wit_parser::Resolve::default();
        let wit = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit");
        let (package, _) = resolve.push_dir(wit).unwrap();
        let package = &resolve.packages[package];
        assert_eq!(package.name.to_string(), format!("{PACKAGE}@{VERSION}"));
        let has_functions = |name: &&str| {
            let interface = &resolve.interfaces[package.interfaces[*name]];
            !interface.functions.is_empty()
        };
        assert!(!TYPE_INTERFACES.iter().any(has_functions));
        assert!(Capability::ALL.iter().all(|capability| has_functions(&capability.name())));
    }

    #[test]
    fn versions_of_one_compatible_line_fit() {
        let check = |version| Interface { name: "log", version }.check_version();
        assert_eq!(check("0.1.0"), Ok(()));
        assert_eq!(check("0.1.5"), Ok(()));
        for other in ["0.2.0", "1.0.0", "0.0.9", "0.1.0-rc.1"] {
            let misfit = check(other).unwrap_err();
            assert_eq!(misfit, Misfit::OtherVersion { theirs: other.to_owned() });
        }
        assert!(Interface::parse("wasi:io/poll@0.2.0").is_none());
        assert!(Interface::parse("ringtap:plugins/log@0.1.0").is_none());
    }
}
