//! ns a packet of programs and taps, by `BPF_PROG_TEST_RUN`.

use std::{
    cell::RefCell,
    os::fd::{AsFd, OwnedFd},
    rc::Rc,
};

use anyhow::{Context, ensure};
use ringtap_interest::{Entry, Tables};
use ringtap_pipeline::ledger::TapCounts;
use ringtap_record::abi::SLOT_BYTES;
use ringtap_tap::{
    Attachment, Config, Reader, Taps, TcMode, XdpMode,
    test_run::{register, run_program, test_run},
};

use crate::bpf::{self, Body, Kind};

/// What a record without payload takes of a ring.
const RECORD_BYTES: u32 = SLOT_BYTES as u32;

/// Runs of a case in a round, about.
const RUNS: u32 = 200_000;

/// A test run of XDP takes milliseconds before it begins, and records with payload fill a ring soon.
const MOST_PORTIONS: u32 = 20;

pub(crate) const XDP: Attachment = Attachment::XdpIngress(XdpMode::Auto);
pub(crate) const TC_INGRESS: Attachment = Attachment::TcIngress(TcMode::Auto);
pub(crate) const TC_EGRESS: Attachment = Attachment::TcEgress(TcMode::Auto);

/// A program that is no tap.
pub(crate) struct Program(OwnedFd);

/// Loaded taps, for many cases.
#[derive(Clone)]
pub(crate) struct Bench(Rc<RefCell<State>>);

/// A tap that sees a packet.
#[derive(Clone)]
pub(crate) struct Sight {
    pub(crate) attachment: Attachment,
    pub(crate) frame: Vec<u8>,
    pub(crate) tables: Rc<Tables>,
    pub(crate) fate: Fate,
}

/// Where the packet has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Uninterested,
    /// It matches, and may be in the sample or not.
    Sampled,
    SampledOut,
    /// With so many bytes of payload.
    Published(u32),
}

impl Program {
    pub(crate) fn load(kind: Kind, body: Body) -> anyhow::Result<Self> {
        let loaded = bpf::load(kind, body);
        loaded.map(Self).with_context(|| format!("load a program ({kind:?}, {body:?})"))
    }

    pub(crate) fn run(self, frame: Vec<u8>) -> impl FnMut() -> anyhow::Result<f64> + 'static {
        let Portions { count, runs } = Portions::of(Config::default().ring_bytes, RECORD_BYTES);
        move || mean((0..count).map(|_| Ok(run_program(self.0.as_fd(), &frame, runs)?)))
    }
}

impl Bench {
    pub(crate) fn new(config: Config) -> anyhow::Result<Self> {
        State::new(config).map(|state| Self(Rc::new(RefCell::new(state))))
    }

    /// Measures a sight; fails if the packet ends elsewhere, as one without a record is quick.
    pub(crate) fn run(&self, sight: Sight) -> impl FnMut() -> anyhow::Result<f64> + 'static {
        let bench = self.clone();
        move || bench.0.borrow_mut().measure(&sight)
    }

    /// What becomes of one packet.
    pub(crate) fn try_once(&self, sight: &Sight) -> anyhow::Result<TapCounts> {
        let mut state = self.0.borrow_mut();
        state.judge_by(&sight.tables)?;
        let before = state.counts()?;
        state.portion(sight, 1)?;
        Ok(state.counts()?.since(&before))
    }
}

impl Fate {
    const fn record_bytes(self) -> u32 {
        match self {
            Self::Published(payload) => Entry::slots(payload) * SLOT_BYTES as u32,
            _ => RECORD_BYTES,
        }
    }

    pub(crate) fn check(self, runs: u64, counts: &TapCounts) -> anyhow::Result<()> {
        let TapCounts { uninterested, sampled_out, published, .. } = *counts;
        let ended = match self {
            Self::Uninterested => uninterested,
            Self::Sampled => sampled_out + published,
            Self::SampledOut => sampled_out,
            Self::Published(_) => published,
        };
        let exact = counts.closes() && (counts.seen, ended) == (runs, runs);
        ensure!(exact, "of {runs} packets that had to end as {self:?} the tap counted {counts:?}");
        Ok(())
    }
}

/// Loaded taps that know the loopback interface, which is where test runs come from, and what reads
/// their rings between runs and not during them.
struct State {
    taps: Taps,
    reader: Reader,
    ring_bytes: u32,
    generation: u32,
    installed: Option<Rc<Tables>>,
}

impl State {
    fn new(config: Config) -> anyhow::Result<Self> {
        let mut taps = Taps::load(config)?;
        let reader = taps.reader(drop);
        let interfaces = ringtap_net::interfaces()?;
        let loopback = interfaces.iter().find(|interface| interface.index == 1);
        let loopback = loopback.context("there is no loopback interface")?;
        for attachment in [XDP, TC_INGRESS, TC_EGRESS] {
            register(&mut taps, loopback, attachment)?;
        }
        let ring_bytes = config.ring_bytes;
        Ok(Self { taps, reader, ring_bytes, generation: 0, installed: None })
    }

    fn measure(&mut self, sight: &Sight) -> anyhow::Result<f64> {
        let Portions { count, runs } = Portions::of(self.ring_bytes, sight.fate.record_bytes());
        self.judge_by(&sight.tables)?;
        let before = self.counts()?;
        let time = mean((0..count).map(|_| self.portion(sight, runs)))?;
        sight.fate.check((count * runs).into(), &self.counts()?.since(&before))?;
        Ok(time)
    }

    fn portion(&mut self, sight: &Sight, runs: u32) -> anyhow::Result<u32> {
        let time = test_run(&mut self.taps, sight.attachment, &sight.frame, runs)?;
        while self.reader.drain() {}
        Ok(time)
    }

    fn judge_by(&mut self, tables: &Rc<Tables>) -> anyhow::Result<()> {
        if self.installed.as_ref().is_some_and(|installed| Rc::ptr_eq(installed, tables)) {
            return Ok(());
        }
        self.generation += 1;
        self.taps.install(tables, self.generation)?;
        self.installed = Some(Rc::clone(tables));
        Ok(())
    }

    /// Of all taps together.
    fn counts(&self) -> anyhow::Result<TapCounts> {
        let mut sum = TapCounts::default();
        for reading in self.taps.readings()? {
            sum += reading.counts;
        }
        Ok(sum)
    }
}

/// Runs between two looks at the ring: fewer than the records that it holds, so that none is lost.
struct Portions {
    count: u32,
    runs: u32,
}

impl Portions {
    fn of(ring_bytes: u32, record_bytes: u32) -> Self {
        let held = ring_bytes / record_bytes * 3 / 4;
        let count = RUNS.div_ceil(held);
        Self { count: count.min(MOST_PORTIONS), runs: RUNS / count }
    }
}

fn mean(times: impl Iterator<Item = anyhow::Result<u32>>) -> anyhow::Result<f64> {
    let times = times.collect::<anyhow::Result<Vec<_>>>()?;
    Ok(times.iter().copied().map(f64::from).sum::<f64>() / times.len() as f64)
}
