//! ns a packet of the taps, by `BPF_PROG_TEST_RUN`, beside programs that do nothing.

use std::{
    cell::RefCell,
    os::fd::{AsFd, OwnedFd},
    rc::Rc,
    sync::Arc,
};

use anyhow::{Context, ensure};
use ringtap_pipeline::fanout::Fanout;
use ringtap_tap::{
    Attachment, Config, Reader, Taps, TcMode, XdpMode,
    test_run::{register, run_program, test_run},
};

use crate::{
    bpf::{self, Body, Kind},
    packets::Flow,
    suite::{CaseId, Relation, Suite},
};

/// Runs of a case in a round.
const RUNS: u32 = 200_000;

/// Runs between two looks at the ring: fewer than the records that it holds, so that none is lost.
const fn runs_at_once(ring_bytes: u32) -> u32 {
    const BYTES_A_RECORD: u32 = 160;
    let chunks = RUNS.div_ceil(ring_bytes / BYTES_A_RECORD * 3 / 4);
    RUNS / chunks
}

const UDP: Flow = Flow { ipv6: false, tcp: false, vlan: false, number: 1 };
const TCP: Flow = Flow { tcp: true, ..UDP };

const FRAMES: [(&str, Flow, usize); 5] = [
    ("UDP/IPv4, 64 B", UDP, 64),
    ("TCP/IPv4, 64 B", TCP, 64),
    ("TCP/IPv6, 74 B", Flow { ipv6: true, ..TCP }, 74),
    ("VLAN, UDP/IPv4, 68 B", Flow { vlan: true, ..UDP }, 68),
    ("UDP/IPv4, 1514 B", UDP, 1514),
];

const TAPS: [(&str, Kind, Attachment); 3] = [
    ("XDP tap", Kind::Xdp, Attachment::XdpIngress(XdpMode::Auto)),
    ("TC ingress tap", Kind::Tc, Attachment::TcIngress(TcMode::Auto)),
    ("TC egress tap", Kind::Tc, Attachment::TcEgress(TcMode::Auto)),
];

/// A ring that is too large for any cache, to see what memory costs.
const LARGE_RING: u32 = 64 << 20;

pub(crate) fn suite() -> anyhow::Result<Suite> {
    let columns = [
        ("ns more than an empty program", Relation::Difference),
        ("ns without the timestamp", Relation::Difference),
    ];
    let mut suite = Suite::new("Taps", "packet", &columns);
    let bench = Shared::new(Config::default())?;
    let xdp = floor(&mut suite, "XDP", Kind::Xdp)?;
    let tc = floor(&mut suite, "TC", Kind::Tc)?;
    let length = Program::load(Kind::Xdp, Body::XdpLength)?;
    suite.case("XDP: `bpf_xdp_get_buff_len` alone", &[Some(xdp.empty)], length.run());
    for (hook, kind, attachment) in TAPS {
        let floor = if kind == Kind::Xdp { xdp } else { tc };
        for (packet, flow, len) in FRAMES {
            let run = bench.run(attachment, flow.frame(len));
            suite.case(format!("{hook}: {packet}"), &floor.references(), run);
        }
    }
    let bench = Shared::new(Config { ring_bytes: LARGE_RING, ..Config::default() })?;
    let (hook, _, attachment) = TAPS[0];
    let name = format!("{hook}: {}, ring of {} MiB", FRAMES[0].0, LARGE_RING >> 20);
    suite.case(name, &xdp.references(), bench.run(attachment, UDP.frame(64)));
    Ok(suite)
}

/// The cases that a tap is compared with.
#[derive(Clone, Copy)]
struct Floor {
    empty: CaseId,
    time: CaseId,
}

impl Floor {
    fn references(self) -> [Option<CaseId>; 2] {
        [Some(self.empty), Some(self.time)]
    }
}

fn floor(suite: &mut Suite, hook: &str, kind: Kind) -> anyhow::Result<Floor> {
    let empty =
        suite.case(format!("{hook}: empty program"), &[], Program::load(kind, Body::Empty)?.run());
    let program = Program::load(kind, Body::Time)?;
    let time =
        suite.case(format!("{hook}: `bpf_ktime_get_ns` alone"), &[Some(empty)], program.run());
    Ok(Floor { empty, time })
}

/// A program that is no tap.
struct Program(OwnedFd);

impl Program {
    fn load(kind: Kind, body: Body) -> anyhow::Result<Self> {
        let loaded = bpf::load(kind, body);
        loaded.map(Self).with_context(|| format!("load a program ({kind:?}, {body:?})"))
    }

    fn run(self) -> impl FnMut() -> anyhow::Result<f64> + 'static {
        let frame = UDP.frame(64);
        let at_once = runs_at_once(Config::default().ring_bytes);
        move || {
            let runs = (0..RUNS / at_once).map(|_| run_program(self.0.as_fd(), &frame, at_once));
            mean(runs.map(|run| Ok(run?)))
        }
    }
}

/// Loaded taps that know the loopback interface, which is where test runs come from, and what reads
/// their rings between runs and not during them.
struct Bench {
    taps: Taps,
    reader: Reader,
    at_once: u32,
    runs: u64,
}

impl Bench {
    fn new(config: Config) -> anyhow::Result<Self> {
        let mut taps = Taps::load(config)?;
        let reader = taps.reader(Arc::new(Fanout::default()))?;
        let interfaces = ringtap_net::interfaces()?;
        let loopback = interfaces.iter().find(|interface| interface.index == 1);
        let loopback = loopback.context("there is no loopback interface")?;
        for (_, _, attachment) in TAPS {
            register(&mut taps, loopback, attachment)?;
        }
        let at_once = runs_at_once(config.ring_bytes);
        Ok(Self { taps, reader, at_once, runs: 0 })
    }

    fn measure(&mut self, attachment: Attachment, frame: &[u8]) -> anyhow::Result<f64> {
        let chunk = |_| {
            let time = test_run(&mut self.taps, attachment, frame, self.at_once)?;
            while self.reader.drain() {}
            self.runs += u64::from(self.at_once);
            Ok(time)
        };
        let time = mean((0..RUNS / self.at_once).map(chunk))?;
        self.check_counts()?;
        Ok(time)
    }

    /// A run that lost its record is quick.
    fn check_counts(&self) -> anyhow::Result<()> {
        let readings = self.taps.readings()?;
        let (mut published, mut lost) = (0, 0);
        for reading in &readings {
            ensure!(reading.counts.closes(), "a tap's ledger does not close: {reading:?}");
            published += reading.counts.published;
            lost += reading.counts.lost_total();
        }
        let runs = self.runs;
        ensure!(
            (published, lost) == (runs, 0),
            "of {runs} runs {published} published a record and {lost} lost it"
        );
        Ok(())
    }
}

/// One set of taps, for many cases.
struct Shared(Rc<RefCell<Bench>>);

impl Shared {
    fn new(config: Config) -> anyhow::Result<Self> {
        Bench::new(config).map(|bench| Self(Rc::new(RefCell::new(bench))))
    }

    fn run(
        &self,
        attachment: Attachment,
        frame: Vec<u8>,
    ) -> impl FnMut() -> anyhow::Result<f64> + 'static {
        let bench = Rc::clone(&self.0);
        move || bench.borrow_mut().measure(attachment, &frame)
    }
}

fn mean(times: impl Iterator<Item = anyhow::Result<u32>>) -> anyhow::Result<f64> {
    let times = times.collect::<anyhow::Result<Vec<_>>>()?;
    Ok(times.iter().copied().map(f64::from).sum::<f64>() / times.len() as f64)
}
