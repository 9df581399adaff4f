//! What packets, records and plugins cost on this machine. Run by `cargo xtask bench`, which builds
//! what is measured.
//!
//! Nothing here passes or fails by time. What does fail is a count that is not exact: a figure for
//! packets that were lost on the way is worth nothing.

mod bpf;
mod changes;
mod check;
mod cpu;
mod document;
mod fanout;
mod grid;
mod interests;
mod kernel;
mod live;
mod machine;
mod model;
mod native;
pub mod parts;
mod plugin;
mod reload;
mod report;
mod rules;
mod runtime;
mod scaling;
mod start;
mod suite;
mod test_runs;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::{Parser, ValueEnum};
use grid::Grid;
use live::Mix;
use report::{Report, Section};
use ringtap_flows as packets;
use suite::Suite;

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
    /// Measure nothing, and say what rates take by the unit costs in a file that --json wrote.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["names", "json", "check"])]
    model: Option<PathBuf>,
    /// Hold instructions of the host's parts, and ratios, against what is committed.
    #[arg(long, conflicts_with_all = ["names", "json", "document"])]
    check: bool,
    /// Make the instructions that are found those that are committed.
    #[arg(long, requires = "check")]
    bless: bool,
    /// Measure latency with `latency = "low"` too.
    #[arg(long, help_heading = "Live traffic")]
    low_latency: bool,
    #[command(flatten)]
    mix: Mix,
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
    /// The binary on a veth interface, beside tcpdump, softflowd and pmacctd.
    Live,
    /// The same with packets that go out, which takes trafgen.
    Egress,
    /// From a packet to the plugin that is called with it, at a low rate.
    Latency,
    /// CPU of the binary without traffic.
    Idle,
    /// Memory of the binary with five plugins.
    Memory,
    /// What one core takes from rings through queues into plugins.
    Consumers,
    /// Two producers and two consumers beside one and one.
    Scaling,
}

/// The command.
pub fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(plugin::COMPILE) {
        return ringtap_plugin::compile_child();
    }
    if let Some(ended) = check::run_part() {
        return ended;
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
    if let Some(samples) = &arguments.model {
        let text = std::fs::read_to_string(samples).context("read the samples")?;
        let tables = model::markdown(&text)?;
        print!("{tables}");
        let document = arguments.document.as_deref();
        return document.map_or(Ok(()), |path| document::update(path, &tables));
    }
    if arguments.check {
        return check::check(arguments);
    }
    let sender = cpu::first().context("find a core")?;
    let core = cpu::pin().context("keep to one core")?;
    let mut sections = Vec::new();
    for name in Name::value_variants() {
        if !arguments.names.is_empty() && !arguments.names.contains(name) {
            continue;
        }
        sections.push(name.measure(arguments, [sender, core])?);
    }
    let machine = machine::Machine::describe(core)?;
    let report = Report::new(machine, arguments.rounds, arguments.mix.clone(), sections);
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
    fn measure(self, arguments: &Arguments, cores: [usize; 2]) -> anyhow::Result<Section> {
        let Arguments { rounds, .. } = *arguments;
        Ok(match self.table(arguments, cores)? {
            Table::Suite(suite) => Section::Suite(suite.measure(rounds)?),
            Table::Grid(grid) => Section::Grid(grid.measure(rounds)?),
        })
    }

    fn table(self, arguments: &Arguments, [sender, core]: [usize; 2]) -> anyhow::Result<Table> {
        let Arguments { components, native, binary, mix, low_latency, .. } = arguments;
        Ok(match self {
            Self::Kernel => kernel::suite().context("measure the taps")?.into(),
            Self::Interests => interests::suite().context("measure interests")?.into(),
            Self::Changes => changes::suite().context("measure changes of tables")?.into(),
            Self::Fanout => fanout::suite().context("measure the fan-out")?.into(),
            Self::Plugin => plugin::suite(components, native).context("measure plugins")?.into(),
            Self::Runtime => {
                runtime::suite(components).context("measure the whole runtime")?.into()
            }
            Self::Consumers => runtime::consumers(components).context("measure consumers")?.into(),
            Self::Scaling => scaling::grid(sender, core).context("measure two beside one")?.into(),
            Self::Live => live::peers(binary, mix, sender).context("measure beside peers")?.into(),
            Self::Egress => {
                live::peers_outward(binary, mix).context("measure what goes out")?.into()
            }
            Self::Latency => live::latency(components, binary, *low_latency)
                .context("measure the time until a plugin has a packet")?
                .into(),
            Self::Idle => live::idle(binary).context("measure without traffic")?.into(),
            Self::Memory => live::memory(binary, mix, sender).context("measure memory")?.into(),
            Self::Start => start::suite(components, binary).context("measure the start")?.into(),
            Self::Reload => reload::suite(components).context("measure reloads")?.into(),
        })
    }
}

/// What is measured, before it is.
enum Table {
    Suite(Suite),
    Grid(Grid),
}

impl From<Suite> for Table {
    fn from(suite: Suite) -> Self {
        Self::Suite(suite)
    }
}

impl From<Grid> for Table {
    fn from(grid: Grid) -> Self {
        Self::Grid(grid)
    }
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("write {}", path.display()))
}
