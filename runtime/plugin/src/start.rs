use std::{io, sync::Arc};

use ringtap_interest::Interest;
use ringtap_pipeline::{name::PluginName, subscriptions::SubscribeError};

use crate::{
    engine::Engine,
    files::Unusable,
    host::Services,
    input::BadInput,
    instance::{Instance, InstanceConfig, StartError},
    interest::Ungranted,
    plugin::{LoadError, Plugin},
    policy::Policy,
};

/// A plugin that is ready to take records.
pub(crate) struct Started {
    pub(crate) instance: Instance,
    /// What the operator leaves of the plugin's interests.
    pub(crate) interests: Vec<Interest>,
}

/// Why a plugin does not get to run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error(transparent)]
    Unusable(#[from] Unusable),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Input(#[from] BadInput),
    #[error(transparent)]
    Ungranted(#[from] Ungranted),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Subscribe(#[from] SubscribeError),
    #[error(
        "the version that runs hands on form {form} of its state, and this one takes forms {from} to {to}: to start afresh, take the file away first"
    )]
    OtherState { form: u32, from: u32, to: u32 },
    #[error("starting its thread")]
    Thread(#[from] io::Error),
}

/// What a plugin that was refused waits for: that changes without a change of its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lack {
    /// An interface that it asks for is not tapped.
    Interface,
    /// The tables have no room for its interests.
    Room,
    /// A plugin that is to feed it, or that it feeds, is not as it has to be.
    Input,
    /// What it has stored can't be had: somebody holds the file, it is damaged, or others could write
    /// it.
    Store,
}

impl Refusal {
    pub(crate) fn lack(&self) -> Option<Lack> {
        match self {
            Self::Ungranted(
                Ungranted::NotTapped { .. } | Ungranted::ConfiguredNotTapped { .. },
            ) => Some(Lack::Interface),
            Self::Input(bad) if bad.may_pass() => Some(Lack::Input),
            Self::Start(StartError::Kv(error)) if error.may_pass() => Some(Lack::Store),
            Self::Subscribe(error) if error.is_lack_of_room() => Some(Lack::Room),
            _ => None,
        }
    }
}

/// Narrow the plugin's interests and start an instance, as `policy` has it for that name. `text` is
/// the plugin's own config.
pub(crate) fn start(
    engine: &Engine,
    policy: &Policy,
    services: Services,
    name: &PluginName,
    plugin: Arc<Plugin>,
    text: Arc<str>,
) -> Result<Started, Refusal> {
    let interests = policy.grant(name).all(plugin.interests())?;
    let config = InstanceConfig {
        name: name.clone(),
        text,
        limits: policy.terms(name).limits.clone(),
        services,
        time: policy.time,
        seeds: policy.seeds,
    };
    Ok(Started { instance: Instance::start(engine, plugin, &config)?, interests })
}
