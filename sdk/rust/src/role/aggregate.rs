use crate::{Batch, Plugin};

/// The role that takes packets.
pub trait Aggregate: Plugin {
    /// Called with each batch, 1 to 1024 packets.
    fn on_packets(&mut self, batch: &Batch<'_>);
}
