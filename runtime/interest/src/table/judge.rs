use super::{Lookup, RuleSet, classify};
use crate::{Keys, Plan};

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The rules that take it. None: nobody is interested.
    pub matched: RuleSet,
    /// Those of them whose sample it is in. None, although some matched: it is sampled out.
    pub kept: RuleSet,
}

/// Classify a packet, and sample it. `random` gives 32 random bits, and is asked at most once.
///
/// A packet that is in a sample of one in N is in every larger sample that is drawn in the same way.
#[inline(always)]
pub fn judge<L: Lookup + ?Sized>(tables: &L, keys: &Keys, random: impl FnOnce() -> u32) -> Judged {
    let matched = classify(tables, keys);
    let Some(plan) = tables.plan() else { return Judged { matched, kept: RuleSet::EMPTY } };
    let unsampled = matched.and(plan.unsampled);
    let samples = plan.sampled_by_packet | plan.sampled_by_flow != 0;
    if !samples || matched.and(plan.unsampled.not()).is_empty() {
        return Judged { matched, kept: unsampled };
    }
    Judged { matched, kept: unsampled.or(sample(plan, keys, matched, random)) }
}

#[inline(always)]
fn sample(plan: &Plan, keys: &Keys, matched: RuleSet, random: impl FnOnce() -> u32) -> RuleSet {
    let random = if plan.sampled_by_packet == 0 { 0 } else { random() };
    let flow = if plan.sampled_by_flow == 0 { 0 } else { keys.flow_hash(plan.seed) };
    let mut kept = RuleSet::EMPTY;
    for class in &plan.samples {
        let number = if class.by_flow == 0 { random } else { flow };
        if number < class.below {
            kept = kept.or(matched.and(class.rules));
        }
    }
    kept
}
