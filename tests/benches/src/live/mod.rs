//! The binary on a veth interface, with packets from the kernel, beside other programs that look at
//! the same packets.

mod alone;
mod generator;
mod mix;
mod peers;
mod process;
mod ringtap;
mod trafgen;

use std::{path::Path, rc::Rc, time::Duration};

pub(crate) use alone::{BUNDLED, idle, latency, memory};
use mix::Load;
pub(crate) use mix::Mix;

use crate::grid::{Grid, Target, Unit};
use generator::Generator;
use peers::Peer;
use process::Cpu;
use ringtap::Ringtap;
use ringtap_lab::{Lab, Side};
use trafgen::Trafgen;

/// What of itself ringtap is wished to use for a packet, at most.
const TARGET_MICROSECONDS: f64 = 0.10;

const USER: usize = 0;
const LOST: usize = 2;

/// What was sent and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    /// All of which passed where they are looked at.
    pub(crate) packets: u64,
    pub(crate) took: Duration,
    /// CPU time of the sending thread, with what the kernel did in it for those who look, if it is
    /// known.
    pub(crate) cpu: Option<Duration>,
}

/// Sends the packets of a round.
type Send = Rc<dyn Fn() -> anyhow::Result<Sent>>;

/// ringtap with a plugin that counts by flow, and its peers, in turn, on packets that come in.
pub(crate) fn peers(binary: &Path, mix: &Mix, core: usize) -> anyhow::Result<Grid> {
    let generator = Generator::new(mix, core)?;
    let lab = generator.lab().clone();
    let (packets, load) = (mix.packets(), mix.load);
    let send = Rc::new(move || generator.send(packets, load));
    grid(
        "Coming in by veth, TC ingress, beside peers",
        Scene { lab, side: Side::Far, send },
        binary,
        mix,
    )
}

/// The same on packets that go out.
pub(crate) fn peers_outward(binary: &Path, mix: &Mix) -> anyhow::Result<Grid> {
    let name = "Going out by veth, TC egress, beside peers";
    if let Some(missing) = Trafgen::missing() {
        let mut grid = Grid::new(name, &[]);
        grid.note(format!("Not measured: {missing}."));
        return Ok(grid);
    }
    let trafgen = Trafgen::new(mix)?;
    let lab = trafgen.lab().clone();
    let (packets, load) = (mix.packets(), mix.load);
    let send = Rc::new(move || trafgen.send(packets, load));
    grid(name, Scene { lab, side: Side::Near, send }, binary, mix)
}

/// Where packets pass, and what sends them.
struct Scene {
    lab: Lab,
    side: Side,
    send: Send,
}

fn grid(name: &str, scene: Scene, binary: &Path, mix: &Mix) -> anyhow::Result<Grid> {
    let columns = [
        ("µs user CPU a packet seen", Unit::Microseconds),
        ("µs system CPU a packet seen", Unit::Microseconds),
        ("lost, %", Unit::Percent),
        ("M packets/s offered", Unit::Millions),
        ("µs of the sender's CPU a packet", Unit::Microseconds),
    ];
    let mut grid = Grid::new(name, &columns);
    grid.times("user CPU, times that of tcpdump -w", USER);
    grid.note(format!("Offered: {}.", mix.text()));
    let Scene { lab, side, send } = scene;
    let load = mix.load;
    let mut reference = None;
    for peer in Peer::ALL {
        if let Some(missing) = peer.missing() {
            grid.note(format!("Not measured: {}: {missing}.", peer.name()));
            continue;
        }
        let (lab, send) = (lab.clone(), Rc::clone(&send));
        let row = grid.row(peer.name(), reference, move || {
            let mut looking = peer.start(&lab, side)?;
            let before = looking.process.cpu()?;
            let sent = send()?;
            let cpu = looking.process.quiet()?.since(before);
            let lost = looking.stop(sent.packets)?;
            Ok(cells(cpu, sent, load, lost))
        });
        if peer == Peer::TcpdumpWrite {
            reference = Some(row);
        }
    }
    let ringtap = Ringtap::new(binary)?;
    let row = grid.row("ringtap run, plugin flow-log", reference, move || {
        let mut running = ringtap.start(&lab, side, "", &["--bundled", "flow-log"])?;
        running.process.quiet()?;
        let before = running.process.cpu()?;
        let sent = send()?;
        let cpu = running.process.quiet()?.since(before);
        let lost = running.status()?.lost_of_all(sent.packets)?;
        running.stop()?;
        Ok(cells(cpu, sent, load, lost))
    });
    grid.target(row, USER, Target::AtMost(TARGET_MICROSECONDS));
    grid.target(row, LOST, Target::AtMost(0.0));
    Ok(grid)
}

/// By packet that was seen: one that was lost cost nothing.
fn cells(cpu: Cpu, sent: Sent, load: Load, lost: u64) -> Vec<Option<f64>> {
    let (packets, seen) = (sent.packets as f64, sent.packets.saturating_sub(lost) as f64);
    let each = |time: Duration, of: f64| Some(time.as_secs_f64() * 1e6 / of).filter(|_| of > 0.0);
    let lost = Some(lost as f64 / packets * 100.0);
    let offered = Some(packets / sent.took.as_secs_f64() / 1e6);
    // A sender that keeps to a rate waits for the clock with its core.
    let sender = sent.cpu.filter(|_| load == Load::Max).and_then(|cpu| each(cpu, packets));
    vec![each(cpu.user(), seen), each(cpu.system(), seen), lost, offered, sender]
}
