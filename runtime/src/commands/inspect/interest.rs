use std::fmt;

use ringtap_interest::{Interest, SampleBy};
use ringtap_plugin::Inspected;
use serde::Serialize;

/// An interest that the plugin asks for, and what becomes of it. The refusals say why, where it is refused.
#[derive(Debug, Serialize)]
pub(super) struct Wish {
    name: String,
    asked: Packets,
    /// `null` where it is refused.
    granted: Option<Packets>,
}

/// Which packets, how many of them, and how much of each.
#[derive(Debug, Serialize)]
struct Packets {
    /// Empty for every packet.
    filter: String,
    sample_one_in: u32,
    /// `packet` or `flow`.
    sample_by: &'static str,
    payload: u16,
}

impl Wish {
    pub(super) fn new(inspected: &Inspected) -> Self {
        let Inspected { asked, granted } = inspected;
        Self {
            name: asked.name.clone(),
            asked: Packets::of(asked),
            granted: granted.as_ref().ok().map(Packets::of),
        }
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        let Self { name, asked, granted } = self;
        let granted = granted.as_ref().map(|granted| format!("granted:  {name}: {granted}"));
        [format!("interest: {name}: {asked}")].into_iter().chain(granted)
    }
}

impl Packets {
    fn of(interest: &Interest) -> Self {
        Self {
            filter: interest.filter.text().to_owned(),
            sample_one_in: interest.sampling.one_in(),
            sample_by: match interest.sampling.by() {
                SampleBy::Packet => "packet",
                SampleBy::Flow => "flow",
            },
            payload: interest.payload,
        }
    }
}

impl fmt::Display for Packets {
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
