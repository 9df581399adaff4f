use std::{error::Error, sync::Arc};

use ringtap_interest::Tables;

/// What judges packets by tables: the taps, or a replay.
pub trait Judge: Send + Sync {
    /// From some moment before this returns, packets are judged by `tables`, and what they keep is
    /// published with `generation`. When it returns, all that older tables kept has been published.
    /// On an error the tables before go on judging.
    ///
    /// Before the first call nothing is of interest. Must not be called with a lock held that
    /// [`Fanout::publish`](crate::fanout::Fanout::publish) takes: it may wait for the publishing side.
    fn install(&self, generation: u32, tables: &Arc<Tables>) -> Result<(), InstallError>;
}

/// Why tables could not be installed.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct InstallError(Box<dyn Error + Send + Sync>);

impl InstallError {
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}
