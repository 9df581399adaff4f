//! What the guests of reloads share: a count that goes on over them, by sequence number.
//!
//! What the instance did, which a call that is undone takes back:
//! - `guest_records_total`;
//! - `guest_shed_total`, records that the host says it shed;
//! - `guest_skipped_total`, records that are missing and were not shed;
//! - `guest_repeated_total`, records that had come before.
//!
//! What the state has, which goes on only where it was restored:
//! - `guest_state_records` and `guest_state_packets`, so far;
//! - `guest_state_first`, the sequence number at which it began;
//! - `guest_state_digest`, see [`digest`];
//! - `guest_state_restores`, how often it was handed on.
//!
//! And `guest_version`, which tells the guests apart.

mod metrics;
mod state;

use metrics::Metrics;
use ringtap_plugin::{Aggregate, Batch, Plugin, Refusal, State};
use state::Progress;
pub use state::digest;

/// What a guest is that counts in this way, and what it is up to.
pub trait Continues: Sized + 'static {
    const VERSION: u8;
    /// From form 2 on, there is a checksum.
    const SCHEMA: u32 = 1;
    const READS_FROM: u32 = 1;

    fn new(config: &str) -> Result<Self, Refusal>;

    /// Called with each batch after it was counted.
    fn on_batch(&mut self) {}

    fn on_save(&mut self) -> Result<(), Refusal> {
        Ok(())
    }

    fn on_restore(&mut self) -> Result<(), Refusal> {
        Ok(())
    }
}

/// The plugin that such a guest is.
pub struct Continuing<T> {
    guest: T,
    progress: Progress,
    metrics: Metrics,
}

impl<T: Continues> Plugin for Continuing<T> {
    fn new(config: &str) -> Result<Self, Refusal> {
        let metrics = Metrics::new(T::VERSION)?;
        let (guest, progress) = (T::new(config)?, Progress::default());
        Ok(Self { guest, progress, metrics })
    }
}

impl<T: Continues> Aggregate for Continuing<T> {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        let passed = self.progress.pass(batch);
        self.metrics.add(batch, passed);
        self.metrics.show(&self.progress);
        self.guest.on_batch();
    }
}

impl<T: Continues> State for Continuing<T> {
    const SCHEMA: u32 = T::SCHEMA;
    const READS_FROM: u32 = T::READS_FROM;

    fn save(&mut self) -> Result<Vec<u8>, Refusal> {
        self.guest.on_save()?;
        Ok(self.progress.save(T::SCHEMA))
    }

    fn restore(&mut self, schema: u32, saved: &[u8]) -> Result<(), Refusal> {
        self.guest.on_restore()?;
        self.progress = Progress::restore(schema, saved)?;
        self.metrics.show(&self.progress);
        Ok(())
    }
}
