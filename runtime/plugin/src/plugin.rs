use std::fmt;

use ringtap_interest::Interest;
use wasmtime::component::{Component, InstancePre};

use crate::{
    bindings::{lifecycle, state},
    call::CallError,
    capability::{self, Capability, Grants},
    compile::{CompileError, Compiled, Compiler, NotAComponent},
    contract::{self, Import, Misfit},
    describe::{Description, describe},
    digest::Digest,
    engine::Engine,
    host::Host,
    interest::BadInterest,
    policy::Terms,
    work::WorkIndices,
};

/// A compiled component that fits this host: its imports are granted, its roles bind, it has
/// described itself. Instances are made from it.
pub struct Plugin {
    digest: Digest,
    description: Description,
    interests: Vec<Interest>,
    imports: Vec<Import>,
    /// What its code is linked with.
    pub(crate) grants: Grants,
    pub(crate) code: InstancePre<Host>,
    pub(crate) roles: RoleIndices,
}

/// A role in `wit/roles.wit` that a plugin can export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    Lifecycle,
    Aggregate,
    Filter,
    Exporter,
    State,
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
    #[error("describes a form of its state and does not export `state`")]
    StateWithoutRole,
    #[error("exports `state` and does not say in `describe` which form of it it writes and reads")]
    RoleWithoutState,
    #[error("writes form {writes} of its state and reads none before form {reads_from}")]
    StateRange { writes: u32, reads_from: u32 },
}

/// Where in a component its roles are.
pub(crate) struct RoleIndices {
    pub(crate) lifecycle: lifecycle::GuestIndices,
    pub(crate) work: Option<WorkIndices>,
    pub(crate) state: Option<state::GuestIndices>,
}

impl Plugin {
    /// Compile `wasm` in a child process or take its code from the cache, hold it against this host
    /// and what is granted, and ask it to describe itself. Blocks for as long as that takes; the
    /// compiler's and the plugin's limits bound it.
    pub fn load(
        engine: &Engine,
        compiler: &Compiler,
        terms: &Terms,
        wasm: &[u8],
    ) -> Result<Self, LoadError> {
        Self::new(engine, terms, &compiler.compile(engine, wasm)?)
    }

    /// The plugin that a compiled component is. Calls the component, for which the thread needs a
    /// stack of [`THREAD_STACK`](crate::THREAD_STACK).
    pub fn new(engine: &Engine, terms: &Terms, compiled: &Compiled) -> Result<Self, LoadError> {
        let Compiled { component, digest } = compiled;
        let Terms { limits, grants, .. } = terms;
        let imports = contract::imports(component, grants);
        contract::check(&imports, grants)?;
        let linker = capability::linker(component, grants).map_err(LoadError::Code)?;
        let code = linker.instantiate_pre(component).map_err(|error| {
            Misfit::OtherWorld(format!("an import has another signature ({error:#})"))
        })?;
        let roles = RoleIndices::new(component, &code)?;
        let description = describe(engine, limits, component, &roles)?;
        let interests = match description.interests.as_slice() {
            [] if roles.takes_packets() => vec![Interest::everything()],
            stated => stated.to_vec(),
        };
        Ok(Self {
            digest: *digest,
            description,
            interests,
            imports,
            grants: grants.clone(),
            code,
            roles,
        })
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

    /// Whether it imports a capability.
    pub(crate) fn wants(&self, capability: Capability) -> bool {
        self.imports.iter().any(|import| import.capability() == Some(capability))
    }

    pub fn roles(&self) -> Vec<Role> {
        let state = self.roles.state.as_ref().map(|_| Role::State);
        [Role::Lifecycle].into_iter().chain(self.work()).chain(state).collect()
    }

    /// The role in which it is given something to work on.
    pub fn work(&self) -> Option<Role> {
        self.roles.work.as_ref().map(WorkIndices::role)
    }
}

impl RoleIndices {
    fn new(component: &Component, code: &InstancePre<Host>) -> Result<Self, Misfit> {
        let lacks = |error| Misfit::OtherWorld(format!("{error:#}"));
        if contract::export(component, Role::Lifecycle.name())?.is_none() {
            return Err(Misfit::OtherWorld("it does not export `lifecycle`".to_owned()));
        }
        let lifecycle = lifecycle::GuestIndices::new(code).map_err(lacks)?;
        let mut works = Vec::new();
        for role in Role::WORK {
            if contract::export(component, role.name())?.is_some() {
                works.push(WorkIndices::new(role, code).map_err(lacks)?);
            }
        }
        let work = works.pop();
        if let (Some(one), Some(other)) = (works.pop(), &work) {
            return Err(Misfit::TwoRoles { one: one.role(), other: other.role() });
        }
        let state = match contract::export(component, Role::State.name())? {
            None => None,
            Some(_) => Some(state::GuestIndices::new(code).map_err(lacks)?),
        };
        Ok(Self { lifecycle, work, state })
    }

    pub(crate) fn takes_packets(&self) -> bool {
        matches!(self.work, Some(WorkIndices::Aggregate(_) | WorkIndices::Filter(_)))
    }
}

impl Role {
    const ALL: [Self; 5] =
        [Self::Lifecycle, Self::Aggregate, Self::Filter, Self::Exporter, Self::State];

    /// Those of which a plugin has one at most.
    const WORK: [Self; 3] = [Self::Aggregate, Self::Filter, Self::Exporter];

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
            Self::Filter => "filter",
            Self::Exporter => "exporter",
            Self::State => "state",
        }
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin").field("description", &self.description).finish_non_exhaustive()
    }
}
