use std::{collections::BTreeMap, fmt};

use ringtap_interest::Narrowing;
use ringtap_pipeline::{name::PluginName, queue::WhenFull};

use crate::{
    instance::TimeSource,
    interest::{Grant, IsTapped},
    limits::Limits,
};

/// The operator's say on every plugin.
#[derive(Clone)]
pub struct Policy {
    pub limits: Limits,
    /// Limits of single plugins, in place of `limits`.
    pub overrides: BTreeMap<PluginName, Limits>,
    /// What is left of the interests of single plugins; all of those of others, but no payload.
    pub narrowings: BTreeMap<PluginName, Narrowing>,
    /// A plugin is refused whose interests name an interface that is not tapped. `None`: not
    /// checked, as in a replay, where interfaces are known only as they are read.
    pub is_tapped: Option<IsTapped>,
    /// What feeding does when a plugin's queue is full, whatever its limits say: wait for a capture.
    /// `None`: as they say, for live traffic.
    pub when_full: Option<WhenFull>,
    pub time: TimeSource,
}

impl Default for Policy {
    /// For live traffic: limits and interests as documented, and no look at interfaces.
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            overrides: BTreeMap::new(),
            narrowings: BTreeMap::new(),
            is_tapped: None,
            when_full: None,
            time: TimeSource::Real,
        }
    }
}

impl Policy {
    pub(crate) fn limits(&self, name: &PluginName) -> Limits {
        self.overrides.get(name).unwrap_or(&self.limits).clone()
    }

    pub(crate) fn when_full(&self, limits: &Limits) -> WhenFull {
        self.when_full.unwrap_or(limits.when_full)
    }

    pub(crate) fn grant(&self, name: &PluginName) -> Grant<'_> {
        Grant { narrowing: self.narrowing(name), is_tapped: self.is_tapped.as_ref() }
    }

    /// What narrows the interests of the plugin called `name`.
    pub fn narrowing(&self, name: &PluginName) -> &Narrowing {
        static NOTHING: Narrowing = Narrowing { filter: None, sampling: None, payload: None };
        self.narrowings.get(name).unwrap_or(&NOTHING)
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut policy = f.debug_struct("Policy");
        policy.field("limits", &self.limits).field("overrides", &self.overrides);
        policy.field("narrowings", &self.narrowings);
        policy.field("when_full", &self.when_full).field("time", &self.time);
        policy.finish_non_exhaustive()
    }
}
