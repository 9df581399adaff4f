use crate::{Plugin, Refusal};

/// The role that hands what the plugin knows to the version that replaces it.
///
/// ```
/// use ringtap_plugin::{Aggregate, Batch, Plugin, Refusal, State};
///
/// struct Seen(u64);
/// # impl Plugin for Seen { fn new(_: &str) -> Result<Self, Refusal> { Ok(Self(0)) } }
/// # impl Aggregate for Seen { fn on_packets(&mut self, batch: &Batch<'_>) { self.0 += batch.len() as u64; } }
///
/// impl State for Seen {
///     const SCHEMA: u32 = 1;
///
///     fn save(&mut self) -> Result<Vec<u8>, Refusal> {
///         Ok(self.0.to_le_bytes().to_vec())
///     }
///
///     fn restore(&mut self, _schema: u32, saved: &[u8]) -> Result<(), Refusal> {
///         self.0 = u64::from_le_bytes(saved.try_into()?);
///         Ok(())
///     }
/// }
///
/// ringtap_plugin::export!(Seen: Aggregate + State);
/// # fn main() {}
/// ```
/// The two versions need not be built from the same sources, so number the forms of the state, and
/// take none on trust.
pub trait State: Plugin {
    /// The form that [`save`](Self::save) writes.
    const SCHEMA: u32;

    /// The oldest form that [`restore`](Self::restore) takes; it takes those from here to
    /// [`SCHEMA`](Self::SCHEMA). A replacement that does not take the form of its predecessor is
    /// refused, and that one runs on. Default: the form that is written, and no other.
    const READS_FROM: u32 = Self::SCHEMA;

    /// What the next version gets. Where that one takes over, this is the last call of this instance:
    /// [`stop`](Plugin::stop) is not called. Where it fails, this instance goes on, so leave in place
    /// what you save. What is done through capabilities is undone. An error keeps this version.
    fn save(&mut self) -> Result<Vec<u8>, Refusal>;

    /// Called at most once, after [`new`](Plugin::new) and before all other calls, with what the
    /// predecessor saved, in a form from [`READS_FROM`](Self::READS_FROM) to
    /// [`SCHEMA`](Self::SCHEMA). The config may be another one than the predecessor's. An error
    /// refuses this version, and the predecessor goes on.
    fn restore(&mut self, schema: u32, saved: &[u8]) -> Result<(), Refusal>;
}
