//! What a value in one dimension says about others: a port is only in TCP, UDP and SCTP, those are
//! only in IP, and so on. This is what [`Keys::of`](crate::Keys::of) makes of records.

use super::{Conflict, Rule, Set};
use crate::{Dimension, Kind};

impl Rule {
    /// Find wishes that exclude each other, and narrow or drop those that follow from others.
    pub(super) fn simplify(mut self) -> Result<Self, Conflict> {
        self.narrow(Dimension::Kind, kinds_with)?;
        self.narrow(Dimension::Protocol, protocols_with)?;
        self.drop_always_absent(Dimension::Kind, kinds_with);
        self.drop_always_absent(Dimension::Protocol, protocols_with);
        Ok(self)
    }

    /// Narrow the dimension to what wishes in others imply there; drop it if they say it all.
    fn narrow(
        &mut self,
        dimension: Dimension,
        implied_by: fn(Dimension) -> Option<Set>,
    ) -> Result<(), Conflict> {
        let Some(implied) = self.implied(dimension, implied_by)? else { return Ok(()) };
        let Some(own) = self.set(dimension) else { return Ok(()) };
        let both = own.and(&implied);
        if both.is_empty() {
            return Err(Conflict::new((dimension, &implied), (dimension, own)));
        }
        if both == implied {
            self.remove(dimension);
        } else {
            self.replace(dimension, both);
        }
        Ok(())
    }

    /// What wishes in other dimensions imply in this one.
    fn implied(
        &self,
        dimension: Dimension,
        implied_by: fn(Dimension) -> Option<Set>,
    ) -> Result<Option<Set>, Conflict> {
        let mut wishes: Vec<(Dimension, &Set, Set)> = Vec::new();
        let mut told: Option<Set> = None;
        for (one, set) in self.sets().filter(|(one, set)| wants_a_value(*one, set)) {
            let Some(implied) = implied_by(one) else { continue };
            let excludes = |other: &Set| other.and(&implied).is_empty();
            if let Some(own) = self.set(dimension).filter(|own| excludes(own)) {
                return Err(Conflict::new((one, set), (dimension, own)));
            }
            if let Some((other, its, _)) = wishes.iter().find(|(.., other)| excludes(other)) {
                return Err(Conflict::new((*other, its), (one, set)));
            }
            told = Some(told.map_or_else(|| implied.clone(), |told| told.and(&implied)));
            wishes.push((one, set, implied));
        }
        Ok(told)
    }

    /// Drop wishes for the absence of what the packets of this rule can't have.
    fn drop_always_absent(
        &mut self,
        dimension: Dimension,
        implied_by: fn(Dimension) -> Option<Set>,
    ) {
        let Ok(implied) = self.implied(dimension, implied_by) else { return };
        let can_be = match (implied, self.set(dimension)) {
            (Some(implied), Some(own)) => implied.and(own),
            (Some(set), None) => set,
            (None, Some(own)) => own.clone(),
            (None, None) => return,
        };
        // Wishes for values there would have been conflicts.
        self.sets
            .retain(|&one, _| implied_by(one).is_none_or(|needed| !needed.and(&can_be).is_empty()));
    }
}

/// Whether only packets that have a value there can meet the wish. A packet that is not a fragment
/// counts as one that has none.
fn wants_a_value(dimension: Dimension, set: &Set) -> bool {
    match dimension {
        Dimension::Fragment => !set.contains(Some(0)),
        _ => !set.takes_absent(),
    }
}

/// The kinds of packets that can have a value in that dimension; `None` is all.
fn kinds_with(dimension: Dimension) -> Option<Set> {
    let kinds: &[Kind] = match dimension {
        Dimension::SrcV4 | Dimension::DstV4 => &[Kind::Ipv4, Kind::Arp],
        Dimension::SrcV6 | Dimension::DstV6 => &[Kind::Ipv6],
        Dimension::Protocol | Dimension::SrcPort | Dimension::DstPort | Dimension::TcpFlags => {
            &[Kind::Ipv4, Kind::Ipv6]
        }
        Dimension::Fragment | Dimension::Ttl | Dimension::Dscp => &[Kind::Ipv4, Kind::Ipv6],
        _ => return None,
    };
    Some(Set::bytes(|number| kinds.iter().any(|&kind| kind as u8 == number)))
}

/// The protocols of packets that can have a value in that dimension; `None` is all.
fn protocols_with(dimension: Dimension) -> Option<Set> {
    let protocols: &[u8] = match dimension {
        Dimension::SrcPort | Dimension::DstPort => &[6, 17, 132],
        Dimension::TcpFlags => &[6],
        _ => return None,
    };
    Some(Set::bytes(|number| protocols.contains(&number)))
}
