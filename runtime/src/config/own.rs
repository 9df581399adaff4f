use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use ringtap_interest::Narrowing;
use ringtap_pipeline::{mask::Mask, name::PluginName};
use ringtap_plugin::{Grants, OnFailure};

use super::{Config, Expected, LimitOverrides, Limits, document::Section, values::expected};

/// What `[plugins.NAME]` says of one plugin.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Own {
    pub limits: LimitOverrides,
    /// What is left of its interests.
    pub narrowing: Narrowing,
    /// In place of those by default.
    pub grants: Option<Grants>,
    /// What it may see of addresses. Default: all.
    pub mask: Mask,
    /// The plugins that feed it, in place of the taps. Without a cycle.
    pub input: Vec<PluginName>,
    /// What becomes of it when a call of it fails. Default: it is started again.
    pub on_failure: Option<OnFailure>,
    /// How often in a row it is started again. Default 8.
    pub max_restarts: Option<u32>,
    /// Batches that a new version has to take without a failure before it replaces the one that runs.
    /// Default 16; 0 for no trial.
    pub trial_batches: Option<u32>,
    /// How long it is on trial where fewer come. Default 2 s; 0 for no trial.
    pub trial_time: Option<Duration>,
}

/// Whether what `name` gives comes back to it.
pub(super) fn feeds_itself(
    inputs: &BTreeMap<PluginName, Vec<PluginName>>,
    name: &PluginName,
) -> bool {
    let inputs_of = |name: &PluginName| inputs.get(name).into_iter().flatten();
    let (mut reached, mut next) = (BTreeSet::new(), vec![name]);
    while let Some(one) = next.pop() {
        next.extend(inputs_of(one).filter(|input| reached.insert(*input)));
    }
    reached.contains(name)
}

/// A number of bits that stay, such as of an address, up to `all` of them.
pub(super) fn mask_bits(section: &mut Section<'_>, key: &'static str, all: u8) -> u8 {
    let bits = section.number(key, 0..=all.into());
    bits.and_then(|bits| u8::try_from(bits).ok()).unwrap_or(all)
}

pub(super) fn on_failure(text: &str) -> Result<OnFailure, Expected> {
    match text {
        "restart" => Ok(OnFailure::Restart),
        "quarantine" => Ok(OnFailure::Quarantine),
        "stop-runtime" => Ok(OnFailure::StopRuntime),
        _ => expected("one of restart, quarantine, stop-runtime"),
    }
}

/// By plugin; see [`Own`].
pub(crate) type Owns = BTreeMap<PluginName, Own>;

impl Config {
    /// The limits of the plugin called `name`.
    pub(crate) fn limits_of(&self, name: &PluginName) -> Limits {
        self.own.get(name).map_or_else(|| self.limits.clone(), |own| own.limits.over(&self.limits))
    }
}
