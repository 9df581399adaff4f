use std::time::{SystemTime, UNIX_EPOCH};

use wasmtime::component::{HasSelf, Linker};

use crate::{bindings::clock, host::Host, instance::TimeSource};

/// Where an instance's time comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Clock {
    /// The system's.
    Real,
    /// The capture's: Unix time in ns, moved on between calls.
    Capture { now_ns: u64 },
}

impl Clock {
    pub(crate) fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
        clock::add_to_linker::<_, HasSelf<Self>>(linker, |host| &mut host.clock)
    }

    pub(crate) fn source(&self) -> TimeSource {
        match self {
            Self::Capture { .. } => TimeSource::Capture,
            Self::Real => TimeSource::Real,
        }
    }

    /// Unix time in ns.
    pub(crate) fn now(&self) -> u64 {
        match self {
            Self::Capture { now_ns } => *now_ns,
            Self::Real => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
            }
        }
    }

    /// How far the time of a capture has got; `None` with the system's.
    pub(crate) fn captured_until(&self) -> Option<u64> {
        match self {
            Self::Capture { now_ns } => Some(*now_ns),
            Self::Real => None,
        }
    }

    /// Move a capture's clock to `now_ns`, never back.
    pub(crate) fn advance(&mut self, to_ns: u64) {
        if let Self::Capture { now_ns } = self {
            *now_ns = to_ns.max(*now_ns);
        }
    }
}

impl clock::Host for Clock {
    fn now_ns(&mut self) -> wasmtime::Result<u64> {
        Ok(self.now())
    }
}
