use std::{num::ParseIntError, str::FromStr};

use clap::Args;
use ringtap_flows::Flow;
use serde::Serialize;

/// Frames of one round of the mix, at least: enough that sizes meet flows in many ways.
const FRAMES: u32 = 1024;

/// What packets there are, and how many a second.
#[derive(Args, Clone, Debug, Serialize)]
#[command(next_help_heading = "Live traffic")]
pub(crate) struct Mix {
    /// Packets a second, such as 250k or 1M, or max: as fast as it goes.
    #[arg(long, value_name = "RATE", default_value = "250k")]
    pub(crate) load: Load,
    /// Seconds of traffic for each case and round; of `max` as many packets as 1M a second make.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub(crate) seconds: u32,
    /// Flows, each one direction of a conversation.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u16).range(1..=32768))]
    pub(crate) flows: u16,
    /// Bytes of the frames by turns, 60 to 1514 each; headers that are longer take what they need.
    #[arg(long, value_name = "BYTES", value_delimiter = ',', default_value = "64,64,576,1514")]
    #[arg(value_parser = clap::value_parser!(u16).range(60..=1514))]
    pub(crate) sizes: Vec<u16>,
    /// Of 100 flows, how many are TCP; the others are UDP.
    #[arg(long, default_value_t = 67, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub(crate) tcp: u32,
    /// Of 100 flows, how many are IPv6.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub(crate) ipv6: u32,
}

/// Packets a second that are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Load {
    PacketsASecond(u32),
    Max,
}

impl Mix {
    /// Packets of a case in a round.
    pub(crate) fn packets(&self) -> u64 {
        let a_second = match self.load {
            Load::PacketsASecond(rate) => rate,
            Load::Max => 1_000_000,
        };
        u64::from(a_second) * u64::from(self.seconds)
    }

    /// Frames in the order in which they are sent, again and again: a power of two of them.
    pub(crate) fn frames(&self) -> Vec<Vec<u8>> {
        let count = FRAMES.max(u32::from(self.flows)).next_power_of_two();
        (0..count).map(|slot| self.frame(slot, count)).collect()
    }

    fn frame(&self, slot: u32, count: u32) -> Vec<u8> {
        // An odd factor goes through all residues of a power of two, in no order that matters.
        let shuffled = slot.wrapping_mul(2_654_435_761) % count;
        let number = (shuffled % u32::from(self.flows)) as u16;
        // Factors without a divisor of 100 give each share exactly among 100 flows in a row.
        let tcp = u32::from(number) * 37 % 100 < self.tcp;
        let ipv6 = (u32::from(number) * 61 + 13) % 100 < self.ipv6;
        let size = self.sizes.get(slot as usize % self.sizes.len().max(1)).copied().unwrap_or(64);
        Flow { ipv6, tcp, vlan: false, number }.frame(size.into())
    }

    /// One line.
    pub(crate) fn text(&self) -> String {
        let Self { load, seconds, flows, sizes, tcp, ipv6 } = self;
        let load = match load {
            Load::PacketsASecond(rate) => format!("{rate} packets a second for {seconds} s"),
            Load::Max => format!("{} packets as fast as they go", self.packets()),
        };
        let sizes: Vec<_> = sizes.iter().map(u16::to_string).collect();
        let sizes = sizes.join(", ");
        format!("{load}, {flows} flows, {tcp} % TCP, {ipv6} % IPv6, frames of {sizes} bytes")
    }
}

impl FromStr for Load {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "max" {
            return Ok(Self::Max);
        }
        let (digits, factor) = match text.strip_suffix(['k', 'K']) {
            Some(digits) => (digits, 1000),
            None => text.strip_suffix('M').map_or((text, 1), |digits| (digits, 1_000_000)),
        };
        let number: u32 = digits.parse().map_err(|error: ParseIntError| error.to_string())?;
        let rate = number.checked_mul(factor).filter(|rate| (1..=1_000_000_000).contains(rate));
        rate.map(Self::PacketsASecond).ok_or_else(|| "1 to 1000M, or max".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ringtap_record::{PacketRecord, Start, parse};

    use super::*;

    fn mix() -> Mix {
        Mix { load: Load::Max, seconds: 1, flows: 100, sizes: vec![64, 1514], tcp: 67, ipv6: 20 }
    }

    #[test]
    fn shares_are_those_that_were_asked_for() {
        let frames = mix().frames();
        assert_eq!(frames.len(), 1024);
        let mut flows = BTreeSet::new();
        for frame in &frames {
            let mut record = PacketRecord::default();
            parse(&frame[..], Start::Ethernet, 0, &mut record);
            flows.insert((record.src_port, record.protocol, record.ip_version));
        }
        let tcp = flows.iter().filter(|(_, protocol, _)| *protocol == 6).count();
        let ipv6 = flows.iter().filter(|(_, _, version)| *version == 6).count();
        assert_eq!((flows.len(), tcp, ipv6), (100, 67, 20));
        let large = frames.iter().filter(|frame| frame.len() == 1514).count();
        assert_eq!(large, 512);
    }

    #[test]
    fn loads_are_written_as_people_do() {
        assert_eq!("250k".parse(), Ok(Load::PacketsASecond(250_000)));
        assert_eq!("2M".parse(), Ok(Load::PacketsASecond(2_000_000)));
        assert_eq!("17".parse(), Ok(Load::PacketsASecond(17)));
        assert_eq!("max".parse(), Ok(Load::Max));
        for wrong in ["", "0", "k", "fast", "5000M"] {
            assert!(wrong.parse::<Load>().is_err(), "{wrong}");
        }
    }
}
