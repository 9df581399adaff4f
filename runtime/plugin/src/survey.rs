use std::{path::PathBuf, sync::Arc};

use ringtap_pipeline::{event::EventSender, metrics::Registry, name::PluginName};

use crate::{
    compile::Compiler,
    describe::Description,
    engine::Engine,
    host::Services,
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
}

/// Try every plugin that `config` names: compile it, hold it against this host, and let it
/// initialise with its own config. None gets records, and nothing that one does has effects but
/// for the lines that it logs.
///
/// Blocks for as long as that takes; the compiler's and the plugins' limits bound it.
pub fn survey(config: SupervisorConfig, engine: &Engine, compiler: &Compiler) -> Survey {
    let SupervisorConfig { policy, bundled, files, directory, .. } = config;
    let mut sources = Sources::new(bundled, files, directory);
    let snapshot = sources.snapshot(|name| policy.limits(name));
    let plugins = snapshot.origins.into_iter().map(|(name, origin)| {
        let outcome = attempt(&name, &origin, &sources, &policy, engine, compiler);
        let path = match origin {
            Origin::Bundled(_) => None,
            Origin::File(path) => Some(path),
        };
        Surveyed { name, path, outcome: outcome.map_err(|refusal| report(&refusal)) }
    });
    Survey { plugins: plugins.collect(), problems: snapshot.problems }
}

fn attempt(
    name: &PluginName,
    origin: &Origin,
    sources: &Sources,
    policy: &Policy,
    engine: &Engine,
    compiler: &Compiler,
) -> Result<Description, Refusal> {
    let limits = policy.limits(name);
    let content = sources.read(origin, &limits)?;
    let plugin = Arc::new(Plugin::load(engine, compiler, &limits, &content.wasm)?);
    // What it did in `init` is undone when the instance is dropped.
    start::start(engine, policy, nothing(), name, Arc::clone(&plugin), content.config)?;
    Ok(plugin.description().clone())
}

/// Services that lead nowhere.
fn nothing() -> Services {
    Services {
        registry: Arc::new(Registry::default()),
        events: EventSender::nowhere(),
        interfaces: Arc::new(|_| None),
    }
}
