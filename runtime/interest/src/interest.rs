use std::{fmt, num::NonZeroU32};

use crate::{Filter, FilterError};

/// Packets in one of which a sample may leave, at most.
pub const MAX_ONE_IN: u32 = 1_000_000;

/// Bytes of a packet that an interest may ask for, at most.
pub const MAX_PAYLOAD: u16 = ringtap_record::abi::MAX_PAYLOAD as u16;

/// Interests that one plugin may have: as many as `matched` in a record has bits.
pub const MAX_INTERESTS: usize = 64;

/// What a plugin wants to see: which packets, how many of them, and how much of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interest {
    /// Tells it from the plugin's others.
    pub name: String,
    pub filter: Filter,
    pub sampling: Sampling,
    /// Bytes from behind the headers that come with the record; at most [`MAX_PAYLOAD`].
    pub payload: u16,
}

/// How many of the packets that a filter takes are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sampling {
    /// At most [`MAX_ONE_IN`].
    one_in: NonZeroU32,
    by: SampleBy,
}

/// What decides whether a packet is in a sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SampleBy {
    /// Chance, for every packet anew.
    #[default]
    Packet,
    /// A hash of addresses, protocol and ports, the same in both directions: whole flows are kept or
    /// left out.
    Flow,
}

/// What the operator's configuration leaves of a plugin's interests. Never more than was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// Packets have to match it as well.
    pub filter: Option<Filter>,
    /// Where a plugin asks for more packets than this, it gets this sample of them.
    pub sampling: Option<Sampling>,
    /// Payload bytes that are granted, at most. Without, an interest that asks for any is refused.
    pub payload: Option<u16>,
}

/// Why a sample rate is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sample of one in {0}: expected 1 (every packet) to {MAX_ONE_IN}")]
pub struct NotARate(pub u32);

/// Why the operator's configuration and an interest don't go together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NarrowError {
    #[error("its filter and the one that is configured for the plugin don't go together")]
    Filter(#[from] FilterError),
    #[error(
        "it asks for {asked} payload bytes of each packet, which is not granted: grant them with `payload = {asked}`, or fewer with a smaller number"
    )]
    Payload { asked: u16 },
}

impl Sampling {
    /// Every packet.
    pub const ALL: Self = Self { one_in: NonZeroU32::MIN, by: SampleBy::Packet };

    pub fn new(one_in: u32, by: SampleBy) -> Result<Self, NotARate> {
        match NonZeroU32::new(one_in) {
            // To keep all is the same in either way.
            Some(NonZeroU32::MIN) => Ok(Self::ALL),
            Some(rate) if one_in <= MAX_ONE_IN => Ok(Self { one_in: rate, by }),
            _ => Err(NotARate(one_in)),
        }
    }

    pub const fn one_in(self) -> u32 {
        self.one_in.get()
    }

    pub const fn by(self) -> SampleBy {
        self.by
    }

    pub fn is_all(self) -> bool {
        self.one_in == NonZeroU32::MIN
    }

    /// The one that keeps fewer packets.
    fn sparser(self, other: Self) -> Self {
        if other.one_in > self.one_in { other } else { self }
    }
}

impl Default for Sampling {
    fn default() -> Self {
        Self::ALL
    }
}

impl fmt::Display for Sampling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1/{}", self.one_in)?;
        match self.by {
            SampleBy::Packet => Ok(()),
            SampleBy::Flow => f.write_str(" by flow"),
        }
    }
}

impl From<Filter> for Interest {
    /// The headers of every packet that the filter takes.
    fn from(filter: Filter) -> Self {
        Self { filter, ..Self::everything() }
    }
}

impl Interest {
    /// Every packet's headers: the interest of a plugin that states none.
    pub fn everything() -> Self {
        Self {
            name: "everything".to_owned(),
            filter: Filter::everything(),
            sampling: Sampling::ALL,
            payload: 0,
        }
    }

    /// What the operator leaves of it.
    pub fn narrowed(&self, narrowing: &Narrowing) -> Result<Self, NarrowError> {
        let filter = match &narrowing.filter {
            Some(filter) => self.filter.and(filter)?,
            None => self.filter.clone(),
        };
        let payload = match narrowing.payload {
            Some(granted) => self.payload.min(granted),
            None if self.payload == 0 => 0,
            None => return Err(NarrowError::Payload { asked: self.payload }),
        };
        let sampling = self.sampling.sparser(narrowing.sampling.unwrap_or_default());
        Ok(Self { name: self.name.clone(), filter, sampling, payload })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interest(filter: &str, one_in: u32, payload: u16) -> Interest {
        Interest {
            name: "web".to_owned(),
            filter: Filter::parse(filter).unwrap(),
            sampling: Sampling::new(one_in, SampleBy::Flow).unwrap(),
            payload,
        }
    }

    #[test]
    fn rates_have_bounds() {
        for bad in [0, MAX_ONE_IN + 1, u32::MAX] {
            assert_eq!(Sampling::new(bad, SampleBy::Packet), Err(NotARate(bad)));
        }
        assert_eq!(Sampling::new(1, SampleBy::Flow), Ok(Sampling::ALL));
        assert_eq!(Sampling::new(100, SampleBy::Flow).unwrap().to_string(), "1/100 by flow");
    }

    #[test]
    fn an_operator_narrows_and_never_widens() {
        let narrowing = Narrowing {
            filter: Some(Filter::parse("dst port 443").unwrap()),
            sampling: Some(Sampling::new(10, SampleBy::Packet).unwrap()),
            payload: Some(64),
        };
        let narrowed = interest("tcp", 1, 1500).narrowed(&narrowing).unwrap();
        let words: Vec<_> = narrowed.filter.in_words().collect();
        assert_eq!(words, ["protocol 6 (tcp), destination port 443"]);
        assert_eq!((narrowed.sampling.to_string(), narrowed.payload), ("1/10".to_owned(), 64));
        let narrowed = interest("tcp", 100, 32).narrowed(&narrowing).unwrap();
        assert_eq!(narrowed.sampling.to_string(), "1/100 by flow");
        assert_eq!(narrowed.payload, 32);
    }

    #[test]
    fn payload_is_not_for_the_asking() {
        let asks = interest("tcp", 1, 100);
        let refusal = asks.narrowed(&Narrowing::default()).unwrap_err();
        assert_eq!(refusal, NarrowError::Payload { asked: 100 });
        let none = Narrowing { payload: Some(0), ..Narrowing::default() };
        assert_eq!(asks.narrowed(&none).unwrap().payload, 0);
        assert_eq!(interest("tcp", 1, 0).narrowed(&Narrowing::default()).unwrap().payload, 0);
    }

    #[test]
    fn filters_that_exclude_each_other_are_refused() {
        let filter = Some(Filter::parse("udp").unwrap());
        let narrowing = Narrowing { filter, ..Narrowing::default() };
        let refusal = interest("tcp", 1, 0).narrowed(&narrowing).unwrap_err();
        let NarrowError::Filter(cause) = refusal else { panic!("{refusal}") };
        assert!(cause.to_string().contains("protocol 6 (tcp) and protocol 17 (udp)"), "{cause}");
    }
}
