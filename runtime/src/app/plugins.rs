use std::{borrow::Cow, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use ringtap_pipeline::{name::PluginName, queue::WhenFull, subscriptions::Subscriptions};
use ringtap_plugin::{
    BundledPlugin, Compiler, Engine, IsTapped, KvStores, Limits, OnFailure, OnStop, Policy, Rate,
    Restarts, Seeds, Services, Supervisor, SupervisorConfig, Terms, TimeSource, TrialTerms,
};

use super::code;
use crate::{
    commands::compile_plugin,
    config::{self, Config, Own},
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
    /// As a capture, and two runs do the same: plugins start and work one after the other, with
    /// random numbers that begin with `seed`.
    Deterministic { seed: u64 },
}

impl Mode {
    /// What random numbers begin with where none is asked for: a sample of packets is repeatable in
    /// any case.
    pub(crate) const SEED: u64 = 1;

    /// What the choice of packets for samples begins with.
    pub(crate) fn seed(self) -> u64 {
        match self {
            Self::Live | Self::Capture => Self::SEED,
            Self::Deterministic { seed } => seed,
        }
    }

    /// How long to let plugins finish.
    pub(crate) fn grace(self) -> Option<Duration> {
        match self {
            Self::Live => Some(GRACE),
            Self::Capture | Self::Deterministic { .. } => None,
        }
    }
}

/// Begin to load plugins.
pub(crate) fn start(
    config: &Config,
    sources: SupervisorConfig,
    services: Services,
    subscriptions: &Arc<Subscriptions>,
) -> anyhow::Result<Supervisor> {
    let engine = Engine::new().context("start the WebAssembly engine")?;
    let (compiler, subscriptions) = (compiler(config), Arc::clone(subscriptions));
    Supervisor::start(sources, engine, compiler, services, subscriptions)
        .context("start the plugin loader")
}

/// The plugins that the configuration names, or just `files`, on its terms. Without `is_tapped`, any
/// interface may be named in an interest.
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
        on_stop: OnStop::default(),
    }
}

/// Compiles in a child of this executable, what is not in the cache.
pub(crate) fn compiler(config: &Config) -> Compiler {
    let compiler = Compiler::of_this_executable(compile_plugin::ARGUMENT);
    Compiler { cache: code::cache(&config.cache), ..compiler }
}

/// What the operator says of every plugin.
pub(crate) fn policy(config: &Config, mode: Mode, is_tapped: Option<IsTapped>) -> Policy {
    let (when_full, time, seeds) = match mode {
        Mode::Live => (None, TimeSource::Real, Seeds::Os),
        Mode::Capture => (Some(WhenFull::Wait), TimeSource::Capture, Seeds::Os),
        Mode::Deterministic { seed } => {
            (Some(WhenFull::InStep), TimeSource::Capture, Seeds::Fixed(seed))
        }
    };
    let of = |(name, own): (&PluginName, &Own)| {
        (name.clone(), terms(mode, own, &config.limits_of(name)))
    };
    Policy {
        default: terms(mode, &Own::default(), &config.limits),
        of: config.own.iter().map(of).collect(),
        is_tapped,
        when_full,
        time,
        seeds,
    }
}

/// What an operator who says `own` and these limits says of a plugin.
pub(crate) fn terms(mode: Mode, own: &Own, configured: &config::Limits) -> Terms {
    let Own {
        limits: _,
        narrowing,
        grants,
        mask,
        input,
        on_failure,
        max_restarts,
        trial_batches,
        trial_time,
    } = own.clone();
    let (restarts, trial) = (Restarts::default(), TrialTerms::default());
    let on_failure = match (mode, on_failure.unwrap_or_default()) {
        // A capture does not wait for a plugin to come back.
        (Mode::Capture | Mode::Deterministic { .. }, OnFailure::Restart) => OnFailure::Quarantine,
        (_, on_failure) => on_failure,
    };
    Terms {
        limits: limits(configured),
        narrowing,
        grants: grants.unwrap_or_default(),
        mask,
        input,
        on_failure,
        restarts: Restarts { most: max_restarts.unwrap_or(restarts.most), ..restarts },
        trial: TrialTerms {
            batches: trial_batches.unwrap_or(trial.batches),
            time: trial_time.unwrap_or(trial.time),
        },
    }
}

/// What was configured, and the defaults of what can't be.
pub(crate) fn limits(limits: &config::Limits) -> Limits {
    let (default, rate) = (Limits::default(), Rate::new);
    Limits {
        memory_bytes: usize::try_from(limits.memory).unwrap_or(usize::MAX),
        call_time: limits.call_deadline,
        lifecycle_time: limits.init_deadline,
        queue_records: limits.queue_records,
        when_full: when_full(limits.when_full),
        cpu: limits.cpu.0,
        metric_series: limits.max_series,
        series_expiry: limits.series_expiry.0,
        log_rate: rate(limits.log_rate, limits.log_burst).unwrap_or(default.log_rate),
        event_rate: rate(limits.event_rate, limits.event_burst).unwrap_or(default.event_rate),
        table_elements: limits.max_table_elements,
        core_items: limits.max_instances,
        handles: limits.max_handles,
        host_call_bytes: usize::try_from(limits.host_call_bytes).unwrap_or(usize::MAX),
        kv_bytes: usize::try_from(limits.max_kv).unwrap_or(usize::MAX),
        ..default
    }
}

fn when_full(configured: config::WhenFull) -> WhenFull {
    match configured {
        config::WhenFull::DropNewest => WhenFull::DropNewest,
        config::WhenFull::DropOldest => WhenFull::DropOldest,
        config::WhenFull::Sample => WhenFull::Sample,
    }
}

/// Where plugins store things on this host.
pub(crate) fn stores(config: &Config) -> KvStores {
    config::state_directory(&config.state_directory)
        .map_or_else(KvStores::nowhere, KvStores::in_directory)
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
pub(crate) fn component(name: &str) -> &'static [u8] {
    match name {
        "flow-log" => include_bytes!("../../../plugins/dist/flow-log.wasm"),
        "protocol-mix" => include_bytes!("../../../plugins/dist/protocol-mix.wasm"),
        "scan-watch" => include_bytes!("../../../plugins/dist/scan-watch.wasm"),
        "tcp-health" => include_bytes!("../../../plugins/dist/tcp-health.wasm"),
        "top-talkers" => include_bytes!("../../../plugins/dist/top-talkers.wasm"),
        _ => unreachable!("the configuration takes bundled plugins' names only"),
    }
}
