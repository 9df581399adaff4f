use std::{io, sync::Arc};

use ringtap_interest::Interest;
use ringtap_pipeline::{name::PluginName, subscriptions::SubscribeError};

use crate::{
    engine::Engine,
    files::Unusable,
    host::Services,
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
    Ungranted(#[from] Ungranted),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Subscribe(#[from] SubscribeError),
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
}

impl Refusal {
    pub(crate) fn lack(&self) -> Option<Lack> {
        match self {
            Self::Ungranted(
                Ungranted::NotTapped { .. } | Ungranted::ConfiguredNotTapped { .. },
            ) => Some(Lack::Interface),
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
    text: String,
) -> Result<Started, Refusal> {
    let interests = policy.grant(name).all(plugin.interests())?;
    let config = InstanceConfig {
        name: name.clone(),
        text: text.into(),
        limits: policy.terms(name).limits.clone(),
        services,
        time: policy.time,
        seeds: policy.seeds,
    };
    Ok(Started { instance: Instance::start(engine, plugin, &config)?, interests })
}
