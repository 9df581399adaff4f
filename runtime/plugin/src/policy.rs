use std::{collections::BTreeMap, fmt, time::Duration};

use ringtap_interest::{Interest, Narrowing};
use ringtap_pipeline::{mask::Mask, name::PluginName, queue::WhenFull};

use crate::{
    capability::{Grants, Seeds},
    failure::{OnFailure, Restarts},
    instance::TimeSource,
    interest::{Grant, IsTapped, Ungranted},
    limits::Limits,
    plugin::Plugin,
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
    /// What feeding does when a plugin's queue is full, whatever its limits say: wait for a capture.
    /// `None`: as they say, for live traffic. [In step](WhenFull::InStep), plugins also start in the
    /// order of their names.
    pub when_full: Option<WhenFull>,
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
    /// What it may see of addresses.
    pub mask: Mask,
    /// The plugins that feed it, in place of the taps: filters with records, any plugin with events.
    pub input: Vec<PluginName>,
    /// What becomes of it when a call of it fails.
    pub on_failure: OnFailure,
    pub restarts: Restarts,
    pub trial: TrialTerms,
}

/// How a new version shows that it can replace the one that runs. Whichever bound comes first ends
/// the trial, and so does a version that has been given as many records as its queue holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrialTerms {
    /// Batches that it has to take without a failure: 16. With 0 there is no trial.
    pub batches: u32,
    /// How long it is on trial where fewer come: 2 s. With 0 there is no trial.
    pub time: Duration,
}

impl Default for TrialTerms {
    fn default() -> Self {
        Self { batches: 16, time: Duration::from_secs(2) }
    }
}

impl Default for Policy {
    /// For live traffic: default terms for all, and no look at interfaces.
    fn default() -> Self {
        Self {
            default: Terms::default(),
            of: BTreeMap::new(),
            is_tapped: None,
            when_full: None,
            time: TimeSource::Real,
            seeds: Seeds::default(),
        }
    }
}

impl Terms {
    /// What they leave of the interests of `plugin`, in their order. Whether interfaces that filters
    /// name are tapped is not looked at.
    pub fn grant(&self, plugin: &Plugin) -> Result<Vec<Interest>, Ungranted> {
        Grant { narrowing: &self.narrowing, is_tapped: None }.all(plugin.interests())
    }

    /// Whether other plugins feed it, and not the taps.
    pub(crate) fn is_fed(&self) -> bool {
        !self.input.is_empty()
    }
}

impl Policy {
    /// What holds for the plugin called `name`.
    pub fn terms(&self, name: &PluginName) -> &Terms {
        self.of.get(name).unwrap_or(&self.default)
    }

    pub(crate) fn when_full(&self, limits: &Limits) -> WhenFull {
        self.when_full.unwrap_or(limits.when_full)
    }

    /// Whether plugins start and work one after the other.
    pub(crate) fn in_step(&self) -> bool {
        self.when_full == Some(WhenFull::InStep)
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
