//! What plugins may import: one module per capability, each with a `link` into the linker and the
//! state that an instance keeps for it.

mod clock;
mod events;
mod grants;
mod interfaces;
mod kv;
mod log;
mod metrics;
mod random;
mod text;

use std::fmt;

use wasmtime::component::{Component, Linker};

pub(crate) use self::{
    clock::Clock,
    events::Events,
    interfaces::Interfaces,
    kv::Kv,
    log::Log,
    metrics::Metrics,
    random::Random,
    text::{MAX_MESSAGE, printable},
};
pub use self::{grants::Grants, interfaces::InterfaceNames, random::Seeds};
use crate::{host::Host, wasi};

/// A capability, named as its interface in `wit/capabilities.wit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Capability {
    Log,
    Clock,
    Interfaces,
    Metrics,
    Events,
    Random,
    Kv,
}

impl Capability {
    pub const ALL: [Self; 7] = [
        Self::Log,
        Self::Clock,
        Self::Interfaces,
        Self::Metrics,
        Self::Events,
        Self::Random,
        Self::Kv,
    ];

    /// The interface in the package `ringtap:plugin`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Clock => "clock",
            Self::Interfaces => "interfaces",
            Self::Metrics => "metrics",
            Self::Events => "events",
            Self::Random => "random",
            Self::Kv => "kv",
        }
    }

    /// Whether it is granted where nothing is said.
    pub const fn is_harmless(self) -> bool {
        !matches!(self, Self::Kv)
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|capability| capability.name() == name)
    }

    fn link(self, linker: &mut Linker<Host>) -> wasmtime::Result<()> {
        match self {
            Self::Log => Log::link(linker),
            Self::Clock => Clock::link(linker),
            Self::Interfaces => Interfaces::link(linker),
            Self::Metrics => Metrics::link(linker),
            Self::Events => Events::link(linker),
            Self::Random => Random::link(linker),
            Self::Kv => Kv::link(linker),
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A linker with what is granted, and with what the component imports of WASI. What it doesn't
/// import costs it nothing.
pub(crate) fn linker(component: &Component, grants: &Grants) -> wasmtime::Result<Linker<Host>> {
    let mut linker = Linker::new(component.engine());
    for capability in grants.iter() {
        capability.link(&mut linker)?;
    }
    wasi::link(component, &mut linker)?;
    Ok(linker)
}
