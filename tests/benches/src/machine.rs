use std::process::Command;

use anyhow::Context;
use serde::Serialize;

/// Where the figures are from.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    cpu: String,
    cores: usize,
    /// The one that was measured on.
    core: usize,
    kernel: String,
    architecture: &'static str,
    rustc: String,
}

impl Machine {
    pub(crate) fn describe(core: usize) -> anyhow::Result<Self> {
        let system = rustix::system::uname();
        Ok(Self {
            cpu: cpu_model()?,
            cores: online_cores()?,
            core,
            kernel: system.release().to_string_lossy().into_owned(),
            architecture: std::env::consts::ARCH,
            rustc: rustc()?,
        })
    }

    /// One line.
    pub(crate) fn text(&self) -> String {
        let Self { cpu, cores, core, kernel, architecture, rustc } = self;
        format!(
            "{cpu}, {cores} cores (measured on core {core}), {architecture}, Linux {kernel}, {rustc}"
        )
    }
}

/// The compiler and its version.
pub(crate) fn rustc() -> anyhow::Result<String> {
    let rustc = Command::new("rustc").arg("--version").output().context("run rustc")?;
    Ok(String::from_utf8_lossy(&rustc.stdout).trim().to_owned())
}

/// As the kernel calls it; on some architectures it has no name.
fn cpu_model() -> anyhow::Result<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").context("read /proc/cpuinfo")?;
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    Ok(model.map_or("unnamed CPU", |(_, name)| name).to_owned())
}

fn online_cores() -> anyhow::Result<usize> {
    let text = std::fs::read_to_string("/proc/stat").context("read /proc/stat")?;
    let core = |line: &&str| line.starts_with("cpu") && !line.starts_with("cpu ");
    Ok(text.lines().filter(core).count())
}
