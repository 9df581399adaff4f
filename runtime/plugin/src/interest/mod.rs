//! What plugins want to see: the interests that they state, and what the operator leaves of them.

mod grant;
mod stated;

use ringtap_interest::{Interest, SampleBy};

pub(crate) use self::{grant::Grant, stated::stated};
pub use self::{
    grant::{IsTapped, Ungranted},
    stated::BadInterest,
};

/// Two interests of one plugin whose samples are drawn in different ways. Which share of the packets
/// a record stands for could not be told then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "interest `{by_packet}` samples by packet and `{by_flow}` by flow: within a plugin, all that \
     sample have to do so in the same way"
)]
pub struct MixedSampling {
    pub by_packet: String,
    pub by_flow: String,
}

fn check_sampling(interests: &[Interest]) -> Result<(), MixedSampling> {
    let first = |by| {
        let samples = |one: &&Interest| !one.sampling.is_all() && one.sampling.by() == by;
        interests.iter().find(samples).map(|one| one.name.clone())
    };
    match (first(SampleBy::Packet), first(SampleBy::Flow)) {
        (Some(by_packet), Some(by_flow)) => Err(MixedSampling { by_packet, by_flow }),
        _ => Ok(()),
    }
}
