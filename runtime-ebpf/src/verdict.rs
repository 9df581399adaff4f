use aya_ebpf::helpers::bpf_get_prandom_u32;
use ringtap_interest::{Judged, Keys};
use ringtap_record::abi::TapTally;

use crate::maps::Tables;

/// What becomes of a packet.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Verdict {
    Uninterested = 0,
    SampledOut = 1,
    Kept = 2,
}

#[inline(always)]
pub(crate) fn judge(tables: &Tables, keys: &Keys) -> Judged {
    // SAFETY: the helper has no preconditions.
    ringtap_interest::judge(tables, keys, || unsafe { bpf_get_prandom_u32() })
}

impl Verdict {
    #[inline(always)]
    pub(crate) fn of(judged: &Judged) -> Self {
        if !judged.kept.is_empty() {
            Self::Kept
        } else if !judged.matched.is_empty() {
            Self::SampledOut
        } else {
            Self::Uninterested
        }
    }

    /// Count a packet that is not kept. Whether it is.
    #[inline(always)]
    pub(crate) fn keeps(number: u32, tally: &mut TapTally) -> bool {
        if number == Self::Uninterested as u32 {
            tally.uninterested += 1;
        } else if number == Self::SampledOut as u32 {
            tally.sampled_out += 1;
        }
        number >= Self::Kept as u32
    }
}
