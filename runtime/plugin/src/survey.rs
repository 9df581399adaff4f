use std::{path::PathBuf, sync::Arc};

use ringtap_interest::{Interest, Tables};
use ringtap_pipeline::{
    event::EventSender,
    judge::{InstallError, Judge},
    mask::Mask,
    metrics::Registry,
    name::PluginName,
    queue::{Queue, WhenFull},
    subscriptions::{SubscribeError, Subscriptions},
};

use crate::{
    compile::Compiler,
    contract::Import,
    describe::Description,
    engine::Engine,
    graph::Graph,
    host::Services,
    input::{self, Known},
    inspect::Inspected,
    kv::KvStores,
    meter::Meters,
    plugin::Plugin,
    policy::Policy,
    report::report,
    sources::{Origin, Sources},
    start::{self, Refusal},
    supervisor::SupervisorConfig,
};

/// What would become of the plugins that a supervisor finds at its start.
#[derive(Clone, Debug)]
pub struct Survey {
    /// By name.
    pub plugins: Vec<Surveyed>,
    /// What is wrong with the places that plugins come from, in words for the operator.
    pub problems: Vec<String>,
}

/// What would become of one plugin.
#[derive(Clone, Debug)]
pub struct Surveyed {
    pub name: PluginName,
    /// `None` for one that is bundled.
    pub path: Option<PathBuf>,
    /// What it says about itself, or why it would be refused, with all causes.
    pub outcome: Result<Description, String>,
    /// With what becomes of each; empty where it was not let describe itself.
    pub imports: Vec<Import>,
    /// What it wants to see, one by one, and what is left of that; empty where it was not let
    /// describe itself.
    pub interests: Vec<Inspected>,
}

/// Try every plugin that `config` names: compile it, hold it against this host, and let it
/// initialise with its own config. None gets records, and nothing that one does has effects but
/// for the lines that it logs.
///
/// Blocks for as long as that takes; the compiler's and the plugins' limits bound it.
pub fn survey(config: SupervisorConfig, engine: &Engine, compiler: &Compiler) -> Survey {
    let SupervisorConfig { policy, bundled, files, directory, .. } = config;
    let mut sources = Sources::new(bundled, files, directory);
    let snapshot = sources.snapshot(|name| policy.terms(name).limits.clone());
    let attempts = snapshot.origins.into_iter().map(|(name, origin)| {
        let mut loaded = None;
        let outcome = attempt(&name, &origin, &sources, &policy, engine, compiler, &mut loaded);
        Attempt { name, origin, loaded, outcome }
    });
    let mut attempts: Vec<_> = attempts.collect();
    while refuse_misplaced(&mut attempts, &policy) {}
    let mut room = Room::new();
    let plugins = attempts.into_iter().map(|attempt| attempt.conclude(&policy, &mut room));
    Survey { plugins: plugins.collect(), problems: snapshot.problems }
}

/// What came of trying one plugin alone.
struct Attempt {
    name: PluginName,
    origin: Origin,
    loaded: Option<Arc<Plugin>>,
    outcome: Result<(Description, Vec<Interest>), Refusal>,
}

impl Attempt {
    fn conclude(self, policy: &Policy, room: &mut Room) -> Surveyed {
        let Self { name, origin, loaded, outcome } = self;
        let is_fed = policy.terms(&name).is_fed();
        let outcome = outcome.and_then(|(description, interests)| {
            if !is_fed {
                room.take(&name, interests)?;
            }
            Ok(description)
        });
        let path = match origin {
            Origin::Bundled(_) => None,
            Origin::File(path) => Some(path),
        };
        let loaded = loaded.as_deref();
        let asked = loaded.map_or(&[][..], Plugin::interests);
        let interests = Inspected::all(asked, policy.grant(&name));
        let imports = loaded.map_or(&[][..], Plugin::imports).to_vec();
        let outcome = outcome.map_err(|refusal| report(&refusal));
        Surveyed { name, path, outcome, imports, interests }
    }
}

/// Refuse those that don't fit where they are put among the others. Whether there were any: then
/// those that they feed may not fit either.
fn refuse_misplaced(attempts: &mut [Attempt], policy: &Policy) -> bool {
    let known = |attempts: &[Attempt], name: &PluginName| match attempts
        .iter()
        .find(|attempt| attempt.name == *name)
    {
        None => Known::Absent,
        Some(Attempt { outcome: Ok(_), loaded: Some(plugin), .. }) => {
            Known::Accepted(plugin.work())
        }
        Some(_) => Known::NotAccepted,
    };
    let mut some = false;
    for at in 0..attempts.len() {
        let Attempt { name, loaded: Some(plugin), outcome: Ok(_), .. } = &attempts[at] else {
            continue;
        };
        let inputs = &policy.terms(name).input;
        let fits = input::check(plugin, inputs, |other| known(attempts, other));
        if let Err(bad) = fits {
            attempts[at].outcome = Err(bad.into());
            some = true;
        }
    }
    some
}

fn attempt(
    name: &PluginName,
    origin: &Origin,
    sources: &Sources,
    policy: &Policy,
    engine: &Engine,
    compiler: &Compiler,
    loaded: &mut Option<Arc<Plugin>>,
) -> Result<(Description, Vec<Interest>), Refusal> {
    let terms = policy.terms(name);
    let content = sources.read(origin, &terms.limits)?;
    let plugin = Arc::new(Plugin::load(engine, compiler, terms, &content.wasm)?);
    *loaded = Some(Arc::clone(&plugin));
    // What it did in `init` is undone when the instance is dropped.
    let started =
        start::start(engine, policy, nothing(), name, Arc::clone(&plugin), content.config.into())?;
    Ok((plugin.description().clone(), started.interests))
}

/// Finds out whether there is room in the tables for the interests of all plugins.
struct Room {
    subscriptions: Subscriptions,
    /// Those that filters name, which `start` has held against those that are tapped.
    interfaces: Vec<(String, u32)>,
}

struct Nobody;

impl Judge for Nobody {
    fn install(&self, _: u32, _: &Arc<Tables>) -> Result<(), InstallError> {
        Ok(())
    }
}

impl Room {
    fn new() -> Self {
        let subscriptions = Subscriptions::new(Arc::default(), Arc::new(Nobody));
        Self { subscriptions, interfaces: Vec::new() }
    }

    fn take(&mut self, name: &PluginName, interests: Vec<Interest>) -> Result<(), SubscribeError> {
        for interface in interests.iter().flat_map(|interest| interest.filter.interfaces()) {
            if !self.interfaces.iter().any(|(known, _)| known == interface) {
                let index = self.interfaces.len() as u32 + 1;
                self.interfaces.push((interface.clone(), index));
            }
        }
        self.subscriptions.set_interfaces(self.interfaces.clone())?;
        let queue = Queue::new(0, WhenFull::DropNewest, Arc::default());
        self.subscriptions.subscribe(name.clone(), Arc::new(queue), interests, Mask::default())
    }
}

/// Services that lead nowhere.
fn nothing() -> Services {
    Services {
        registry: Arc::new(Registry::default()),
        meters: Meters::default(),
        events: EventSender::nowhere(),
        interfaces: Arc::new(|_| None),
        graph: Graph::default(),
        kv: KvStores::in_memory(),
    }
}
