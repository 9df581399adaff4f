use std::collections::BTreeMap;

use ringtap_interest::Narrowing;
use ringtap_pipeline::name::PluginName;
use ringtap_plugin::Grants;

use super::{Config, LimitOverrides, Limits};

/// What `[plugins.NAME]` says of one plugin.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Own {
    pub limits: LimitOverrides,
    /// What is left of its interests.
    pub narrowing: Narrowing,
    /// In place of those by default.
    pub grants: Option<Grants>,
}

/// By plugin; see [`Own`].
pub(crate) type Owns = BTreeMap<PluginName, Own>;

impl Config {
    /// What is said of the plugin called `name`: nothing by default.
    pub(crate) fn own(&self, name: &PluginName) -> Own {
        self.own.get(name).cloned().unwrap_or_default()
    }

    /// The limits of the plugin called `name`.
    pub(crate) fn limits_of(&self, name: &PluginName) -> Limits {
        self.own.get(name).map_or_else(|| self.limits.clone(), |own| own.limits.over(&self.limits))
    }
}
