use std::{
    collections::BTreeMap,
    os::fd::AsFd,
    sync::Arc,
    time::{Duration, SystemTime},
};

use aya::{
    Ebpf,
    maps::{Array, ArrayOfMaps, MapData, MapError, PerCpuArray, RingBuf},
    programs::{Program, ProgramError, ProgramFd},
};
use ringtap_net::{Interface, LinkLayer};
use ringtap_pipeline::fanout::Fanout;
use ringtap_record::{
    Direction, Hook,
    abi::{LINK_ETHERNET, LINK_IP, MAX_CPUS, MAX_TAPS, TapKind},
};

use crate::{
    attach::Attachment,
    bpf,
    error::{TapError, is_not_permitted},
    link::{self, Link},
    object,
    reader::Reader,
    survey::online_cpus,
    table::InterfaceTable,
    tally::{Tallies, TapReading},
};

/// How the taps hand over records.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Bytes of each CPU's ring buffer: a power of two and a multiple of the page size. A record
    /// takes 160.
    pub ring_bytes: u32,
    /// How long the reader sleeps when the rings are empty.
    pub drain_interval: Duration,
}

impl Default for Config {
    /// 4 MiB a CPU, drained every 5 ms: enough for 5 million packets a second on each.
    fn default() -> Self {
        Self { ring_bytes: 4 << 20, drain_interval: Duration::from_millis(5) }
    }
}

/// Which tap, as labels and log lines name it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TapInfo {
    /// The number in the records.
    pub number: u16,
    pub interface: String,
    pub ifindex: u32,
    pub hook: Hook,
    pub direction: Direction,
    /// How it is attached, for people.
    pub how: &'static str,
    /// When it was attached.
    pub since: SystemTime,
}

/// The loaded programs and everything that is attached.
///
/// Dropped, all taps are off, and nothing stays behind in the kernel. Interfaces are those of the
/// network namespace of the thread that attaches.
pub struct Taps {
    ebpf: Ebpf,
    table: InterfaceTable,
    tallies: Tallies,
    /// Held open until the last program is loaded.
    rings: ArrayOfMaps<MapData, RingBuf<MapData>>,
    config: Config,
    /// By number. Those that were detached stay, since their counts do.
    taps: BTreeMap<u16, (TapInfo, Option<Link>)>,
}

impl Taps {
    /// Create the maps. Programs are loaded when a tap first needs them.
    pub fn load(config: Config) -> Result<Self, TapError> {
        let mut ebpf = object::load()?;
        let table = InterfaceTable(map(&mut ebpf, "INTERFACES", Array::try_from)?);
        let tallies = Tallies(map(&mut ebpf, "TALLIES", PerCpuArray::try_from)?);
        let rings = map(&mut ebpf, "RINGS", ArrayOfMaps::try_from)?;
        Ok(Self { ebpf, table, tallies, rings, config, taps: BTreeMap::new() })
    }

    /// Give every online CPU a ring, and hand out the reader of all of them. Call it once, before
    /// the first tap is attached: a CPU without a ring loses its packets, counted.
    pub fn reader(&mut self, fanout: Arc<Fanout>) -> Result<Reader, TapError> {
        let rings = online_cpus()?.into_iter().map(|cpu| self.ring(cpu));
        let rings = rings.collect::<Result<Vec<_>, _>>()?;
        Ok(Reader::new(rings, self.config.drain_interval, fanout))
    }

    fn ring(&mut self, cpu: u32) -> Result<RingBuf<MapData>, TapError> {
        if cpu >= MAX_CPUS {
            return Err(TapError::TooManyCpus { cpus: cpu + 1, max: MAX_CPUS });
        }
        let bytes = self.config.ring_bytes;
        let fd = bpf::ring_create(bytes).map_err(|source| TapError::Ring { cpu, bytes, source })?;
        let failed = |source| TapError::Map { map: "RINGS", operation: "given a ring", source };
        let data = MapData::from_fd(fd).map_err(failed)?;
        let ring = RingBuf::try_from(aya::maps::Map::RingBuf(data)).map_err(failed)?;
        self.rings.set(cpu, &ring, 0).map_err(failed)?;
        Ok(ring)
    }

    /// Put a tap on an interface. An interface has at most one of each kind from one runtime.
    pub fn attach(
        &mut self,
        interface: &Interface,
        attachment: Attachment,
    ) -> Result<TapInfo, TapError> {
        let program = self.program(attachment.kind())?;
        let number = self.register(interface, attachment)?;
        match link::attach(program.as_fd(), interface, attachment) {
            Ok(attached) => {
                let info = self.info(number, interface, attachment, attached.how);
                self.taps.insert(number, (info.clone(), Some(attached.link)));
                Ok(info)
            }
            Err(error) => {
                self.unregister(interface.index, attachment.kind())?;
                self.taps.remove(&number);
                Err(error)
            }
        }
    }

    fn info(
        &self,
        number: u16,
        interface: &Interface,
        attachment: Attachment,
        how: &'static str,
    ) -> TapInfo {
        TapInfo {
            number,
            interface: interface.name.clone(),
            ifindex: interface.index,
            hook: attachment.hook(),
            direction: attachment.direction(),
            how,
            since: SystemTime::now(),
        }
    }

    /// Tell the programs about a tap, so that its very first packet is counted as its own.
    pub(crate) fn register(
        &mut self,
        interface: &Interface,
        attachment: Attachment,
    ) -> Result<u16, TapError> {
        let link = match interface.starts_with() {
            LinkLayer::Ethernet => LINK_ETHERNET,
            LinkLayer::Ip => LINK_IP,
            LinkLayer::Other(hardware) => {
                return Err(TapError::LinkLayer { interface: interface.name.clone(), hardware });
            }
        };
        let full =
            || TapError::TooManyTaps { interface: interface.name.clone(), max: MAX_TAPS - 1 };
        let number = self.taps.last_key_value().map_or(1, |(last, _)| last + 1);
        if u32::from(number) >= MAX_TAPS {
            return Err(full());
        }
        let kind = attachment.kind() as usize;
        let update = self.table.update(interface.index, |slot| {
            slot.taps[kind] = number;
            slot.link = link;
        })?;
        update.ok_or_else(full)?;
        self.taps.insert(number, (self.info(number, interface, attachment, ""), None));
        Ok(number)
    }

    fn unregister(&mut self, ifindex: u32, kind: TapKind) -> Result<(), TapError> {
        self.table.update(ifindex, |slot| slot.taps[kind as usize] = 0)?;
        Ok(())
    }

    /// Take every tap off its hook, and wait until no packet is inside one. What they counted stays.
    pub fn detach_all(&mut self) {
        for (_, link) in self.taps.values_mut() {
            *link = None;
        }
        wait_for_programs();
    }

    /// Take the taps of an interface off: it is gone, or not ours any more. Which those were.
    pub fn detach(&mut self, ifindex: u32) -> Vec<TapInfo> {
        let mut gone = Vec::new();
        for (info, link) in self.taps.values_mut() {
            if info.ifindex == ifindex && link.take().is_some() {
                gone.push(info.clone());
            }
        }
        gone
    }

    /// The taps that are attached.
    pub fn attached(&self) -> impl Iterator<Item = &TapInfo> {
        self.taps.values().filter(|(_, link)| link.is_some()).map(|(info, _)| info)
    }

    /// What every tap counted, detached ones included.
    pub fn readings(&self) -> Result<Vec<TapReading>, TapError> {
        let reading = |(info, _): &(TapInfo, _)| {
            let counts = self.tallies.read(info.number)?;
            Ok(TapReading { tap: info.clone(), counts })
        };
        self.taps.values().map(reading).collect()
    }

    /// The program of that kind, loaded.
    pub(crate) fn program(&mut self, kind: TapKind) -> Result<ProgramFd, TapError> {
        let name = program_name(kind);
        let missing = TapError::Missing { kind: "program", name };
        let program = self.ebpf.program_mut(name).ok_or(missing)?;
        let loaded = match program {
            Program::Xdp(xdp) => load_once(xdp.fd().is_ok(), || xdp.load()),
            Program::SchedClassifier(tc) => load_once(tc.fd().is_ok(), || tc.load()),
            _ => return Err(TapError::Missing { kind: "XDP or TC program", name }),
        };
        let fd = loaded.and_then(|()| program.fd()?.try_clone().map_err(ProgramError::from));
        fd.map_err(|error| match is_not_permitted(&error) {
            true => TapError::Privilege { what: format!("loading the program `{name}`") },
            false => TapError::Load { program: name, source: Box::new(error) },
        })
    }
}

fn load_once(
    loaded: bool,
    load: impl FnOnce() -> Result<(), ProgramError>,
) -> Result<(), ProgramError> {
    if loaded { Ok(()) } else { load() }
}

pub(crate) const fn program_name(kind: TapKind) -> &'static str {
    match kind {
        TapKind::Xdp => "ringtap_xdp",
        TapKind::TcIngress => "ringtap_ingress",
        TapKind::TcEgress => "ringtap_egress",
    }
}

fn map<M>(
    ebpf: &mut Ebpf,
    name: &'static str,
    convert: impl FnOnce(aya::maps::Map) -> Result<M, MapError>,
) -> Result<M, TapError> {
    let map = ebpf.take_map(name).ok_or(TapError::Missing { kind: "map", name })?;
    convert(map).map_err(|source| TapError::Map { map: name, operation: "used", source })
}

/// Wait for a grace period: programs run under RCU, and one that was just detached may still be
/// about to publish. Where the kernel has no such call, the reader's last look comes too early for
/// at most what is inside a program at this moment.
fn wait_for_programs() {
    const MEMBARRIER_CMD_GLOBAL: libc::c_int = 1;
    // SAFETY: takes numbers only, and changes nothing but the order of things.
    unsafe { libc::syscall(libc::SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) };
}
