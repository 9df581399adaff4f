use std::{fmt, sync::Arc};

use wasmtime::component::{HasSelf, Linker};

use crate::{bindings::interfaces, host::Host};

/// Tells an interface's name from the `ifindex` of a record. Must not block.
pub type InterfaceNames = Arc<dyn Fn(u32) -> Option<String> + Send + Sync>;

pub(crate) struct Interfaces(InterfaceNames);

impl Interfaces {
    pub(crate) fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
        interfaces::add_to_linker::<_, HasSelf<Self>>(linker, |host| &mut host.interfaces)
    }

    pub(crate) fn new(names: InterfaceNames) -> Self {
        Self(names)
    }
}

impl interfaces::Host for Interfaces {
    fn name(&mut self, ifindex: u32) -> wasmtime::Result<Option<String>> {
        Ok((self.0)(ifindex))
    }
}

impl fmt::Debug for Interfaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Interfaces")
    }
}
