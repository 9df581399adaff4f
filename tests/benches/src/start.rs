//! ms from the start of the process until its last plugin is loaded, as its log tells.

use std::{
    fs::{self, Permissions},
    io::{BufRead, BufReader, Read},
    os::unix::{fs::PermissionsExt, process::ExitStatusExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    rc::Rc,
    time::Instant,
};

use anyhow::{Context, ensure};
use ringtap_lab::{Lab, LabConfig, Side};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::{
    live::BUNDLED,
    plugin::component,
    suite::{Relation, Suite},
};

/// All different, so that each has code of its own.
const PLUGINS: [&str; 5] = ["flow-log", "top-talkers", "counts", "bursts", "hello"];

/// What a start with compiled code is wished to take at most.
const TARGET_MS: f64 = 50.0;

pub(crate) fn suite(components: &[PathBuf], binary: &Path) -> anyhow::Result<Suite> {
    let columns = [("ms with compiled code", Relation::Milliseconds)];
    let mut suite = Suite::new("Start, by plugins loaded", "start", &columns).in_milliseconds();
    let place = Rc::new(Place::new(components, binary)?);
    for plugins in [2, PLUGINS.len()] {
        let warm = Rc::clone(&place);
        let own = suite.next();
        let name = format!("{plugins} plugins, with compiled code");
        let case = suite.case(name, &[Some(own)], move || warm.start(plugins, true));
        suite.targets(case, &[Some(TARGET_MS)]);
        let cold = Rc::clone(&place);
        let name = format!("{plugins} plugins, compiled anew");
        suite.case(name, &[], move || cold.start(plugins, false));
    }
    let (bundled, live) = (BUNDLED.split(',').count(), Rc::clone(&place));
    let lab = Rc::new(Lab::new(LabConfig::default())?);
    let own = suite.next();
    let name = format!("`ringtap run`, {bundled} bundled plugins, with compiled code");
    let (on, lab_on) = (Rc::clone(&place), Rc::clone(&lab));
    let case = suite.case(name, &[Some(own)], move || live.run(&lab, "plugin loaded", bundled));
    suite.targets(case, &[Some(TARGET_MS)]);
    suite.case("the same, until both taps are on", &[], move || on.run(&lab_on, "tapping", 2));
    Ok(suite)
}

/// A capture without packets, the plugins, and the code that the first, unmeasured round compiles.
struct Place {
    folder: TempDir,
    binary: PathBuf,
}

impl Place {
    fn new(components: &[PathBuf], binary: &Path) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        // Of pcap, version 2.4, up to 65,535 bytes of an Ethernet frame; little-endian.
        let header = [0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 1_u32];
        let header: Vec<_> = header.iter().flat_map(|word| word.to_le_bytes()).collect();
        fs::write(folder.path().join("empty.pcap"), header)?;
        for name in PLUGINS {
            let path = folder.path().join(format!("{name}.wasm"));
            fs::write(&path, component(components, name)?)?;
            fs::set_permissions(&path, Permissions::from_mode(0o644))?;
        }
        Ok(Self { folder, binary: binary.to_owned() })
    }

    fn start(&self, plugins: usize, compiled: bool) -> anyhow::Result<f64> {
        let path = |name: &str| self.folder.path().join(name);
        let mut command = Command::new(&self.binary);
        command.args(["replay", "--config", "none", "--events", "none", "--log", "info"]);
        command.arg("--cache").arg(if compiled { path("code") } else { "none".into() });
        for name in PLUGINS.iter().take(plugins) {
            command.arg("--plugin").arg(path(&format!("{name}.wasm")));
        }
        command.arg(path("empty.pcap")).stdin(Stdio::null()).stdout(Stdio::null());
        until(command, "plugin loaded", plugins, |_| Ok(()))
    }

    /// On an interface of a lab, with the bundled plugins that there are.
    fn run(&self, lab: &Lab, text: &str, lines: usize) -> anyhow::Result<f64> {
        let mut command = lab.command(Side::Near, &self.binary)?;
        command.args(["run", "--config", "none", "-i", Side::Near.interface(), "--log", "info"]);
        command.args(["--bundled", BUNDLED, "--listen", "none", "--control", "none"]);
        command.args(["--events", "none", "--state-directory", "none", "--cache"]);
        command.arg(self.folder.path().join("code"));
        command.stdin(Stdio::null()).stdout(Stdio::null());
        until(command, text, lines, |child| kill_process(Pid::from_child(child), Signal::TERM))
    }
}

/// Time until its log has so many lines with that text. Then it is ended.
fn until(
    mut command: Command,
    text: &str,
    lines: usize,
    end: impl FnOnce(&Child) -> rustix::io::Result<()>,
) -> anyhow::Result<f64> {
    let start = Instant::now();
    let mut child = command.stderr(Stdio::piped()).spawn().context("start ringtap")?;
    let mut log = BufReader::new(child.stderr.take().context("its log")?);
    let (mut found, mut line) = (0, String::new());
    while found < lines {
        line.clear();
        ensure!(log.read_line(&mut line)? > 0, "only {found} lines with {text:?}");
        found += usize::from(line.contains(text));
    }
    let took = start.elapsed();
    end(&child)?;
    log.read_to_string(&mut line)?;
    let status = child.wait()?;
    // Before the taps are on, a signal simply ends it.
    let ended = status.success() || status.signal() == Some(Signal::TERM.as_raw());
    ensure!(ended, "ringtap failed ({status}): {line}");
    Ok(took.as_nanos() as f64)
}
