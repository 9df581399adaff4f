use std::collections::BTreeSet;

use ringtap_interest::{
    Filter, FilterError, Interest, MAX_INTERESTS, MAX_PAYLOAD, NotARate, SampleBy, Sampling,
};

use super::{MixedSampling, check_sampling};
use crate::bindings::types;

const MAX_NAME: usize = 64;

/// Why what a plugin states as its interests is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadInterest {
    #[error("states interests, but does not export `aggregate`: no packet could reach it")]
    NoPackets,
    #[error("states {count} interests: at most {MAX_INTERESTS} are allowed")]
    TooMany { count: usize },
    #[error(
        "states an interest called {shown:?}, number {number}: a name has 1 to {MAX_NAME} \
         characters of a-z, 0-9, '-' and '_'"
    )]
    Name {
        /// The beginning of it.
        shown: String,
        /// From 1.
        number: usize,
    },
    #[error("states two interests called `{name}`")]
    Twice { name: String },
    #[error("states interest `{name}` with an invalid filter")]
    Filter { name: String, source: Box<FilterError> },
    #[error("states interest `{name}` with an invalid sample rate")]
    Sample { name: String, source: NotARate },
    #[error(
        "states interest `{name}` with {bytes} payload bytes of each packet: at most {MAX_PAYLOAD} \
         are allowed"
    )]
    Payload { name: String, bytes: u32 },
    #[error("states interests that don't go together")]
    Mixed(#[from] MixedSampling),
}

/// The interests that a plugin states.
pub(crate) fn stated(said: Vec<types::Interest>) -> Result<Vec<Interest>, BadInterest> {
    if said.len() > MAX_INTERESTS {
        return Err(BadInterest::TooMany { count: said.len() });
    }
    let mut names = BTreeSet::new();
    let mut interests = Vec::with_capacity(said.len());
    for (said, number) in said.into_iter().zip(1..) {
        let interest = interest(said, number)?;
        if !names.insert(interest.name.clone()) {
            return Err(BadInterest::Twice { name: interest.name });
        }
        interests.push(interest);
    }
    check_sampling(&interests)?;
    Ok(interests)
}

fn interest(said: types::Interest, number: usize) -> Result<Interest, BadInterest> {
    let types::Interest { name, filter, sample_one_in, sample_by, payload } = said;
    if !is_name(&name) {
        return Err(BadInterest::Name { shown: name.chars().take(MAX_NAME).collect(), number });
    }
    let by = match sample_by {
        types::SampleBy::Packet => SampleBy::Packet,
        types::SampleBy::Flow => SampleBy::Flow,
    };
    let sampling = match Sampling::new(sample_one_in, by) {
        Ok(sampling) => sampling,
        Err(source) => return Err(BadInterest::Sample { name, source }),
    };
    let payload = match u16::try_from(payload) {
        Ok(bytes) if bytes <= MAX_PAYLOAD => bytes,
        _ => return Err(BadInterest::Payload { name, bytes: payload }),
    };
    match Filter::parse(&filter) {
        Ok(filter) => Ok(Interest { name, filter, sampling, payload }),
        Err(error) => Err(BadInterest::Filter { name, source: Box::new(error) }),
    }
}

fn is_name(text: &str) -> bool {
    let is_allowed = |c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::report;

    fn said(name: &str, filter: &str) -> types::Interest {
        types::Interest {
            name: name.to_owned(),
            filter: filter.to_owned(),
            sample_one_in: 1,
            sample_by: types::SampleBy::Packet,
            payload: 0,
        }
    }

    fn refusal(said: Vec<types::Interest>) -> String {
        report(&stated(said).unwrap_err())
    }

    #[test]
    fn what_is_within_the_rules_is_taken_as_it_is() {
        let longest = "a".repeat(MAX_NAME);
        let by_flow = types::SampleBy::Flow;
        let sampled = types::Interest {
            sample_one_in: 1_000_000,
            sample_by: by_flow,
            ..said("s-0_z", "udp")
        };
        let payload = types::Interest { payload: 1500, ..said(&longest, "tcp dst port 443") };
        let interests = stated(vec![payload, sampled, said("all", "")]).unwrap();
        let [payload, sampled, all] = interests.as_slice() else { panic!("{interests:?}") };
        assert_eq!((payload.name.as_str(), payload.payload), (longest.as_str(), 1500));
        assert_eq!(payload.filter.text(), "tcp dst port 443");
        assert_eq!(sampled.sampling.to_string(), "1/1000000 by flow");
        assert_eq!((all.sampling, &all.filter), (Sampling::ALL, &Filter::everything()));
    }

    #[test]
    fn a_filter_that_is_none_is_refused_with_the_place_on_one_line() {
        let refused = refusal(vec![said("good", "udp"), said("web", "tcp and\nport 99999")]);
        assert!(refused.starts_with("states interest `web` with an invalid filter: "));
        assert!(refused.ends_with(", in: tcp and port >>99999<<"), "{refused}");
        let never = refusal(vec![said("web", "tcp and udp")]);
        let conflict = "no packet can match: protocol 6 (tcp) and protocol 17 (udp) exclude each \
                        other, in: >>tcp and udp<<";
        assert!(never.ends_with(conflict), "{never}");
        let long = refusal(vec![said("web", &" ".repeat(8193))]);
        assert!(long.ends_with("the filter has 8193 bytes; the limit is 8192"), "{long}");
    }

    #[test]
    fn rates_and_payloads_have_bounds() {
        for one_in in [0, 1_000_001] {
            let wanted = format!(
                "states interest `a` with an invalid sample rate: a sample of one in {one_in}: \
                 expected 1 (every packet) to 1000000"
            );
            let said = types::Interest { sample_one_in: one_in, ..said("a", "") };
            assert_eq!(refusal(vec![said]), wanted);
        }
        for bytes in [1501, u32::MAX] {
            let wanted = format!(
                "states interest `a` with {bytes} payload bytes of each packet: at most 1500 are \
                 allowed"
            );
            let said = types::Interest { payload: bytes, ..said("a", "") };
            assert_eq!(refusal(vec![said]), wanted);
        }
    }

    #[test]
    fn names_tell_interests_apart() {
        let twice = refusal(vec![said("a", "tcp"), said("b", "tcp"), said("a", "udp")]);
        assert_eq!(twice, "states two interests called `a`");
        for bad in ["", "Web", "a b", "ä", "a\u{1b}[0m"] {
            let wanted = format!(
                "states an interest called {bad:?}, number 2: a name has 1 to 64 characters of \
                 a-z, 0-9, '-' and '_'"
            );
            assert_eq!(refusal(vec![said("a", ""), said(bad, "")]), wanted);
        }
        assert!(refusal(vec![said(&"a".repeat(100_000), "")]).len() < 200);
    }

    #[test]
    fn there_are_as_many_as_bits() {
        let many = |count| (0..count).map(|n| said(&n.to_string(), "")).collect::<Vec<_>>();
        assert_eq!(stated(many(64)).unwrap().len(), 64);
        assert_eq!(refusal(many(65)), "states 65 interests: at most 64 are allowed");
    }

    #[test]
    fn samples_are_drawn_in_one_way() {
        let sampled =
            |name, sample_by| types::Interest { sample_one_in: 10, sample_by, ..said(name, "tcp") };
        let all_by_flow = types::Interest { sample_by: types::SampleBy::Flow, ..said("all", "") };
        let by_packet = sampled("p", types::SampleBy::Packet);
        assert!(stated(vec![all_by_flow, by_packet.clone()]).is_ok());
        let mixed = refusal(vec![by_packet, sampled("f", types::SampleBy::Flow)]);
        let wanted = "states interests that don't go together: interest `p` samples by packet and \
                      `f` by flow: within a plugin, all that sample have to do so in the same way";
        assert_eq!(mixed, wanted);
    }
}
