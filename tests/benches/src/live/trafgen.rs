//! Packets that leave by an interface: trafgen's, which come by the way of sockets and the queueing
//! discipline, and so past TC egress.

use std::{
    fmt::Write,
    fs,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, ensure};
use ringtap_lab::{Lab, LabConfig, Side};
use tempfile::TempDir;

use super::{
    Sent,
    mix::{Load, Mix},
    peers::is_installed,
};

/// What differs between frames; the rest is zeros.
const HEADERS: usize = 80;

/// Sends from the near side of a lab of its own, which is looked at.
pub(crate) struct Trafgen {
    lab: Lab,
    folder: TempDir,
}

impl Trafgen {
    /// Why there is none, where it is not installed.
    pub(crate) fn missing() -> Option<&'static str> {
        let missing = "trafgen is not installed (apt-get install netsniff-ng)";
        (!is_installed("trafgen")).then_some(missing)
    }

    pub(crate) fn new(mix: &Mix) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        fs::write(folder.path().join("frames"), text(&mix.frames()))?;
        let lab = Lab::new(LabConfig { offloads: false, ..LabConfig::default() })?;
        Ok(Self { lab, folder })
    }

    pub(crate) fn lab(&self) -> &Lab {
        &self.lab
    }

    /// Send so many packets, which pass TC egress of the near side; whether they arrive on the far
    /// side is no matter.
    pub(crate) fn send(&self, packets: u64, load: Load) -> anyhow::Result<Sent> {
        let mut command: Command = self.lab.command(Side::Near, "trafgen")?;
        command.args(["--dev", Side::Near.interface(), "--cpus", "1", "--qdisc-path"]);
        command.args(["--no-sock-mem", "--no-cpu-stats", "--num", &packets.to_string()]);
        command.arg("--conf").arg(self.folder.path().join("frames"));
        if let Load::PacketsASecond(rate) = load {
            command.args(["--rate", &format!("{rate}pps")]);
        }
        let start = Instant::now();
        let output = command.stdin(Stdio::null()).output().context("run trafgen")?;
        let took = start.elapsed();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success(), "trafgen failed: {said}");
        Ok(Sent { packets, took, cpu: None })
    }
}

/// A line for each frame, as trafgen reads it.
fn text(frames: &[Vec<u8>]) -> String {
    let mut text = String::new();
    for frame in frames {
        let headers: Vec<_> =
            frame.iter().take(HEADERS).map(|byte| format!("{byte:#04x}")).collect();
        text += "{ ";
        text += &headers.join(", ");
        let rest = frame.len().saturating_sub(HEADERS);
        if rest > 0 {
            write!(text, ", fill(0, {rest})").expect("a string takes everything");
        }
        text += " }\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_written_as_trafgen_reads_them() {
        assert_eq!(text(&[vec![1, 0xff]]), "{ 0x01, 0xff }\n");
        let long = text(&[vec![0; 100]]);
        assert!(long.ends_with("0x00, fill(0, 20) }\n"), "{long}");
    }
}
