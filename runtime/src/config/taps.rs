use std::time::Duration;

use bytesize::ByteSize;
use clap::ValueEnum;

use super::Expected;

/// Which taps to attach, and how records leave the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taps {
    pub ingress: Ingress,
    pub egress: Egress,
    pub attach: Attach,
    /// Bytes of each CPU's ring buffer: a power of two, at least a page.
    pub ring_size: u32,
    /// How often rings are drained; not set: as `latency` says.
    pub drain_interval: Option<Duration>,
    pub latency: Latency,
    pub readers: Readers,
    pub timestamps: Timestamps,
}

impl Default for Taps {
    fn default() -> Self {
        Self {
            ingress: Ingress::Auto,
            egress: Egress::Tc,
            attach: Attach::Auto,
            ring_size: 4 << 20,
            drain_interval: None,
            latency: Latency::Normal,
            readers: Readers::One,
            timestamps: Timestamps::Precise,
        }
    }
}

impl Taps {
    /// The same as taps take it.
    pub(crate) fn for_loading(&self) -> ringtap_tap::Config {
        let interval = match self.latency {
            Latency::Normal => Duration::from_millis(4),
            Latency::Low => Duration::from_micros(20),
        };
        ringtap_tap::Config {
            ring_bytes: self.ring_size,
            drain_interval: self.drain_interval.unwrap_or(interval),
            readers: match self.readers {
                Readers::One => ringtap_tap::Readers::One,
                Readers::PerCpu => ringtap_tap::Readers::EachCpu,
            },
            coarse_time: self.timestamps == Timestamps::Coarse,
        }
    }
}

/// How soon a plugin gets a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Latency {
    /// Within some milliseconds, and for next to nothing while there is no traffic.
    Normal,
    /// Within some tens of microseconds, for a tenth of a core or so, always.
    Low,
}

/// Which threads read the rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Readers {
    /// One for all of them.
    One,
    /// One for each CPU, kept there.
    PerCpu,
}

/// Which clock stamps records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Timestamps {
    /// To the nanosecond.
    Precise,
    /// The clock that moves on with the kernel's timer, every 1 to 10 ms: cheaper.
    Coarse,
}

/// The tap for what comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ingress {
    /// XDP on hardware, TC on veth and other virtual interfaces and where XDP can't be had.
    Auto,
    /// XDP: native where the driver takes it, else generic.
    Xdp,
    /// XDP in the driver, or not at all.
    XdpNative,
    /// XDP after the socket buffer is made; works with every driver.
    XdpGeneric,
    /// Traffic control.
    Tc,
    /// No tap.
    None,
}

/// The tap for what goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Egress {
    /// Traffic control.
    Tc,
    /// No tap.
    None,
}

/// How TC taps are attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Attach {
    /// A bpf link where the kernel can (TCX, Linux 6.6), else netlink.
    Auto,
    /// A bpf link, which ends with the process, or not at all.
    Link,
    /// A clsact filter, which outlives a killed process until `ringtap detach` or the next start.
    Netlink,
}

const MIN_RING: u64 = 4 << 10;
const MAX_RING: u64 = 1 << 30;

/// The bytes of a ring buffer, such as `4MiB`.
pub(super) fn ring_size(text: &str) -> Result<u32, Expected> {
    match text.parse().map(|ByteSize(bytes)| bytes) {
        Ok(bytes) if bytes.is_power_of_two() && (MIN_RING..=MAX_RING).contains(&bytes) => {
            u32::try_from(bytes).map_err(|_| wrong_size())
        }
        _ => Err(wrong_size()),
    }
}

fn wrong_size() -> Expected {
    Expected("a power of two from \"4KiB\" to \"1GiB\"".to_owned())
}
