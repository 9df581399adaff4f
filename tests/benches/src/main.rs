//! What packets, records and plugins cost on this machine. Run by `cargo xtask bench`, which builds
//! what is measured.
//!
//! Nothing here passes or fails by time. What does fail is a count that is not exact: a figure for
//! packets that were lost on the way is worth nothing.

mod bpf;
mod changes;
mod cpu;
mod document;
mod fanout;
mod interests;
mod kernel;
mod machine;
mod native;
mod plugin;
mod reload;
mod report;
mod rules;
mod runtime;
mod start;
mod statistics;
mod suite;
mod test_runs;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::{Parser, ValueEnum};
use report::Report;
use ringtap_flows as packets;
use suite::Suite;

/// With this argument alone the process compiles a plugin for the one that started it.
const COMPILE: &str = "compile-plugin";

#[derive(Parser)]
#[command(
    bin_name = "cargo xtask bench",
    about = "Measure taps, plugins and the whole runtime on one core"
)]
struct Arguments {
    /// What to measure; everything if nothing is named.
    names: Vec<Name>,
    /// Rounds; in each, every case runs once, so that drift meets all alike.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Write every sample there as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Put the tables between the marks in this Markdown file.
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    /// Where the plugins are, built for WebAssembly. `cargo xtask` knows.
    #[arg(long, value_name = "DIR", required = true, hide = true)]
    components: Vec<PathBuf>,
    /// Where the same plugins are, built for this machine. `cargo xtask` knows.
    #[arg(long, value_name = "DIR", hide = true)]
    native: PathBuf,
    /// The binary `ringtap`. `cargo xtask` builds it and knows.
    #[arg(long, value_name = "FILE", hide = true)]
    binary: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Name {
    /// The taps, by test runs of the kernel.
    Kernel,
    /// What interests cost packets that they turn away, sample or take with payload.
    Interests,
    /// Compiling interests and installing them in the kernel.
    Changes,
    /// Giving records to the plugins that want them.
    Fanout,
    /// Plugins, called with batches, beside the same code without a sandbox.
    Plugin,
    /// Everything from the tap to the plugin.
    Runtime,
    /// From the start of the process to plugins that are loaded, with and without compiled code.
    Start,
    /// How long records wait while one version of a plugin takes over from another.
    Reload,
}

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(COMPILE) {
        return ringtap_plugin::compile_child();
    }
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let core = cpu::pin().context("keep to one core")?;
    let mut suites = Vec::new();
    for name in Name::value_variants() {
        if !arguments.names.is_empty() && !arguments.names.contains(name) {
            continue;
        }
        suites.push(name.suite(arguments)?.measure(arguments.rounds)?);
    }
    let report = Report::new(machine::Machine::describe(core)?, arguments.rounds, suites);
    print!("{}", report.markdown());
    if let Some(path) = &arguments.json {
        write(path, &report.json()?)?;
    }
    if let Some(path) = &arguments.document {
        document::update(path, &report.markdown())?;
    }
    Ok(())
}

impl Name {
    fn suite(self, arguments: &Arguments) -> anyhow::Result<Suite> {
        let components = &arguments.components;
        match self {
            Self::Kernel => kernel::suite().context("measure the taps"),
            Self::Interests => interests::suite().context("measure interests"),
            Self::Changes => changes::suite().context("measure changes of tables"),
            Self::Fanout => fanout::suite().context("measure the fan-out"),
            Self::Plugin => plugin::suite(components, &arguments.native).context("measure plugins"),
            Self::Runtime => runtime::suite(components).context("measure the whole runtime"),
            Self::Start => start::suite(components, &arguments.binary).context("measure the start"),
            Self::Reload => reload::suite(components).context("measure reloads"),
        }
    }
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("write {}", path.display()))
}
