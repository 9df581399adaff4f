use std::{borrow::Cow, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use ringtap_pipeline::{name::PluginName, queue::WhenFull, subscriptions::Subscriptions};
use ringtap_plugin::{
    BundledPlugin, Compiler, Engine, IsTapped, KvStores, Limits, Policy, Services, Supervisor,
    SupervisorConfig, Terms, TimeSource,
};

use crate::{
    commands::compile_plugin,
    config::{Config, Own},
};

/// How long plugins may work off their queues when a live runtime ends.
const GRACE: Duration = Duration::from_secs(5);

/// Where records come from, which decides what waits for whom and what time it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Traffic does not wait: what a plugin can't take is shed.
    Live,
    /// A capture waits, and its packets are the clock.
    Capture,
}

impl Mode {
    /// How long to let plugins finish.
    pub(crate) fn grace(self) -> Option<Duration> {
        match self {
            Self::Live => Some(GRACE),
            Self::Capture => None,
        }
    }
}

/// Load the plugins that the configuration names, or just `files`, and wait until each was tried.
/// Without `is_tapped`, any interface may be named in an interest.
pub(crate) fn start(
    config: &Config,
    files: &[PathBuf],
    mode: Mode,
    is_tapped: Option<IsTapped>,
    services: Services,
    subscriptions: &Arc<Subscriptions>,
) -> anyhow::Result<Supervisor> {
    let engine = Engine::new().context("start the WebAssembly engine")?;
    let config = sources(config, files, mode, is_tapped);
    let subscriptions = Arc::clone(subscriptions);
    let supervisor = Supervisor::start(config, engine, compiler(), services, subscriptions)
        .context("start the plugin loader")?;
    supervisor.settle();
    Ok(supervisor)
}

/// The plugins that the configuration names, or just `files`, under its limits.
pub(crate) fn sources(
    config: &Config,
    files: &[PathBuf],
    mode: Mode,
    is_tapped: Option<IsTapped>,
) -> SupervisorConfig {
    let alone = !files.is_empty();
    SupervisorConfig {
        policy: policy(config, mode, is_tapped),
        bundled: if alone { Vec::new() } else { bundled(&config.plugins.bundled()) },
        files: files.to_vec(),
        directory: config.plugins.directory.0.clone().filter(|_| !alone),
        follow: mode == Mode::Live,
    }
}

/// Compiles in a child of this executable.
pub(crate) fn compiler() -> Compiler {
    Compiler::of_this_executable(compile_plugin::ARGUMENT)
}

/// What the operator says of every plugin.
pub(crate) fn policy(config: &Config, mode: Mode, is_tapped: Option<IsTapped>) -> Policy {
    let (when_full, time) = match mode {
        Mode::Live => (WhenFull::Shed, TimeSource::Real),
        Mode::Capture => (WhenFull::Wait, TimeSource::Capture),
    };
    Policy {
        default: Terms { limits: limits(&config.limits), ..Terms::default() },
        of: config.own.keys().map(|name| (name.clone(), terms(config, name))).collect(),
        is_tapped,
        when_full,
        time,
    }
}

/// What the operator says of the plugin called `name`.
pub(crate) fn terms(config: &Config, name: &PluginName) -> Terms {
    let Own { limits: _, narrowing } = config.own(name);
    Terms { limits: limits(&config.limits_of(name)), narrowing }
}

/// What was configured, and the defaults of what can't be.
pub(crate) fn limits(limits: &crate::config::Limits) -> Limits {
    Limits {
        memory_bytes: usize::try_from(limits.memory).unwrap_or(usize::MAX),
        call_time: limits.call_deadline,
        lifecycle_time: limits.init_deadline,
        queue_records: limits.queue_records,
        metric_series: limits.max_series,
        kv_bytes: usize::try_from(limits.max_kv).unwrap_or(usize::MAX),
        ..Limits::default()
    }
}

/// Where plugins store things on this host.
pub(crate) fn stores(config: &Config) -> KvStores {
    config.state_directory.path().map_or_else(KvStores::nowhere, KvStores::in_directory)
}

/// The plugins of those names that are embedded in the binary.
pub(crate) fn bundled(names: &[PluginName]) -> Vec<BundledPlugin> {
    let plugin = |name: &PluginName| BundledPlugin {
        name: name.clone(),
        wasm: Cow::Borrowed(component(name.as_str())),
        config: String::new(),
    };
    names.iter().map(plugin).collect()
}

/// One of `config::BUNDLED_PLUGINS`, built by `cargo xtask plugins`.
fn component(name: &str) -> &'static [u8] {
    match name {
        "flow-log" => include_bytes!("../../../plugins/dist/flow-log.wasm"),
        "top-talkers" => include_bytes!("../../../plugins/dist/top-talkers.wasm"),
        _ => unreachable!("the configuration takes bundled plugins' names only"),
    }
}
