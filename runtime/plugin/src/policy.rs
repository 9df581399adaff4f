use std::{collections::BTreeMap, fmt};

use ringtap_interest::Narrowing;
use ringtap_pipeline::{name::PluginName, queue::WhenFull};

use crate::{
    capability::{Grants, Seeds},
    instance::TimeSource,
    interest::{Grant, IsTapped},
    limits::Limits,
};

/// The operator's say on every plugin.
#[derive(Clone)]
pub struct Policy {
    /// For plugins that `of` does not name.
    pub default: Terms,
    pub of: BTreeMap<PluginName, Terms>,
    /// A plugin is refused whose interests name an interface that is not tapped. `None`: not
    /// checked, as in a replay, where interfaces are known only as they are read.
    pub is_tapped: Option<IsTapped>,
    /// What feeding does when a plugin's queue is full: wait for a capture, shed live traffic.
    pub when_full: WhenFull,
    pub time: TimeSource,
    /// What the random numbers of instances begin with.
    pub seeds: Seeds,
}

/// The operator's say on one plugin.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Terms {
    pub limits: Limits,
    /// What is left of its interests; all of them by default, but no payload.
    pub narrowing: Narrowing,
    /// The capabilities that it may import.
    pub grants: Grants,
}

impl Default for Policy {
    /// For live traffic: default terms for all, and no look at interfaces.
    fn default() -> Self {
        Self {
            default: Terms::default(),
            of: BTreeMap::new(),
            is_tapped: None,
            when_full: WhenFull::Shed,
            time: TimeSource::Real,
            seeds: Seeds::default(),
        }
    }
}

impl Policy {
    /// What holds for the plugin called `name`.
    pub fn terms(&self, name: &PluginName) -> &Terms {
        self.of.get(name).unwrap_or(&self.default)
    }

    pub(crate) fn grant(&self, name: &PluginName) -> Grant<'_> {
        Grant { narrowing: &self.terms(name).narrowing, is_tapped: self.is_tapped.as_ref() }
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut policy = f.debug_struct("Policy");
        policy.field("default", &self.default).field("of", &self.of);
        policy.field("when_full", &self.when_full).field("time", &self.time);
        policy.finish_non_exhaustive()
    }
}
