use std::sync::{Arc, OnceLock};

use ringtap_plugin::OnStop;
use tokio::sync::Notify;

use crate::exit::Failure;

/// Whether a plugin's failure is to end the runtime, as its operator may have asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stopping(Arc<Told>);

#[derive(Debug, Default)]
struct Told {
    /// Which plugin, and why. The first one says it.
    reason: OnceLock<String>,
    notify: Notify,
}

impl Stopping {
    /// What the supervisor tells it with.
    pub(crate) fn on_stop(&self) -> OnStop {
        let Self(told) = self.clone();
        OnStop(Arc::new(move |plugin, reason| {
            told.reason.get_or_init(|| {
                format!("plugin {plugin} has failed, and that is to end the runtime: {reason}")
            });
            told.notify.notify_one();
        }))
    }

    /// Wait until it is so.
    pub(crate) async fn told(&self) {
        self.0.notify.notified().await;
    }

    /// An error if it is so.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match self.0.reason.get() {
            None => Ok(()),
            Some(reason) => Err(anyhow::anyhow!("{reason}").into()),
        }
    }
}
