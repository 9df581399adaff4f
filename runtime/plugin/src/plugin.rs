use std::fmt;

use ringtap_interest::Interest;
use wasmtime::component::{Component, InstancePre};

use crate::{
    bindings::{aggregate, lifecycle},
    call::CallError,
    compile::{CompileError, Compiled, Compiler, NotAComponent},
    contract::{self, Import, Misfit},
    describe::{Description, describe},
    digest::Digest,
    engine::Engine,
    host::Host,
    interest::BadInterest,
    limits::Limits,
};

/// A compiled component that fits this host: its imports are granted, its roles bind, it has
/// described itself. Instances are made from it.
pub struct Plugin {
    digest: Digest,
    description: Description,
    interests: Vec<Interest>,
    imports: Vec<Import>,
    pub(crate) code: InstancePre<Host>,
    pub(crate) roles: RoleIndices,
}

/// A role in `wit/roles.wit` that a plugin can export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    Lifecycle,
    Aggregate,
}

/// Why a file is no plugin of this host.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error(transparent)]
    NotAComponent(#[from] NotAComponent),
    #[error(transparent)]
    Compile(#[from] CompileError),
    #[error("its compiled code could not be loaded")]
    Code(#[source] wasmtime::Error),
    #[error(transparent)]
    Misfit(#[from] Misfit),
    #[error("does not describe itself")]
    Describe(#[from] CallError),
    #[error("describes itself with a {what} of {characters} characters: {allowed} are allowed")]
    Description { what: &'static str, characters: usize, allowed: &'static str },
    #[error(transparent)]
    Interest(#[from] BadInterest),
}

pub(crate) struct RoleIndices {
    pub(crate) lifecycle: lifecycle::GuestIndices,
    pub(crate) aggregate: Option<aggregate::GuestIndices>,
}

impl Plugin {
    /// Compile `wasm` in a child process or take its code from the cache, hold it against this host
    /// and ask it to describe itself. Blocks for as long as that takes; the compiler's and the
    /// plugin's limits bound it.
    pub fn load(
        engine: &Engine,
        compiler: &Compiler,
        limits: &Limits,
        wasm: &[u8],
    ) -> Result<Self, LoadError> {
        Self::new(engine, limits, &compiler.compile(engine, wasm)?)
    }

    /// The plugin that a compiled component is. Calls the component, for which the thread needs a
    /// stack of `THREAD_STACK`.
    pub(crate) fn new(
        engine: &Engine,
        limits: &Limits,
        compiled: &Compiled,
    ) -> Result<Self, LoadError> {
        let Compiled { component, digest } = compiled;
        let imports = contract::imports(component);
        if let Some(misfit) = imports.iter().find_map(Import::misfit) {
            return Err(misfit.clone().into());
        }
        let code = engine.linker().instantiate_pre(component).map_err(|error| {
            Misfit::OtherWorld(format!("an import has another signature ({error:#})"))
        })?;
        let roles = RoleIndices::new(component, &code)?;
        let description = describe(engine, limits, component, &roles)?;
        let interests = match description.interests.as_slice() {
            [] if roles.aggregate.is_some() => vec![Interest::everything()],
            stated => stated.to_vec(),
        };
        Ok(Self { digest: *digest, description, interests, imports, code, roles })
    }

    pub fn digest(&self) -> Digest {
        self.digest
    }

    pub fn description(&self) -> &Description {
        &self.description
    }

    /// What it wants to see, before the operator narrows it. A plugin that takes packets and states
    /// nothing wants them all.
    pub fn interests(&self) -> &[Interest] {
        &self.interests
    }

    pub fn imports(&self) -> &[Import] {
        &self.imports
    }

    pub fn roles(&self) -> Vec<Role> {
        let aggregate = self.roles.aggregate.as_ref().map(|_| Role::Aggregate);
        [Role::Lifecycle].into_iter().chain(aggregate).collect()
    }
}

impl RoleIndices {
    fn new(component: &Component, code: &InstancePre<Host>) -> Result<Self, Misfit> {
        let lacks = |error| Misfit::OtherWorld(format!("{error:#}"));
        if contract::export(component, Role::Lifecycle.name())?.is_none() {
            return Err(Misfit::OtherWorld("it does not export `lifecycle`".to_owned()));
        }
        let lifecycle = lifecycle::GuestIndices::new(code).map_err(lacks)?;
        let aggregate = match contract::export(component, Role::Aggregate.name())? {
            None => None,
            Some(_) => Some(aggregate::GuestIndices::new(code).map_err(lacks)?),
        };
        Ok(Self { lifecycle, aggregate })
    }
}

impl Role {
    const ALL: [Self; 2] = [Self::Lifecycle, Self::Aggregate];

    /// The roles of which the component has the interface, in a version that fits.
    pub(crate) fn exported_by(component: &Component) -> Vec<Self> {
        let exports = |role: &Self| matches!(contract::export(component, role.name()), Ok(Some(_)));
        Self::ALL.into_iter().filter(exports).collect()
    }

    /// The interface in the package `ringtap:plugin`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lifecycle => "lifecycle",
            Self::Aggregate => "aggregate",
        }
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin").field("description", &self.description).finish_non_exhaustive()
    }
}
