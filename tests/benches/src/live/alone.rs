//! What the binary takes while little or nothing happens: time until a plugin has a packet, CPU
//! without traffic, memory.

use std::{
    fs,
    net::UdpSocket,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    rc::Rc,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, ensure};
use ringtap_lab::{Family, Lab, LabConfig, Side};
use serde::Deserialize;

use super::{
    Mix,
    generator::Generator,
    ringtap::{Ringtap, Running},
};
use crate::{
    grid::{Grid, Target, Unit},
    plugin::component,
};

/// Packets that are waited for one by one, in a round.
const PACKETS: u32 = 500;

/// ms until a plugin has a packet, of which one in a hundred may take longer.
const TARGET_MS: f64 = 5.0;
const TARGET_LOW_MS: f64 = 0.1;

/// Of a core, without traffic.
const TARGET_IDLE_PERCENT: f64 = 0.5;
const IDLE: Duration = Duration::from_secs(5);

/// Without rings.
const TARGET_MEBIBYTES: f64 = 64.0;
pub(crate) const BUNDLED: &str = "flow-log,top-talkers,tcp-health,scan-watch,protocol-mix";

/// A file with this is a configuration that prefers latency.
const LOW_LATENCY: &str = "[taps]\nlatency = \"low\"\n";

/// Time from a packet at the tap until the plugin is called with it; and from before the call that
/// sends it, so that the network stack's part on the way to the tap is in it as well.
pub(crate) fn latency(components: &[PathBuf], binary: &Path, low: bool) -> anyhow::Result<Grid> {
    let columns = [
        ("ms, median", Unit::Milliseconds),
        ("ms, 99 of 100 at most", Unit::Milliseconds),
        ("ms, most", Unit::Milliseconds),
        ("ms since it was sent, median", Unit::Milliseconds),
        ("ms since it was sent, 99 of 100 at most", Unit::Milliseconds),
    ];
    let mut grid = Grid::new("From packet to plugin, about 400 packets a second", &columns);
    let ringtap = Rc::new(Ringtap::new(binary)?);
    let plugins = ringtap.path("plugins");
    fs::create_dir_all(&plugins)?;
    let wasm = plugins.join("sees.wasm");
    fs::write(&wasm, component(components, "sees")?)?;
    fs::set_permissions(&wasm, fs::Permissions::from_mode(0o644))?;
    let cases = [("default settings", "", TARGET_MS), ("low latency", LOW_LATENCY, TARGET_LOW_MS)];
    for (name, config, target) in cases.into_iter().take(if low { 2 } else { 1 }) {
        let (ringtap, plugins) = (Rc::clone(&ringtap), plugins.clone());
        let row = grid.row(name, None, move || latencies(&ringtap, &plugins, config));
        grid.target(row, 1, Target::AtMost(target));
    }
    Ok(grid)
}

fn latencies(ringtap: &Ringtap, plugins: &Path, config: &str) -> anyhow::Result<Vec<Option<f64>>> {
    let lab = Lab::new(LabConfig::default())?;
    let events = ringtap.path("events");
    fs::remove_file(&events).ok();
    let (plugins, to) = (plugins.display().to_string(), events.display().to_string());
    // What the far side answers is none of the packets that are waited for.
    let arguments =
        ["--plugins", &plugins, "--bundled", "none", "--egress", "none", "--events", &to];
    let running = ringtap.start(&lab, Side::Far, config, &arguments)?;
    let sent = send_one_by_one(&lab)?;
    let lost = wait_for(&running, sent.len() as u64)?;
    running.stop()?;
    ensure!(lost == 0, "of {} packets {lost} were lost", sent.len());
    let seen = seen(&events)?;
    ensure!(seen.len() == sent.len(), "of {} packets {} were seen", sent.len(), seen.len());
    let since = |begin: &dyn Fn(usize) -> u64| {
        let took = seen.iter().enumerate().map(|(n, seen)| seen.at_ns.saturating_sub(begin(n)));
        let mut took: Vec<_> = took.map(|ns| ns as f64 / 1e6).collect();
        took.sort_by(f64::total_cmp);
        took
    };
    let rank = |took: &[f64], part: f64| {
        took.get(((took.len() - 1) as f64 * part).round() as usize).copied()
    };
    let (at_tap, since_sent) = (since(&|n| seen[n].time_ns), since(&|n| sent[n]));
    Ok(vec![
        rank(&at_tap, 0.5),
        rank(&at_tap, 0.99),
        rank(&at_tap, 1.0),
        rank(&since_sent, 0.5),
        rank(&since_sent, 0.99),
    ])
}

/// When each was about to be sent, in ns since 1970.
fn send_one_by_one(lab: &Lab) -> anyhow::Result<Vec<u64>> {
    let socket = |side: Side| {
        let address = side.address(Family::V4, 0);
        lab.inside(side, || UdpSocket::bind((address, 0)))
    };
    let (near, far) = (socket(Side::Near)??, socket(Side::Far)??);
    near.connect(far.local_addr()?)?;
    let mut sent = Vec::new();
    for number in 0..PACKETS {
        // 1 to 4 ms, so that no multiple of it is the interval at which somebody looks.
        thread::sleep(Duration::from_micros((1000 + number * 7919 % 3000).into()));
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        sent.push(now.as_nanos() as u64);
        near.send(&[0; 18])?;
    }
    Ok(sent)
}

/// Until the ledgers have so many packets; those that were lost.
fn wait_for(running: &Running, packets: u64) -> anyhow::Result<u64> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match running.status()?.lost(packets) {
            Err(_) if Instant::now() < deadline => thread::sleep(Duration::from_millis(20)),
            lost => return lost,
        }
    }
}

/// A packet in a plugin, Unix time in ns.
#[derive(Deserialize)]
struct Seen {
    /// When the tap saw it.
    time_ns: u64,
    /// When the plugin was called with it.
    at_ns: u64,
}

fn seen(events: &Path) -> anyhow::Result<Vec<Seen>> {
    let text = fs::read_to_string(events).context("read the events")?;
    let parse = |line| serde_json::from_str(line).with_context(|| format!("an event: {line}"));
    text.lines().map(parse).collect()
}

/// CPU of a run to which nothing comes.
pub(crate) fn idle(binary: &Path) -> anyhow::Result<Grid> {
    let mut grid = Grid::new("Without traffic", &[("CPU, % of a core", Unit::Percent)]);
    let ringtap = Ringtap::new(binary)?;
    let row = grid.row("ringtap run, plugins flow-log and top-talkers", None, move || {
        let lab = Lab::new(LabConfig::default())?;
        let mut running = ringtap.start(&lab, Side::Far, "", &[])?;
        running.process.quiet()?;
        let (start, before) = (Instant::now(), running.process.cpu()?);
        thread::sleep(IDLE);
        let (took, used) = (start.elapsed(), running.process.cpu()?.since(before));
        ensure!(running.status()?.lost(0)? == 0, "something was lost where nothing was");
        running.stop()?;
        Ok(vec![Some(used.total.as_secs_f64() / took.as_secs_f64() * 100.0)])
    });
    grid.target(row, 0, Target::AtMost(TARGET_IDLE_PERCENT));
    Ok(grid)
}

/// Memory of a run with plugins in Rust and C that have seen the mix.
pub(crate) fn memory(binary: &Path, mix: &Mix, core: usize) -> anyhow::Result<Grid> {
    let columns = [
        ("MiB resident", Unit::Mebibytes),
        ("MiB of it rings", Unit::Mebibytes),
        ("MiB without rings", Unit::Mebibytes),
    ];
    let mut grid = Grid::new("Memory, after live traffic", &columns);
    grid.note("The data of a ring is mapped twice in a row, and counts twice.");
    let (ringtap, generator) = (Ringtap::new(binary)?, Generator::new(mix, core)?);
    let (packets, load) = (mix.packets(), mix.load);
    let name = format!("ringtap run, plugins {}", BUNDLED.replace(',', ", "));
    let row = grid.row(name, None, move || {
        let mut running = ringtap.start(generator.lab(), Side::Far, "", &["--bundled", BUNDLED])?;
        let sent = generator.send(packets, load)?;
        running.process.quiet()?;
        let Resident { all, rings } = resident(running.process.id())?;
        // What is lost is no part of this, as long as all of it is known.
        running.status()?.lost(sent.packets)?;
        running.stop()?;
        let mebibytes = |kibibytes: u64| Some(kibibytes as f64 / 1024.0);
        Ok(vec![mebibytes(all), mebibytes(rings), mebibytes(all - rings)])
    });
    grid.target(row, 2, Target::AtMost(TARGET_MEBIBYTES));
    Ok(grid)
}

/// KiB that a process has in memory, and those of them that are maps of the kernel.
#[derive(Debug, PartialEq, Eq)]
struct Resident {
    all: u64,
    rings: u64,
}

fn resident(id: u32) -> anyhow::Result<Resident> {
    let maps = fs::read_to_string(format!("/proc/{id}/smaps")).context("read its memory map")?;
    Ok(add_up(&maps))
}

fn add_up(maps: &str) -> Resident {
    let (mut all, mut rings, mut is_ring) = (0, 0, false);
    for line in maps.lines() {
        if let Some(size) = line.strip_prefix("Rss:") {
            let size = size.split_whitespace().next().and_then(|size| size.parse().ok());
            all += size.unwrap_or(0_u64);
            rings += size.filter(|_| is_ring).unwrap_or(0);
        } else if !line.split_whitespace().next().is_some_and(|word| word.ends_with(':')) {
            // A mapping's first line: addresses, rights, offset, device, inode, what is mapped.
            is_ring = line.contains("bpf-map");
        }
    }
    Resident { all, rings }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_are_told_from_other_memory() {
        let maps = "55d0-55d1 r--p 00000000 fe:00 1 /usr/bin/ringtap\nSize: 8 kB\nRss:   8 kB\n\
                    7f00-7f01 rw-s 00000000 00:0e 9 anon_inode:bpf-map\nSize: 16 kB\nRss: 16 kB\n\
                    7f02-7f03 rw-p 00000000 00:00 0\nSize: 4 kB\nRss: 4 kB\n";
        assert_eq!(add_up(maps), Resident { all: 28, rings: 16 });
    }
}
