use aya::maps::{MapData, PerCpuArray};
use ringtap_pipeline::ledger::TapCounts;
use ringtap_record::abi::TapTally;

use crate::{error::TapError, taps::TapInfo};

/// What a tap has counted so far, or several of one name that are off by now.
#[derive(Clone, Debug)]
pub struct TapReading {
    /// Of several, the last one.
    pub tap: TapInfo,
    pub counts: TapCounts,
}

/// The taps' counters, one value a CPU.
pub(crate) struct Tallies(pub(crate) PerCpuArray<MapData, Tally>);

/// [`TapTally`] as aya wants it.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub(crate) struct Tally(TapTally);

// SAFETY: integers only, without padding.
unsafe impl aya::Pod for Tally {}

impl Tallies {
    /// The sum over all CPUs.
    pub(crate) fn read(&self, tap: u16) -> Result<TapCounts, TapError> {
        let values = self.0.get(&u32::from(tap), 0).map_err(|source| TapError::Map {
            map: "TALLIES",
            operation: "read",
            source,
        })?;
        Ok(values.iter().fold(TapCounts::default(), |sum, Tally(tally)| TapCounts {
            seen: sum.seen + tally.seen,
            uninterested: sum.uninterested + tally.uninterested,
            sampled_out: sum.sampled_out + tally.sampled_out,
            published: sum.published + tally.published,
            lost: [
                sum.lost[0] + tally.lost_ring_full,
                sum.lost[1] + tally.lost_no_ring,
                sum.lost[2] + tally.lost_ring_busy,
            ],
        }))
    }
}
