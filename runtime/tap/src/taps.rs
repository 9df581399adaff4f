use std::{
    collections::{BTreeMap, VecDeque},
    os::fd::AsFd,
    sync::Arc,
    time::{Duration, SystemTime},
};

use aya::{maps::PerCpuArray, programs::ProgramFd};
use ringtap_interest::Tables;
use ringtap_net::{Interface, LinkLayer};
use ringtap_pipeline::{batch::Collected, ledger::TapCounts};
use ringtap_record::{
    Direction, Hook,
    abi::{LINK_ETHERNET, LINK_IP, MAX_TAPS, TapKind},
};

use crate::{
    attach::Attachment,
    error::TapError,
    grace::wait_for_programs,
    link::{self, Link},
    object::Object,
    past::Past,
    reader::Reader,
    rings::{self, Rings},
    sight::Mark,
    table::InterfaceTable,
    tables::KernelTables,
    tally::{Tallies, TapReading},
};

/// How the taps hand over records.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Bytes of each CPU's ring. A record takes 192, and its payload as many as it has, rounded up to a
    /// multiple of that.
    pub ring_bytes: u32,
    /// How long readers wait between looks at their rings while records come.
    pub drain_interval: Duration,
    /// Who reads them.
    pub readers: Readers,
    /// Stamp records by the clock that moves on with the kernel's timer, every 1 to 10 ms, and not by
    /// the precise one, which takes a third of a tap's time on some machines.
    pub coarse_time: bool,
}

impl Default for Config {
    /// 4 MiB a CPU, drained every 4 ms by one thread: enough for 5 million packets a second on each.
    fn default() -> Self {
        Self {
            ring_bytes: 4 << 20,
            drain_interval: Duration::from_millis(4),
            readers: Readers::One,
            coarse_time: false,
        }
    }
}

/// How many threads read the rings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Readers {
    /// One, wherever the scheduler puts it.
    #[default]
    One,
    /// One for each CPU, kept there, beside the ring that it reads.
    EachCpu,
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
    object: Object,
    table: InterfaceTable,
    tallies: Tallies,
    tables: KernelTables,
    pub(crate) rings: Rings,
    config: Config,
    /// By number.
    pub(crate) taps: BTreeMap<u16, Tap>,
    /// The highest number that was ever given.
    highest: u16,
    /// Numbers of taps that were released, and what the kernel has counted under each.
    free: VecDeque<(u16, TapCounts)>,
    past: Past,
}

pub(crate) struct Tap {
    pub(crate) info: TapInfo,
    pub(crate) kind: TapKind,
    /// `None` when it is off.
    pub(crate) link: Option<Link>,
    /// What the kernel had counted under its number when it began to count under its present name.
    base: TapCounts,
    pub(crate) mark: Option<Mark>,
}

impl Taps {
    /// Create the maps, with a ring for every online CPU. Programs are loaded when a tap first needs them.
    pub fn load(config: Config) -> Result<Self, TapError> {
        let layout = rings::Layout::of_this_machine(config.ring_bytes)?;
        let mut object = Object::load(layout.slots_in_all())?;
        Ok(Self {
            table: InterfaceTable::new(&mut object)?,
            tallies: Tallies(object.map("TALLIES", PerCpuArray::try_from)?),
            rings: rings::share_out(&mut object, &layout)?,
            tables: KernelTables::new(&mut object, config.coarse_time)?,
            object,
            config,
            taps: BTreeMap::new(),
            highest: 0,
            free: VecDeque::new(),
            past: Past::default(),
        })
    }

    /// Hand out the reader of all rings; a second one would have none. CPUs that come online later have
    /// no ring and lose their packets, counted.
    ///
    /// `take` is called with all that the rings give; it must not wait for long.
    pub fn reader(&mut self, take: impl Fn(Collected) + Send + Sync + 'static) -> Reader {
        let rings = std::mem::take(&mut self.rings.unread);
        let memory = Arc::clone(&self.rings.shared);
        Reader::new(rings, None, self.config.drain_interval, memory, Arc::new(take))
    }

    /// As [`reader`](Self::reader), as many as [`Config::readers`] says. Each has a thread to run on.
    pub fn readers(&mut self, take: impl Fn(Collected) + Send + Sync + 'static) -> Vec<Reader> {
        if self.config.readers == Readers::One {
            return vec![self.reader(take)];
        }
        let (interval, take) = (self.config.drain_interval, Arc::new(take));
        let rings = std::mem::take(&mut self.rings.unread).into_iter();
        let memory = &self.rings.shared;
        let each = rings.map(|ring| {
            let cpu = ring.cpu();
            Reader::new(vec![ring], Some(cpu), interval, Arc::clone(memory), Arc::clone(&take) as _)
        });
        each.collect()
    }

    /// Load the programs of these taps, all at the same time: the kernel takes long to prove one. What
    /// fails fails again, and is told, when it is attached.
    pub fn prepare(&mut self, attachments: impl IntoIterator<Item = Attachment>) {
        self.object.load_programs(attachments.into_iter().map(Attachment::kind).collect());
    }

    /// Have packets judged by `tables`, and say `generation` in what they keep. Before the first
    /// call no packet is of interest.
    ///
    /// Every packet is judged by all of the old tables or by all of the new ones, and when this
    /// returns none is judged by the old ones any more. Once there are taps, that takes a grace period
    /// of the kernel, some milliseconds. On an error the old tables go on judging.
    pub fn install(&mut self, tables: &Tables, generation: u32) -> Result<(), TapError> {
        self.tables.switch(tables, generation)?;
        if self.taps.is_empty() {
            // No program runs that could still judge by the old ones.
            return Ok(());
        }
        wait_for_programs()
    }

    /// Put a tap on an interface. An interface has at most one of each kind from one runtime.
    pub fn attach(
        &mut self,
        interface: &Interface,
        attachment: Attachment,
    ) -> Result<TapInfo, TapError> {
        let program = self.program(attachment.kind())?;
        let number = self.register(interface, attachment)?;
        let attached = link::attach(program.as_fd(), interface, attachment);
        let info = info(number, interface, attachment, attached.as_ref().map_or("", |it| it.how));
        match attached {
            Ok(attached) => {
                if let Some(tap) = self.taps.get_mut(&number) {
                    (tap.info, tap.link) = (info.clone(), Some(attached.link));
                }
                Ok(info)
            }
            Err(error) => {
                self.unregister(interface.index, attachment.kind())?;
                let tap = self.taps.remove(&number);
                self.free.extend(tap.map(|tap| (number, tap.base)));
                Err(error)
            }
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
        let (number, base) = self.number().ok_or_else(full)?;
        let kind = attachment.kind();
        let update = self.table.update(interface.index, |slot| {
            slot.taps[kind as usize] = number;
            slot.link = link;
        });
        if !matches!(update, Ok(Some(()))) {
            self.free.push_front((number, base));
        }
        update?.ok_or_else(full)?;
        let info = info(number, interface, attachment, "");
        self.taps.insert(number, Tap { info, kind, link: None, base, mark: None });
        Ok(number)
    }

    /// A number for a tap, and what was counted under it before. Numbers that were never given go
    /// first, so that records of a tap that went are not taken for another's.
    fn number(&mut self) -> Option<(u16, TapCounts)> {
        let next = self.highest + 1;
        if u32::from(next) >= MAX_TAPS {
            return self.free.pop_front();
        }
        self.highest = next;
        Some((next, TapCounts::default()))
    }

    fn unregister(&mut self, ifindex: u32, kind: TapKind) -> Result<(), TapError> {
        self.table.update(ifindex, |slot| slot.taps[kind as usize] = 0)?;
        Ok(())
    }

    /// Take every tap off its hook, and wait until no packet is inside one. What they counted stays.
    pub fn detach_all(&mut self) {
        for tap in self.taps.values_mut() {
            tap.link = None;
        }
        if let Err(error) = wait_for_programs() {
            tracing::warn!("what the taps see at this moment may stay unread: {error}");
        }
    }

    /// Take the taps of interfaces off, which are gone or not ours any more, and wait until no
    /// packet is inside one. Which taps those were. What they counted stays, and their numbers are
    /// given to others.
    pub fn detach(&mut self, ifindexes: &[u32]) -> Result<Vec<TapInfo>, TapError> {
        let mut off = Vec::new();
        for tap in self.taps.values_mut().filter(|tap| ifindexes.contains(&tap.info.ifindex)) {
            if tap.link.take().is_some() {
                off.push((tap.info.clone(), tap.kind));
            }
        }
        if !off.is_empty() {
            wait_for_programs()?;
        }
        let mut taps = Vec::new();
        for (tap, kind) in off {
            self.release(tap.number)?;
            self.unregister(tap.ifindex, kind)?;
            taps.push(tap);
        }
        Ok(taps)
    }

    /// Let go of the number of a tap that no packet is inside of any more.
    fn release(&mut self, number: u16) -> Result<(), TapError> {
        let counted = self.tallies.read(number)?;
        if let Some(tap) = self.taps.remove(&number) {
            self.past.add(&tap.info, counted.since(&tap.base));
            self.free.push_back((number, counted));
        }
        Ok(())
    }

    /// Have an interface's taps count under another name from now on. What they counted so far
    /// stays with the name it was counted under; packets that are inside a tap count under the new.
    pub fn rename(&mut self, ifindex: u32, name: &str) -> Result<(), TapError> {
        for tap in self.taps.values_mut().filter(|tap| tap.info.ifindex == ifindex) {
            let counted = self.tallies.read(tap.info.number)?;
            let counted = TapCounts { seen: counted.ended(), ..counted };
            self.past.add(&tap.info, counted.since(&tap.base));
            tap.base = counted;
            tap.info.interface = name.to_owned();
        }
        Ok(())
    }

    /// The taps that are attached.
    pub fn attached(&self) -> impl Iterator<Item = &TapInfo> {
        self.taps.values().filter(|tap| tap.link.is_some()).map(|tap| &tap.info)
    }

    /// What every tap counted, detached ones included. Readings of one interface, hook and direction
    /// belong together: their sums are exact.
    pub fn readings(&self) -> Result<Vec<TapReading>, TapError> {
        let reading = |tap: &Tap| {
            let counts = self.tallies.read(tap.info.number)?.since(&tap.base);
            Ok(TapReading { tap: tap.info.clone(), counts })
        };
        self.past.readings().map(Ok).chain(self.taps.values().map(reading)).collect()
    }

    /// What the kernel has counted under a tap's number in its life.
    pub(crate) fn counted(&self, number: u16) -> Result<TapCounts, TapError> {
        self.tallies.read(number)
    }

    /// The id of the program of that kind, if it is loaded.
    pub(crate) fn program_id(&self, kind: TapKind) -> Option<u32> {
        self.object.program_id(kind)
    }

    /// The program of that kind, loaded.
    pub(crate) fn program(&mut self, kind: TapKind) -> Result<ProgramFd, TapError> {
        self.object.program(kind)
    }
}

fn info(number: u16, interface: &Interface, attachment: Attachment, how: &'static str) -> TapInfo {
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
