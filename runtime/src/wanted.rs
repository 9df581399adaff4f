use std::fmt;

use ringtap_interest::{Interest, SampleBy};
use serde::{Deserialize, Serialize};

/// An interest as commands show it: which packets, how many of them, and how much of each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Wanted {
    /// Empty for every packet.
    pub(crate) filter: String,
    pub(crate) sample_one_in: u32,
    /// `packet` or `flow`.
    pub(crate) sample_by: String,
    /// Bytes of each packet.
    pub(crate) payload: u16,
}

impl From<&Interest> for Wanted {
    fn from(interest: &Interest) -> Self {
        let by = match interest.sampling.by() {
            SampleBy::Packet => "packet",
            SampleBy::Flow => "flow",
        };
        Self {
            filter: interest.filter.text().to_owned(),
            sample_one_in: interest.sampling.one_in(),
            sample_by: by.to_owned(),
            payload: interest.payload,
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.filter.trim() {
            "" => f.write_str("every packet")?,
            filter => f.write_str(filter)?,
        }
        if self.sample_one_in > 1 {
            write!(f, "; a sample of 1/{} by {}", self.sample_one_in, self.sample_by)?;
        }
        match self.payload {
            0 => f.write_str("; headers only"),
            bytes => write!(f, "; headers and {bytes} bytes of payload"),
        }
    }
}
