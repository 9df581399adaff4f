use std::io;

use aya::{EbpfError, maps::MapError, programs::ProgramError};
use ringtap_net::NetError;
use rustix::thread::{CapabilitySet, capabilities};

use crate::owner::Owner;

/// Why something about taps failed. Says what, where and what to do.
#[derive(Debug, thiserror::Error)]
pub enum TapError {
    #[error(
        "{what}: not permitted. Taps need CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON: run as root, or \
         give the binary these with `setcap cap_bpf,cap_net_admin,cap_perfmon+ep`"
    )]
    Privilege { what: String },
    #[error("the kernel did not take the eBPF object (taps need Linux 5.18 or newer)")]
    Object(#[source] Box<EbpfError>),
    #[error("the eBPF object has no {kind} `{name}`: it is not of this version of ringtap")]
    Missing { kind: &'static str, name: &'static str },
    #[error("loading the program `{program}` failed (taps need Linux 5.18 or newer)")]
    Load {
        program: &'static str,
        #[source]
        source: Box<ProgramError>,
    },
    #[error("the map `{map}` can't be {operation}")]
    Map {
        map: &'static str,
        operation: &'static str,
        #[source]
        source: MapError,
    },
    #[error(
        "making the rings of all CPUs ({bytes} bytes) failed; a smaller `taps.ring_size` needs less memory"
    )]
    Rings {
        bytes: u64,
        #[source]
        source: io::Error,
    },
    #[error("{cpus} CPUs are more than the {max} that taps have rings for")]
    TooManyCpus { cpus: u32, max: u32 },
    #[error(
        "{interface}: the {hook} hook is held by {owner}; detach that first, or use `--ingress auto`, which taps TC where XDP is taken"
    )]
    Held { interface: String, hook: &'static str, owner: Owner },
    #[error("{interface}: attaching to {hook} failed: {hint}")]
    Attach {
        interface: String,
        hook: &'static str,
        hint: &'static str,
        #[source]
        source: io::Error,
    },
    #[error("{interface}: asking the kernel who is on TCX failed")]
    Query {
        interface: String,
        #[source]
        source: io::Error,
    },
    #[error("making the token that tells whose a clsact filter is failed")]
    Token {
        #[source]
        source: io::Error,
    },
    #[error(
        "{interface}: frames start with hardware type {hardware}, which taps can't parse; Ethernet and IP can"
    )]
    LinkLayer { interface: String, hardware: u16 },
    #[error(
        "{interface}: no room for another tap beside the {max} that a runtime can hold: name fewer interfaces with -i"
    )]
    TooManyTaps { interface: String, max: u32 },
    #[error("waiting for the packets that are inside of taps failed")]
    Grace(#[source] io::Error),
    #[error("asking for the online CPUs failed")]
    Cpus(#[source] io::Error),
    #[error("a test run of `{program}` failed")]
    TestRun {
        program: &'static str,
        #[source]
        source: io::Error,
    },
    #[error(transparent)]
    Net(#[from] NetError),
}

impl TapError {
    /// Why XDP can't be had where TC may be, for people: somebody holds the hook, or the driver, the
    /// kernel or the interface's settings don't take it. `None` of what would stop any tap.
    pub fn lack_of_xdp(&self) -> Option<String> {
        match self {
            Self::Held { owner, .. } => Some(format!("XDP is held by {owner}")),
            Self::Attach { hint, source, .. } if source.raw_os_error() != Some(libc::ENODEV) => {
                Some(format!("XDP can't be had ({source}): {hint}"))
            }
            _ => None,
        }
    }

    /// Whether the interface went while a tap was put on it.
    pub fn is_gone(&self) -> bool {
        match self {
            Self::Attach { source, .. } => source.raw_os_error() == Some(libc::ENODEV),
            Self::Net(NetError::Missing { .. }) => true,
            _ => false,
        }
    }
}

/// What is not permitted where maps can't be made.
pub(crate) const MAKING_MAPS: &str = "creating the taps' BPF maps";

/// Whether an error of aya's is a missing privilege at heart.
pub(crate) fn is_not_permitted(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return match error.raw_os_error() {
                Some(libc::EPERM) => true,
                // What the verifier says of a good program when it may not trust its loader.
                Some(libc::EACCES) => !has_perfmon(),
                _ => false,
            };
        }
        cause = error.source();
    }
    false
}

fn has_perfmon() -> bool {
    let enough = CapabilitySet::PERFMON | CapabilitySet::SYS_ADMIN;
    capabilities(None).is_ok_and(|sets| sets.effective.intersects(enough))
}
