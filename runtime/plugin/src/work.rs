use wasmtime::{
    AsContextMut,
    component::{Instance, InstancePre},
};

use crate::{
    bindings::{aggregate, exporter, filter},
    host::Host,
    plugin::Role,
};

/// The role in which a plugin is given something to work on, of which it has one at most. Where in
/// a component its functions are.
pub(crate) enum WorkIndices {
    Aggregate(aggregate::GuestIndices),
    Filter(filter::GuestIndices),
    Exporter(exporter::GuestIndices),
}

/// As [`WorkIndices`], the functions of an instance.
#[derive(Clone)]
pub(crate) enum Work {
    Aggregate(aggregate::Guest),
    Filter(filter::Guest),
    Exporter(exporter::Guest),
}

impl WorkIndices {
    /// `role` is one of [`Role::WORK`].
    pub(crate) fn new(role: Role, code: &InstancePre<Host>) -> wasmtime::Result<Self> {
        match role {
            Role::Filter => filter::GuestIndices::new(code).map(Self::Filter),
            Role::Exporter => exporter::GuestIndices::new(code).map(Self::Exporter),
            _ => aggregate::GuestIndices::new(code).map(Self::Aggregate),
        }
    }

    pub(crate) fn role(&self) -> Role {
        match self {
            Self::Aggregate(_) => Role::Aggregate,
            Self::Filter(_) => Role::Filter,
            Self::Exporter(_) => Role::Exporter,
        }
    }

    /// Bind, which holds the types of the functions against ours.
    pub(crate) fn load(
        &self,
        store: impl AsContextMut,
        instance: &Instance,
    ) -> wasmtime::Result<Work> {
        Ok(match self {
            Self::Aggregate(role) => Work::Aggregate(role.load(store, instance)?),
            Self::Filter(role) => Work::Filter(role.load(store, instance)?),
            Self::Exporter(role) => Work::Exporter(role.load(store, instance)?),
        })
    }
}
