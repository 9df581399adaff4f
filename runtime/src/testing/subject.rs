use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use ringtap_interest::{Interest, MAX_PAYLOAD, Narrowing};
use ringtap_pipeline::name::PluginName;
use ringtap_plugin::{
    Capability, Compiled, Compiler, Engine, EngineError, Instance, InstanceConfig, Limits,
    LoadError, Plugin, Role, Seeds, Services, StartError, Terms, TimeSource, Ungranted,
    plugin_name,
};

use super::Case;
use crate::{
    app::plugins::{self, Mode},
    config,
};

/// A component that was compiled, to be tested in several cases.
pub(crate) struct Component {
    engine: Engine,
    compiled: Compiled,
    name: PluginName,
}

/// A plugin with what the operator of one case says of it.
pub(crate) struct Subject {
    engine: Engine,
    pub plugin: Arc<Plugin>,
    pub name: PluginName,
    /// What is left of its interests.
    pub interests: Vec<Interest>,
    pub terms: Terms,
    config: Arc<str>,
    /// What random numbers and samples begin with.
    pub seed: u64,
}

/// Why there is nothing to test. All of them are the plugin's or its file's fault.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SubjectError {
    #[error("can't read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{}: {why}", path.display())]
    Name { path: PathBuf, why: String },
    #[error("start the WebAssembly engine")]
    Engine(#[from] EngineError),
    #[error("the plugin is refused")]
    Load(#[from] LoadError),
    #[error("the plugin is refused")]
    Ungranted(#[from] Ungranted),
}

impl Component {
    pub(crate) fn load(path: &Path, compiler: &Compiler) -> Result<Self, SubjectError> {
        let name =
            plugin_name(path).map_err(|why| SubjectError::Name { path: path.to_owned(), why })?;
        let limit = Limits::default().file_bytes;
        let read = |source| SubjectError::Read { path: path.to_owned(), source };
        let size = fs::metadata(path).map_err(read)?.len();
        if size > limit {
            let why = format!("has {size} bytes, of which at most {limit} are taken");
            return Err(SubjectError::Name { path: path.to_owned(), why });
        }
        Self::of(name, &fs::read(path).map_err(read)?, compiler)
    }

    /// The component that is in memory.
    pub(crate) fn of(
        name: PluginName,
        wasm: &[u8],
        compiler: &Compiler,
    ) -> Result<Self, SubjectError> {
        let engine = Engine::new()?;
        let compiled = compiler.compile(&engine, wasm)?;
        Ok(Self { engine, compiled, name })
    }

    /// The plugin with all that it asks for, and without bounds that a measurement would meet.
    pub(crate) fn unbounded(&self, config: String) -> Result<Subject, SubjectError> {
        let limits = Limits {
            call_time: Duration::from_secs(60),
            lifecycle_time: Duration::from_secs(60),
            memory_bytes: 1 << 30,
            ..Limits::default()
        };
        let narrowing = Narrowing { payload: Some(MAX_PAYLOAD), ..Narrowing::default() };
        let grants = Capability::ALL.into_iter().collect();
        self.on(Terms { limits, narrowing, grants, ..Terms::default() }, config, Mode::SEED)
    }

    /// The plugin in a case. Random numbers begin with `seed`.
    pub(crate) fn subject(&self, case: &Case, seed: u64) -> Result<Subject, SubjectError> {
        let limits = case.own.limits.over(&config::Limits::default());
        let terms = plugins::terms(Mode::Deterministic { seed }, &case.own, &limits);
        self.on(terms, case.config.clone(), seed)
    }

    fn on(&self, terms: Terms, config: String, seed: u64) -> Result<Subject, SubjectError> {
        let plugin = Plugin::new(&self.engine, &terms, &self.compiled)?;
        let interests = terms.grant(&plugin)?;
        Ok(Subject {
            engine: self.engine.clone(),
            plugin: Arc::new(plugin),
            name: self.name.clone(),
            interests,
            terms,
            config: config.into(),
            seed,
        })
    }
}

impl Subject {
    /// An instance that was given its config and nothing else.
    pub(crate) fn start(&self, services: Services) -> Result<Instance, StartError> {
        let config = InstanceConfig {
            name: self.name.clone(),
            text: Arc::clone(&self.config),
            limits: self.terms.limits.clone(),
            services,
            time: TimeSource::Capture,
            seeds: Seeds::Fixed(self.seed),
        };
        Instance::start(&self.engine, Arc::clone(&self.plugin), &config)
    }

    pub(crate) fn named(self, name: &PluginName) -> Self {
        Self { name: name.clone(), ..self }
    }

    pub(crate) fn has_state(&self) -> bool {
        self.plugin.description().state.is_some()
    }

    /// Whether events are what it works on.
    pub(crate) fn is_exporter(&self) -> bool {
        self.plugin.work() == Some(Role::Exporter)
    }
}
