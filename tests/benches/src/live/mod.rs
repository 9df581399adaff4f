//! The binary on a veth interface, with packets from the kernel, beside other programs that look at
//! the same packets.

mod alone;
mod generator;
mod mix;
mod peers;
mod process;
mod ringtap;

use std::{path::Path, rc::Rc, time::Duration};

pub(crate) use alone::{idle, latency, memory};
use mix::Load;
pub(crate) use mix::Mix;

use crate::grid::{Grid, Target, Unit};
use generator::{Generator, Sent};
use peers::Peer;
use process::Cpu;
use ringtap::Ringtap;

/// What of itself ringtap is wished to use for a packet, at most.
const TARGET_MICROSECONDS: f64 = 0.10;

const USER: usize = 0;
const LOST: usize = 2;

/// ringtap with a plugin that counts by flow, and its peers, in turn.
pub(crate) fn peers(binary: &Path, mix: &Mix, core: usize) -> anyhow::Result<Grid> {
    let columns = [
        ("µs user CPU a packet", Unit::Microseconds),
        ("µs system CPU a packet", Unit::Microseconds),
        ("lost, %", Unit::Percent),
        ("M packets/s offered", Unit::Millions),
        ("µs of the sender's core a packet", Unit::Microseconds),
    ];
    let mut grid = Grid::new("Live on veth, beside peers", &columns);
    grid.times("user CPU, times that of tcpdump -w", USER);
    grid.note(format!("Offered: {}.", mix.text()));
    let generator = Rc::new(Generator::new(mix, core)?);
    let mut reference = None;
    for peer in Peer::ALL {
        if let Some(missing) = peer.missing() {
            grid.note(format!("Not measured: {}: {missing}.", peer.name()));
            continue;
        }
        let (from, mix) = (Rc::clone(&generator), mix.clone());
        let row = grid.row(peer.name(), reference, move || {
            let mut looking = peer.start(from.lab())?;
            let before = looking.process.cpu()?;
            let sent = from.send(mix.packets(), mix.load)?;
            let cpu = looking.process.quiet()?.since(before);
            let lost = looking.stop(sent.delivered)?;
            Ok(cells(cpu, sent, mix.load, lost))
        });
        if peer == Peer::TcpdumpWrite {
            reference = Some(row);
        }
    }
    let ringtap = Ringtap::new(binary)?;
    let (from, mix) = (generator, mix.clone());
    let row = grid.row("ringtap run, plugin flow-log", reference, move || {
        let mut running = ringtap.start(from.lab(), "", &["--bundled", "flow-log"])?;
        running.process.quiet()?;
        let before = running.process.cpu()?;
        let sent = from.send(mix.packets(), mix.load)?;
        let cpu = running.process.quiet()?.since(before);
        let lost = running.status()?.lost_of_all(sent.delivered)?;
        running.stop()?;
        Ok(cells(cpu, sent, mix.load, lost))
    });
    grid.target(row, USER, Target::AtMost(TARGET_MICROSECONDS));
    grid.target(row, LOST, Target::AtMost(0.0));
    Ok(grid)
}

fn cells(cpu: Cpu, sent: Sent, load: Load, lost: u64) -> Vec<Option<f64>> {
    let packets = sent.delivered as f64;
    let a_packet = |time: Duration| Some(time.as_secs_f64() * 1e6 / packets);
    let lost = Some(lost as f64 / packets * 100.0);
    let offered = Some(packets / sent.took.as_secs_f64() / 1e6);
    // A sender that keeps to a rate waits for the clock with its core.
    let sender = a_packet(sent.cpu).filter(|_| load == Load::Max);
    vec![a_packet(cpu.user()), a_packet(cpu.system()), lost, offered, sender]
}
