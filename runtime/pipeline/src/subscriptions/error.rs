use ringtap_interest::{CompileError, Interest, MAX_RULES};

use crate::{judge::InstallError, name::PluginName};

/// Why plugins' interests stay as they were.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    #[error("plugin {plugin} has its interests already")]
    Subscribed { plugin: PluginName },
    #[error("plugin {plugin} has no interests that could be changed")]
    NotSubscribed { plugin: PluginName },
    /// The rules of all plugins share the tables.
    #[error(
        "interest {interest:?} of plugin {plugin} needs {needed} rules, and {left} of {MAX_RULES} are left: narrow its filter, or load fewer plugins with filters of their own"
    )]
    TooManyRules { plugin: PluginName, interest: String, needed: usize, left: usize },
    #[error("the interests of all plugins together can't be compiled")]
    Compile(#[source] CompileError),
    #[error("the tables of all interests can't be installed")]
    Install(#[source] InstallError),
}

impl SubscribeError {
    /// `interests` are those that were compiled, in order.
    pub(super) fn compile(source: CompileError, interests: &[(&PluginName, &Interest)]) -> Self {
        if let CompileError::TooManyRules { filter, needed, left } = source
            && let Some((plugin, interest)) = interests.get(filter)
        {
            let (plugin, interest) = ((*plugin).clone(), interest.name.clone());
            return Self::TooManyRules { plugin, interest, needed, left };
        }
        Self::Compile(source)
    }
}
