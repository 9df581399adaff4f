//! What plugins may import: one module per capability, each with a `link` into the linker and the
//! state that an instance keeps for it.

mod clock;
mod events;
mod interfaces;
mod log;
mod metrics;
mod text;

use std::fmt;

use wasmtime::component::Linker;

pub use self::interfaces::InterfaceNames;
pub(crate) use self::{
    clock::Clock, events::Events, interfaces::Interfaces, log::Log, metrics::Metrics,
    text::printable,
};
use crate::host::Host;

/// A capability, named as its interface in `wit/capabilities.wit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Capability {
    Log,
    Clock,
    Interfaces,
    Metrics,
    Events,
}

impl Capability {
    pub const ALL: [Self; 5] =
        [Self::Log, Self::Clock, Self::Interfaces, Self::Metrics, Self::Events];

    /// The interface in the package `ringtap:plugin`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Clock => "clock",
            Self::Interfaces => "interfaces",
            Self::Metrics => "metrics",
            Self::Events => "events",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|capability| capability.name() == name)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A linker with every capability. What a component doesn't import costs it nothing.
pub(crate) fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<Host>> {
    let mut linker = Linker::new(engine);
    Log::link(&mut linker)?;
    Clock::link(&mut linker)?;
    Interfaces::link(&mut linker)?;
    Metrics::link(&mut linker)?;
    Events::link(&mut linker)?;
    Ok(linker)
}
