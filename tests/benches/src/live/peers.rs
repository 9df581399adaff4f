//! Programs that look at the same packets, in the way in which they are used most.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, ensure};
use ringtap_lab::{Lab, Side};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::process::Process;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// Copies packets.
    TcpdumpWrite,
    /// Says a line for each.
    TcpdumpText,
    /// Counts them by flow.
    Softflowd,
    /// Likewise.
    Pmacctd,
}

/// A peer that looks at packets.
pub(crate) struct Looking {
    peer: Peer,
    pub(crate) process: Process,
    folder: TempDir,
}

impl Peer {
    pub(crate) const ALL: [Self; 4] =
        [Self::TcpdumpWrite, Self::TcpdumpText, Self::Softflowd, Self::Pmacctd];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::TcpdumpWrite => "tcpdump -w /dev/null",
            Self::TcpdumpText => "tcpdump -nn > /dev/null",
            Self::Softflowd => "softflowd",
            Self::Pmacctd => "pmacctd, plugin memory",
        }
    }

    /// Of the program and of Debian's package.
    const fn program(self) -> (&'static str, &'static str) {
        match self {
            Self::TcpdumpWrite | Self::TcpdumpText => ("tcpdump", "tcpdump"),
            Self::Softflowd => ("softflowd", "softflowd"),
            Self::Pmacctd => ("pmacctd", "pmacct"),
        }
    }

    /// Why it can't be measured, where its program is not installed.
    pub(crate) fn missing(self) -> Option<String> {
        let (program, package) = self.program();
        let missing = format!("{program} is not installed (apt-get install {package})");
        (!is_installed(program)).then_some(missing)
    }

    /// Start it on a side's interface, with its own defaults, and wait until it looks.
    pub(crate) fn start(self, lab: &Lab, side: Side) -> anyhow::Result<Looking> {
        let folder = TempDir::new()?;
        let mut command = lab.command(side, self.program().0)?;
        command.stdout(Stdio::null());
        self.arguments(&mut command, side.interface(), folder.path())?;
        let mut process = Process::start(self.program().0, command)?;
        process.says(match self {
            Self::TcpdumpWrite | Self::TcpdumpText => "listening on",
            Self::Softflowd => "starting data collection",
            Self::Pmacctd => "waiting for data on",
        })?;
        process.quiet()?;
        Ok(Looking { peer: self, process, folder })
    }

    fn arguments(
        self,
        command: &mut Command,
        interface: &str,
        folder: &Path,
    ) -> anyhow::Result<()> {
        match self {
            // It becomes another user otherwise, which is no part of what is measured.
            Self::TcpdumpWrite => {
                command.args(["-i", interface, "-Z", "root", "-w", "/dev/null"]);
            }
            Self::TcpdumpText => {
                command.args(["-i", interface, "-Z", "root", "-nn"]);
            }
            Self::Softflowd => {
                // NetFlow 9, since 5 has no IPv6.
                command.args(["-d", "-v", "9", "-i", interface, "-p"]).arg(folder.join("pid"));
                command.arg("-c").arg(folder.join("control"));
            }
            Self::Pmacctd => {
                let config = folder.join("pmacctd.conf");
                fs::write(&config, pmacctd_config(interface, &folder.join("table")))?;
                command.arg("-f").arg(&config);
            }
        }
        Ok(())
    }
}

/// The key of flow-log without VLANs. To the terminal instead of the system's log.
fn pmacctd_config(interface: &str, table: &Path) -> String {
    let table = table.display();
    format!(
        "daemonize: false\npcap_interface: {interface}\nplugins: memory\nimt_path: {table}\n\
         aggregate: src_host,dst_host,src_port,dst_port,proto\nlogfile: /dev/stderr\n"
    )
}

impl Looking {
    /// End it. How many of `packets` it did not see, as it says itself.
    pub(crate) fn stop(self, packets: u64) -> anyhow::Result<u64> {
        let Self { peer, mut process, folder } = self;
        let seen = match peer {
            Peer::TcpdumpWrite | Peer::TcpdumpText => {
                let (_, log) = process.stop(Signal::INT)?;
                number(&log, "packets captured")?
            }
            Peer::Softflowd => {
                let control = folder.path().join("control");
                let output = Command::new("softflowctl")
                    .arg("-c")
                    .arg(control)
                    .arg("statistics")
                    .output()
                    .context("run softflowctl")?;
                let text = String::from_utf8_lossy(&output.stdout).into_owned();
                process.stop(Signal::TERM)?;
                let text: Vec<_> = text.lines().map(str::to_owned).collect();
                number(&text, "Packets processed:")?
            }
            Peer::Pmacctd => {
                kill_process(pid(&process)?, Signal::USR1)?;
                let line = process.says("dropped_packets=")?;
                process.stop(Signal::TERM)?;
                packets.saturating_sub(number(&[line], "dropped_packets=")?)
            }
        };
        ensure!(seen <= packets, "of {packets} packets {} counted {seen}", peer.name());
        Ok(packets - seen)
    }
}

fn pid(process: &Process) -> anyhow::Result<Pid> {
    Pid::from_raw(process.id().cast_signed()).context("a process has a number")
}

/// The number before or behind `text`, in the first line that has it.
fn number(lines: &[String], text: &str) -> anyhow::Result<u64> {
    let found = lines.iter().find_map(|line| {
        let (before, behind) = line.split_once(text)?;
        let near = if behind.is_empty() { before } else { behind };
        near.split_whitespace().next()?.parse().ok()
    });
    found.with_context(|| format!("no number of {text:?} in {lines:?}"))
}

/// Whether a program of that name is in the search path.
pub(crate) fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|place| place.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_peers_write_them() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let tcpdump = lines("20 packets captured\n40 packets received by filter");
        assert_eq!(number(&tcpdump, "packets captured").unwrap(), 20);
        let softflowd = lines("Number of active flows: 3\nPackets processed: 17\n");
        assert_eq!(number(&softflowd, "Packets processed:").unwrap(), 17);
        let pmacctd = lines("stats [lo,0] time=1 received_packets=9 dropped_packets=4");
        assert_eq!(number(&pmacctd, "dropped_packets=").unwrap(), 4);
        assert!(number(&tcpdump, "dropped").is_err());
    }
}
