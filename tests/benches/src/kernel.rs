//! ns a packet of the taps, beside programs that do nothing.

use std::rc::Rc;

use ringtap_interest::{Interest, Tables};
use ringtap_tap::{Attachment, Config};

use crate::{
    bpf::{Body, Kind},
    packets::Flow,
    suite::{CaseId, Relation, Suite},
    test_runs::{Bench, Fate, Program, Sight, TC_EGRESS, TC_INGRESS, XDP},
};

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
    ("XDP tap", Kind::Xdp, XDP),
    ("TC ingress tap", Kind::Tc, TC_INGRESS),
    ("TC egress tap", Kind::Tc, TC_EGRESS),
];

/// What an XDP tap is wished to cost at most, beyond an empty program and a time stamp.
const TARGET_NS: f64 = 22.0;

/// A ring that is too large for any cache, to see what memory costs.
const LARGE_RING: u32 = 64 << 20;

pub(crate) fn suite() -> anyhow::Result<Suite> {
    let columns = [
        ("ns more than an empty program", Relation::Difference),
        ("ns without the timestamp", Relation::Difference),
    ];
    let mut suite = Suite::new("Taps", "packet", &columns);
    let tables = Rc::new(Tables::compile(&[&Interest::everything()], &[])?);
    let sight = |attachment, frame| Sight {
        attachment,
        frame,
        tables: Rc::clone(&tables),
        fate: Fate::Published(0),
    };
    let xdp = floor(&mut suite, "XDP", Kind::Xdp)?;
    let tc = floor(&mut suite, "TC", Kind::Tc)?;
    let length = Program::load(Kind::Xdp, Body::XdpLength)?;
    let name = "XDP: `bpf_xdp_get_buff_len` alone";
    suite.case(name, &[Some(xdp.empty)], length.run(UDP.frame(64)));
    let bench = Bench::new(Config::default())?;
    for (hook, kind, attachment) in TAPS {
        let floor = if kind == Kind::Xdp { xdp } else { tc };
        for (packet, flow, len) in FRAMES {
            let run = bench.run(sight(attachment, flow.frame(len)));
            let case = suite.case(format!("{hook}: {packet}"), &floor.references(), run);
            if kind == Kind::Xdp {
                suite.targets(case, &[None, Some(TARGET_NS)]);
            }
        }
    }
    let bench = Bench::new(Config { coarse_time: true, ..Config::default() })?;
    for (hook, kind, attachment) in [TAPS[0], TAPS[1]] {
        let floor = if kind == Kind::Xdp { xdp } else { tc };
        let run = bench.run(sight(attachment, UDP.frame(64)));
        let name = format!("{hook}, coarse clock: {}", FRAMES[0].0);
        suite.case(name, &[Some(floor.empty)], run);
    }
    let bench = Bench::new(Config { ring_bytes: LARGE_RING, ..Config::default() })?;
    let (hook, _, attachment) = TAPS[0];
    let name = format!("{hook}: {}, ring of {} MiB", FRAMES[0].0, LARGE_RING >> 20);
    suite.case(name, &xdp.references(), bench.run(sight(attachment, UDP.frame(64))));
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
    let program = Program::load(kind, Body::Empty)?;
    let empty = suite.case(format!("{hook}: empty program"), &[], program.run(UDP.frame(64)));
    let program = Program::load(kind, Body::Time)?;
    let name = format!("{hook}: `bpf_ktime_get_ns` alone");
    let time = suite.case(name, &[Some(empty)], program.run(UDP.frame(64)));
    Ok(Floor { empty, time })
}
