use ringtap_interest::Interest;
use wasmtime::component::{Component, Linker, types::ComponentItem};

use crate::{
    bindings::types,
    bounds::{self, Bounds},
    call::{Call, CallError, ForbiddenCall},
    capability::{Random, printable},
    contract::{self, Misfit},
    engine::Engine,
    interest::{self, BadInterest},
    limits::Limits,
    plugin::{LoadError, RoleIndices},
    wasi::{self, Ambient, Output},
};

const MAX_TEXT: usize = 64;
const MIN_TICK_MS: u32 = 10;

/// What a plugin says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    pub name: String,
    pub version: String,
    /// `tick` is called this often, in ms, at least every 10; `None` for never.
    pub tick_ms: Option<u32>,
    /// As it states them, at most 64; none for every packet.
    pub interests: Vec<Interest>,
    /// Of a plugin with the role `state`, and of no other.
    pub state: Option<StateSchema>,
}

/// Which forms of its state a plugin writes and reads, by numbers of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateSchema {
    pub writes: u32,
    /// It takes the forms from here to `writes`.
    pub reads_from: u32,
}

/// What an instance has that describes itself: of WASI what nobody has to grant, and nothing else.
struct Describing {
    bounds: Bounds,
    random: Random,
}

impl AsMut<Bounds> for Describing {
    fn as_mut(&mut self) -> &mut Bounds {
        &mut self.bounds
    }
}

impl Ambient for Describing {
    fn print(&mut self, _: Output, _: &[u8]) {}

    fn time(&self) -> u64 {
        0
    }

    fn monotonic_time(&mut self) -> u64 {
        0
    }

    fn random(&mut self) -> u64 {
        self.random.next()
    }

    fn random_bytes(&mut self, count: usize) -> Vec<u8> {
        self.random.bytes(count)
    }
}

/// Call `describe` on an instance of its own, in which every capability traps, after binding all
/// roles: a function of another type is found here and not in the middle of a replacement.
pub(crate) fn describe(
    engine: &Engine,
    limits: &Limits,
    component: &Component,
    roles: &RoleIndices,
) -> Result<Description, LoadError> {
    let linker = trapping(component).map_err(LoadError::Code)?;
    let describing = Describing { bounds: Bounds::new(engine, limits), random: Random::constant() };
    let mut store = bounds::store(engine.wasmtime(), limits, describing);
    let failed = |call, describing: &Describing, error| {
        let bounds = &describing.bounds;
        LoadError::Describe(CallError::new(call, limits.lifecycle_time, bounds, error))
    };

    bounds::begin(&mut store, limits.lifecycle_time);
    let instance = match linker.instantiate(&mut store, component) {
        Ok(instance) => instance,
        Err(error) => return Err(failed(Call::Instantiate, store.data(), error)),
    };
    let other_type = |error| Misfit::OtherWorld(format!("a function has another type ({error:#})"));
    let lifecycle = roles.lifecycle.load(&mut store, &instance).map_err(other_type)?;
    let work = roles.work.as_ref();
    work.map(|work| work.load(&mut store, &instance)).transpose().map_err(other_type)?;
    let state = roles.state.as_ref();
    state.map(|state| state.load(&mut store, &instance)).transpose().map_err(other_type)?;
    bounds::begin(&mut store, limits.lifecycle_time);
    let described = lifecycle.call_describe(&mut store);
    let described = described.map_err(|error| failed(Call::Describe, store.data(), error))?;
    let description = Description::try_from(described)?;
    if !roles.takes_packets() && !description.interests.is_empty() {
        return Err(BadInterest::NoPackets.into());
    }
    match (description.state, &roles.state) {
        (Some(_), None) => Err(LoadError::StateWithoutRole),
        (None, Some(_)) => Err(LoadError::RoleWithoutState),
        (Some(StateSchema { writes, reads_from }), _) if reads_from > writes => {
            Err(LoadError::StateRange { writes, reads_from })
        }
        _ => Ok(description),
    }
}

/// A linker that gives `component` all that it imports, and traps when any capability is called.
fn trapping(component: &Component) -> wasmtime::Result<Linker<Describing>> {
    let engine = component.engine();
    let mut linker = Linker::new(engine);
    wasi::link(component, &mut linker)?;
    let ty = component.component_type();
    for (import, item) in ty.imports(engine) {
        let ComponentItem::ComponentInstance(interface) = item.ty else { continue };
        if wasi::Interface::parse(import).is_some() {
            continue;
        }
        let mut linked = linker.instance(import)?;
        for function in contract::functions(engine, &interface) {
            let full = format!("{import}#{function}");
            linked.func_new(function, move |_, _, _, _| Err(ForbiddenCall(full.clone()).into()))?;
        }
    }
    Ok(linker)
}

impl TryFrom<types::Description> for Description {
    type Error = LoadError;

    fn try_from(said: types::Description) -> Result<Self, LoadError> {
        let types::Description { name, version, tick_ms, interests, state } = said;
        let too_long = |what, text: &str, allowed| {
            let characters = text.chars().count();
            Err(LoadError::Description { what, characters, allowed })
        };
        if name.is_empty() || name.chars().nth(MAX_TEXT).is_some() {
            return too_long("name", &name, "1 to 64");
        }
        if version.chars().nth(MAX_TEXT).is_some() {
            return too_long("version", &version, "up to 64");
        }
        let tick_ms = (tick_ms > 0).then_some(tick_ms.max(MIN_TICK_MS));
        let interests = interest::stated(interests)?;
        let (name, version) = (printable(&name), printable(&version));
        let state = state
            .map(|types::StateSchema { writes, reads_from }| StateSchema { writes, reads_from });
        Ok(Self { name, version, tick_ms, interests, state })
    }
}
