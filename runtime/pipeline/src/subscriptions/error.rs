use ringtap_interest::CompileError;

use super::List;
use crate::{judge::InstallError, name::PluginName};

/// Why plugins' interests stay as they were.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    #[error("plugin {plugin} has its interests already")]
    Subscribed { plugin: PluginName },
    #[error("plugin {plugin} has no interests that could be changed")]
    NotSubscribed { plugin: PluginName },
    #[error("plugin {plugin} has a version on trial already")]
    OnTrial { plugin: PluginName },
    #[error("plugin {plugin} has no version on trial")]
    NotOnTrial { plugin: PluginName },
    /// The tables, which all plugins share, have no room for it.
    #[error("interest {interest:?} of plugin {plugin}")]
    Interest {
        plugin: PluginName,
        interest: String,
        #[source]
        source: CompileError,
    },
    #[error("the interests of all plugins together")]
    Compile(#[source] CompileError),
    #[error("the tables of all interests can't be installed")]
    Install(#[source] InstallError),
}

impl SubscribeError {
    /// Whether the tables have no room, so that the same may be taken once others want less.
    pub fn is_lack_of_room(&self) -> bool {
        matches!(self, Self::Interest { .. } | Self::Compile(_))
    }

    /// `lists` are those whose interests were compiled, in order.
    pub(super) fn compile(source: CompileError, lists: &[List<'_>]) -> Self {
        let mut interests = lists
            .iter()
            .flat_map(|list| list.interests.iter().map(|interest| (list.plugin, interest)));
        let one_too_many = source.interest().and_then(|number| interests.nth(number));
        if let Some((plugin, interest)) = one_too_many {
            let (plugin, interest) = (plugin.clone(), interest.name.clone());
            return Self::Interest { plugin, interest, source };
        }
        Self::Compile(source)
    }
}
