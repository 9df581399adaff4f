//! What stands on an interface's hooks before any tap of ours does, and whether taps can be had.

use std::{fmt, io};

use ringtap_net::{Interface, TcFilter, XdpMode, tc_filters};
use ringtap_record::{Direction, Hook, abi::TapKind};

use crate::{
    attach::Attachment,
    bpf::{self, TcxHook},
    error::TapError,
    filter,
    owner::Owner,
    taps::{Config, Taps},
};

/// The loopback interface of every network namespace (`LOOPBACK_IFINDEX` in the kernel).
const LOOPBACK: u32 = 1;

/// Something on a hook of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub hook: Hook,
    pub direction: Direction,
    /// The BPF program; `None` for a filter that has none, such as `flower`.
    pub program: Option<Owner>,
    pub how: Held,
}

/// How something is on a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    Xdp(XdpMode),
    /// A program of TCX, which runs before filters.
    Tcx,
    /// A filter of clsact or ingress.
    Filter {
        /// Such as `bpf`.
        kind: String,
        name: Option<String>,
        /// Smaller runs earlier.
        priority: u16,
        /// A tap of ours whose process is dead: [`reap`](crate::reap) removes it.
        orphan: bool,
    },
}

impl Holder {
    /// Whether `attachment` can't be put on while this is there. XDP programs exclude each other,
    /// unless one is on the card; TC programs run one after the other.
    pub fn excludes(&self, attachment: Attachment) -> bool {
        let excludes = matches!(self.how, Held::Xdp(mode) if mode != XdpMode::Offloaded);
        excludes && matches!(attachment, Attachment::XdpIngress(_))
    }

    /// Whether it is a tap, going by the program's name: it lets every packet go on.
    pub fn is_tap(&self) -> bool {
        self.program.as_ref().is_some_and(Owner::is_tap)
    }

    /// The id of the BPF program.
    pub fn program_id(&self) -> Option<u32> {
        self.program.as_ref().map(|program| program.id)
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unknown = Owner { id: 0, name: None };
        let program = self.program.as_ref().unwrap_or(&unknown);
        match &self.how {
            Held::Xdp(XdpMode::Native) => write!(f, "{program}, native XDP"),
            Held::Xdp(XdpMode::Generic) => write!(f, "{program}, generic XDP"),
            Held::Xdp(XdpMode::Offloaded) => write!(f, "{program}, offloaded XDP"),
            Held::Xdp(XdpMode::Multiple) => write!(f, "{program}, XDP in several modes"),
            Held::Tcx => write!(f, "{program}, by TCX"),
            Held::Filter { kind, name, .. } => {
                write!(f, "the {kind} filter")?;
                if let Some(name) = name {
                    write!(f, " {name:?}")?;
                }
                match &self.program {
                    Some(program) => write!(f, " with {program}"),
                    None => Ok(()),
                }
            }
        }
    }
}

/// What packets pass before they reach `chain[place]`, in this order. `chain` is what is on one
/// interface in the order in which hooks run: XDP, TCX, filters.
pub fn ahead_of(chain: &[Holder], place: usize) -> impl Iterator<Item = &Holder> {
    let direction = chain.get(place).map(|holder| holder.direction);
    chain.iter().take(place).filter(move |holder| Some(holder.direction) == direction)
}

/// What is on the interface's XDP hook and among its tc filters, those in the order in which they
/// run. Takes no privileges, but programs' names take CAP_SYS_ADMIN and are left out without.
pub fn holders(interface: &Interface) -> Result<Vec<Holder>, TapError> {
    Ok(xdp_holder(interface).into_iter().chain(filter_holders(interface)?).collect())
}

pub(crate) fn xdp_holder(interface: &Interface) -> Option<Holder> {
    interface.xdp.map(|xdp| Holder {
        hook: Hook::Xdp,
        direction: Direction::Ingress,
        program: Some(Owner::of(xdp.id)),
        how: Held::Xdp(xdp.mode),
    })
}

pub(crate) fn filter_holders(interface: &Interface) -> Result<Vec<Holder>, TapError> {
    Ok(tc_filters(interface.index)?.iter().map(of_filter).collect())
}

/// What is on the interface's TCX hooks, in the order in which it runs: nothing where the kernel has
/// no TCX. Takes CAP_NET_ADMIN; names as in [`holders`].
pub fn tcx_holders(interface: &Interface) -> Result<Vec<Holder>, TapError> {
    let mut holders = tcx_holders_of(interface, Direction::Ingress)?;
    holders.extend(tcx_holders_of(interface, Direction::Egress)?);
    Ok(holders)
}

pub(crate) fn tcx_holders_of(
    interface: &Interface,
    direction: Direction,
) -> Result<Vec<Holder>, TapError> {
    let hook = match direction {
        Direction::Ingress => TcxHook::Ingress,
        Direction::Egress => TcxHook::Egress,
    };
    let programs = tcx(&interface.name, interface.index, hook)?.unwrap_or_default();
    let holder =
        |id| Holder { hook: Hook::Tc, direction, program: Some(Owner::of(id)), how: Held::Tcx };
    Ok(programs.into_iter().map(holder).collect())
}

fn of_filter(filter: &TcFilter) -> Holder {
    let name = filter.name.clone();
    let orphan = name.as_deref().is_some_and(filter::is_orphan);
    Holder {
        hook: Hook::Tc,
        direction: filter.direction,
        program: filter.program.map(Owner::of),
        how: Held::Filter { kind: filter.kind.clone(), name, priority: filter.priority, orphan },
    }
}

/// Whether the kernel has TCX links (Linux 6.6), asked of the kernel itself: distributions backport
/// them. Needs CAP_NET_ADMIN.
pub fn has_tcx() -> Result<bool, TapError> {
    tcx("lo", LOOPBACK, TcxHook::Ingress).map(|programs| programs.is_some())
}

/// The ids of the programs on a TCX hook, in their order; `None` where the kernel has no TCX.
fn tcx(interface: &str, index: u32, hook: TcxHook) -> Result<Option<Vec<u32>>, TapError> {
    match bpf::tcx_programs(index, hook) {
        Ok(programs) => Ok(Some(programs)),
        // A kernel without TCX does not know the attach type.
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => Ok(None),
        // Gone meanwhile.
        Err(error) if error.raw_os_error() == Some(libc::ENODEV) => Ok(Some(Vec::new())),
        Err(error) => Err(query_failed(interface, error)),
    }
}

fn query_failed(interface: &str, source: io::Error) -> TapError {
    let interface = interface.to_owned();
    match source.raw_os_error() {
        Some(libc::EPERM | libc::EACCES) => {
            TapError::Privilege { what: format!("{interface}: asking who is on TCX") }
        }
        _ => TapError::Query { interface, source },
    }
}

/// Create the maps and rings, and load every program, without attaching any: all is gone
/// when this returns.
pub fn probe(config: Config) -> Result<(), TapError> {
    let mut taps = Taps::load(config)?;
    for kind in [TapKind::Xdp, TapKind::TcIngress, TapKind::TcEgress] {
        taps.program(kind)?;
    }
    Ok(())
}

/// Whether this process may make maps, which is where a start without privileges ends.
pub fn may_load() -> Result<(), TapError> {
    match bpf::array() {
        Err(error) if error.raw_os_error() == Some(libc::EPERM) => {
            Err(TapError::Privilege { what: crate::error::MAKING_MAPS.into() })
        }
        // Whatever else there is comes up again with the maps themselves.
        _ => Ok(()),
    }
}

/// The CPUs that get a ring each.
pub fn online_cpus() -> Result<Vec<u32>, TapError> {
    aya::util::online_cpus().map_err(|(_, error)| TapError::Cpus(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attach::{TcMode, XdpMode as Ours};

    fn holder(hook: Hook, how: Held) -> Holder {
        Holder { hook, direction: Direction::Ingress, program: None, how }
    }

    #[test]
    fn only_xdp_programs_exclude_each_other() {
        let native = holder(Hook::Xdp, Held::Xdp(XdpMode::Native));
        assert!(native.excludes(Attachment::XdpIngress(Ours::Generic)));
        assert!(!native.excludes(Attachment::TcIngress(TcMode::Auto)));
        let offloaded = holder(Hook::Xdp, Held::Xdp(XdpMode::Offloaded));
        assert!(!offloaded.excludes(Attachment::XdpIngress(Ours::Auto)));
        let tcx = holder(Hook::Tc, Held::Tcx);
        assert!(!tcx.excludes(Attachment::TcIngress(TcMode::Link)));
        assert!(!tcx.excludes(Attachment::XdpIngress(Ours::Auto)));
    }
}
