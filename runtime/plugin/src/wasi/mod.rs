//! WASI 0.2, for components whose toolchain imports it whether the plugin uses it or not. Every
//! interface is there, and nothing is behind it: no environment, no file, no socket, and no
//! waiting, for whatever could be waited for is ready at once. What WASI shares with a capability,
//! lines to print, the time and random numbers, works where that capability is granted.
//!
//! Functions are defined by the names that the component imports, with the types that it imports
//! them with: a component may import any part of any release of 0.2. An answer of another type than
//! the guest asked for fails its call.

mod behaviour;
mod handle;
mod lines;

use semver::Version;
use wasmtime::component::{
    Component, Linker, LinkerInstance,
    types::{ComponentInstance, ComponentItem},
};

pub(crate) use self::lines::Lines;
use self::{behaviour::Behaviour, handle::Kind};
use crate::capability::Capability;

/// What WASI's functions reach of an instance.
pub(crate) trait Ambient: 'static {
    /// Take what the guest prints.
    fn print(&mut self, output: Output, bytes: &[u8]);
    /// Unix time in ns; 0 where time is not granted.
    fn time(&self) -> u64;
    /// A time in ns that never goes back.
    fn monotonic_time(&mut self) -> u64;
    fn random(&mut self) -> u64;
    fn random_bytes(&mut self, count: usize) -> Vec<u8>;
}

/// Where a guest prints to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    Out,
    Err,
}

/// An interface of WASI 0.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interface<'a> {
    /// With its package, such as `io/streams`.
    name: &'a str,
}

const PACKAGES: [&str; 7] = ["cli", "clocks", "filesystem", "http", "io", "random", "sockets"];

impl<'a> Interface<'a> {
    /// The one that `import` names, if it is one.
    pub(crate) fn parse(import: &'a str) -> Option<Self> {
        let (name, version) = import.strip_prefix("wasi:")?.split_once('@')?;
        let (package, _) = name.split_once('/')?;
        let version = Version::parse(version).ok()?;
        let is_0_2 = (version.major, version.minor) == (0, 2) && version.pre.is_empty();
        (is_0_2 && PACKAGES.contains(&package)).then_some(Self { name })
    }

    /// The capability without which it does nothing; `None` where it does nothing anyway.
    pub(crate) fn capability(self) -> Option<Capability> {
        match self.name {
            "cli/stdout" | "cli/stderr" => Some(Capability::Log),
            "clocks/monotonic-clock" | "clocks/wall-clock" => Some(Capability::Clock),
            name if name.starts_with("random/") => Some(Capability::Random),
            _ => None,
        }
    }
}

/// Define all that the component imports of WASI.
pub(crate) fn link<T: Ambient>(
    component: &Component,
    linker: &mut Linker<T>,
) -> wasmtime::Result<()> {
    let ty = component.component_type();
    for (import, item) in ty.imports(component.engine()) {
        let (Some(interface), ComponentItem::ComponentInstance(imported)) =
            (Interface::parse(import), item.ty)
        else {
            continue;
        };
        define(interface, import, &imported, component, &mut linker.instance(import)?)?;
    }
    Ok(())
}

fn define<T: Ambient>(
    interface: Interface<'_>,
    import: &str,
    imported: &ComponentInstance,
    component: &Component,
    linked: &mut LinkerInstance<'_, T>,
) -> wasmtime::Result<()> {
    for (name, item) in imported.exports(component.engine()) {
        match item.ty {
            ComponentItem::Resource(_) => {
                linked.resource(name, Kind::of(name).ty(), |_, _| Ok(()))?;
            }
            ComponentItem::ComponentFunc(_) => {
                let behaviour = Behaviour::of(interface.name, name);
                let full = format!("{import}#{name}");
                linked.func_new(name, move |store, ty, given, answer| {
                    behaviour.run(&full, store, &ty, given, answer)
                })?;
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_release_of_0_2_is_known_and_nothing_else() {
        for import in ["wasi:cli/exit@0.2.0", "wasi:io/poll@0.2.12", "wasi:http/types@0.2.3"] {
            assert!(Interface::parse(import).is_some(), "{import}");
        }
        for import in [
            "wasi:cli/exit",
            "wasi:cli@0.2.0",
            "wasi:cli/exit@0.2",
            "wasi:cli/exit@0.3.0",
            "wasi:cli/exit@1.2.0",
            "wasi:cli/exit@0.2.0-rc-2023-12-05",
            "wasi:keyvalue/store@0.2.0",
            "wasis:cli/exit@0.2.0",
        ] {
            assert_eq!(Interface::parse(import), None, "{import}");
        }
    }

    #[test]
    fn what_is_shared_with_a_capability_goes_by_its_grant() {
        let capability = |import| Interface::parse(import).unwrap().capability();
        assert_eq!(capability("wasi:cli/stderr@0.2.0"), Some(Capability::Log));
        assert_eq!(capability("wasi:cli/stdin@0.2.0"), None);
        assert_eq!(capability("wasi:clocks/wall-clock@0.2.0"), Some(Capability::Clock));
        assert_eq!(capability("wasi:random/insecure-seed@0.2.0"), Some(Capability::Random));
        assert_eq!(capability("wasi:sockets/tcp@0.2.0"), None);
    }
}
