//! The command line.

mod flags;
mod project;

use std::{path::PathBuf, time::Duration};

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum, error::ErrorKind};

pub(crate) use flags::{
    CacheFlag, ConfigFlag, ControlFlag, EventsFlag, ListenFlag, LogFlags, PluginFlags, StateFlag,
    TapFlags, UserFlag,
};
pub(crate) use project::{Build, Dev, New};

use crate::{
    app::plugins::Mode,
    config::{self, Config, ConfigError, ConfigFile, EventsTo, Expected, InterfacePattern, Loaded},
    testing::Only,
};

const EXIT_CODES: &str = "\
Exit codes:
  0  done, or ended by SIGINT or SIGTERM
  1  something failed while running
  2  the command line or the configuration makes no sense
  3  a privilege or a kernel feature is missing, or a hook is held by another program; for
     `status`, no instance answers
  4  a capture or a plugin can't be read, or the plugin is refused

`check` ends with 3 for a problem of the host, else with 2 for one of the configuration or a plugin.";

const EXAMPLES: &str = "\
Examples:
  ringtap demo --duration 10s            see it work, without touching this host's interfaces
  sudo ringtap run                       tap the interfaces that carry the default routes
  sudo ringtap run -i eth0 -i 'veth*'    tap these
  ringtap replay trace.pcapng            run the plugins over a capture; needs no privileges
  sudo ringtap status                    where every packet went
  ringtap check                          what is missing, and what to do about it";

/// Observe packets with eBPF taps and WebAssembly plugins.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, subcommand_required = true, arg_required_else_help = true)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Cli {
    #[command(flatten)]
    pub log: LogFlags,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(Run),
    Replay(Replay),
    Demo(Demo),
    Status(Status),
    Check(Check),
    Explain(Explain),
    Detach(Detach),
    #[command(subcommand)]
    Plugin(Plugin),
    /// Print the complete commented example configuration, which holds the defaults
    Config,
}

/// Tap live interfaces and run the plugins on what passes
///
/// Ends on SIGINT or SIGTERM. With nothing said, it taps the interfaces that carry the default
/// routes, runs the bundled plugins and serves /metrics on 127.0.0.1:9464.
#[derive(Args, Debug)]
pub(crate) struct Run {
    #[command(flatten)]
    pub config: ConfigFlag,
    /// End after this time, such as 10s or 5m
    #[arg(long, value_name = "TIME", value_parser = run_time())]
    pub duration: Option<Duration>,
    #[command(flatten)]
    pub taps: TapFlags,
    #[command(flatten)]
    pub plugins: PluginFlags,
    #[command(flatten)]
    pub cache: CacheFlag,
    #[command(flatten)]
    pub listen: ListenFlag,
    #[command(flatten)]
    pub events: EventsFlag,
    #[command(flatten)]
    pub control: ControlFlag,
    #[command(flatten)]
    pub user: UserFlag,
    #[command(flatten)]
    pub state: StateFlag,
}

/// Run the plugins over captures (pcap or pcapng)
///
/// Captures are read in the order given, with their own clock. Needs no privileges. Plugins and
/// their limits come from the configuration as in `run`; where events go does not, so that a replay
/// never writes into a live log.
#[derive(Args, Debug)]
pub(crate) struct Replay {
    /// The captures
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub config: ConfigFlag,
    #[command(flatten)]
    pub plugins: PluginFlags,
    #[command(flatten)]
    pub cache: CacheFlag,
    /// Run just this plugin; can be repeated
    #[arg(long = "plugin", value_name = "FILE")]
    pub plugin_files: Vec<PathBuf>,
    /// Have two runs write the same, byte for byte
    ///
    /// Plugins start and work one after the other, so that it takes longer, and their random numbers
    /// begin with --seed. Metrics of how long calls took are left out. The files and the
    /// configuration have to be the same, and ringtap's version. What can still differ is a call
    /// whose CPU time comes near its deadline.
    #[arg(long)]
    pub deterministic: bool,
    /// What random numbers begin with [default: 1]
    #[arg(long, value_name = "N", requires = "deterministic")]
    seed: Option<u64>,
    /// Write this to stdout
    #[arg(long, value_name = "WHAT", help_heading = "Output")]
    pub print: Option<Print>,
    /// Where events go: stdout, a file's path, or none [default: stdout, or none with --print]
    #[arg(long, value_name = "WHERE", help_heading = "Output")]
    events: Option<EventsTo>,
}

/// What a replay can print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Print {
    /// One JSON object a packet, in capture order
    Packets,
    /// At the end, the metrics as `/metrics` would serve them
    Metrics,
}

/// Show the main job in a private lab
///
/// Two network namespaces, a veth pair and real traffic between them, tapped, with the bundled
/// plugins at work. Without the privileges for it, the plugins run over a bundled capture instead.
/// Leaves nothing behind. Takes no configuration file.
#[derive(Args, Debug)]
pub(crate) struct Demo {
    /// End after this time, such as 10s
    #[arg(long, value_name = "TIME", value_parser = run_time())]
    pub duration: Option<Duration>,
    #[command(flatten)]
    pub listen: ListenFlag,
    #[command(flatten)]
    pub cache: CacheFlag,
}

/// Say where every packet went, in every running instance
///
/// Asks each instance on this host through its control socket: root gets an answer from all, others
/// from their own.
#[derive(Args, Debug)]
pub(crate) struct Status {
    /// As one JSON object, with exact numbers; with --watch one a line
    #[arg(long)]
    pub json: bool,
    /// Again every TIME, with rates, until Ctrl-C or until no instance is left [default TIME: 1s]
    #[arg(long, value_name = "TIME", num_args = 0..=1, default_missing_value = "1s")]
    #[arg(value_parser = watch_time())]
    pub watch: Option<Duration>,
    /// Only the instance with this process id
    #[arg(long)]
    pub pid: Option<u32>,
    #[command(flatten)]
    pub config: ConfigFlag,
    #[command(flatten)]
    pub control: ControlFlag,
}

/// Say what would keep `run` from working, and what to do about it
///
/// Validates the configuration and the plugins, and probes the host: kernel features, capabilities,
/// and who holds which hook. Takes what `run` takes and changes nothing. On stdout, a line for each
/// thing that was looked at, which begins with ok, note or FAIL; the last one begins with summary.
#[derive(Args, Debug)]
pub(crate) struct Check {
    #[command(flatten)]
    pub config: ConfigFlag,
    #[command(flatten)]
    pub taps: TapFlags,
    #[command(flatten)]
    pub plugins: PluginFlags,
    #[command(flatten)]
    pub cache: CacheFlag,
    #[command(flatten)]
    pub listen: ListenFlag,
    #[command(flatten)]
    pub events: EventsFlag,
    #[command(flatten)]
    pub user: UserFlag,
}

/// Say what filters become, and why a packet is taken or not
///
/// A filter becomes rules, and each rule takes one of the 256 bits of the table in the kernel. With no
/// FILTER, the interests of the configured plugins are told, as the configuration narrows them. With
/// --packet or --capture, each packet is held against every filter. Interfaces that filters name are
/// taken as tapped. Needs no privileges.
#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// The filters, each quoted as one argument, such as 'tcp dst port 443' [default: those of the
    /// plugins, of which --config, --plugins, --bundled and --plugin tell]
    #[arg(value_name = "FILTER")]
    pub filters: Vec<String>,
    /// As one JSON object
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub config: ConfigFlag,
    #[command(flatten)]
    pub plugins: PluginFlags,
    #[command(flatten)]
    pub cache: CacheFlag,
    /// Explain just this plugin; can be repeated
    #[arg(long = "plugin", value_name = "FILE", conflicts_with = "filters")]
    #[arg(help_heading = "Plugins")]
    pub plugin_files: Vec<PathBuf>,
    /// A frame from its Ethernet header on, as hexadecimal digits; spaces, colons and the offsets of
    /// `tcpdump -xx` are passed over
    #[arg(long, value_name = "HEX", help_heading = "Packets")]
    pub packet: Option<String>,
    /// The interface that --packet is from
    #[arg(long, value_name = "NAME", requires = "packet", help_heading = "Packets")]
    pub interface: Option<String>,
    /// Which way --packet passes
    #[arg(long, value_name = "WAY", requires = "packet", help_heading = "Packets")]
    pub direction: Option<Way>,
    /// The packets of a capture (pcap or pcapng; - for standard input)
    #[arg(long, value_name = "FILE", conflicts_with = "packet", help_heading = "Packets")]
    pub capture: Option<PathBuf>,
    /// Only the packet with this number in the capture, from 1
    #[arg(long, value_name = "N", requires = "capture", help_heading = "Packets")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub number: Option<u64>,
    /// Tell at most so many packets of the capture
    #[arg(long, value_name = "N", requires = "capture", help_heading = "Packets")]
    #[arg(default_value = "10", value_parser = packets)]
    pub limit: usize,
}

/// Which way a packet passes an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    /// Towards this host
    In,
    /// Away from it
    Out,
}

/// Remove taps that a killed `run` left attached by netlink
#[derive(Args, Debug)]
pub(crate) struct Detach {
    /// Only on this interface, by name or glob; can be repeated [default: every interface]
    #[arg(short, long = "interface", value_name = "PATTERN")]
    pub interfaces: Vec<InterfacePattern>,
}

/// Work with plugins
#[derive(Debug, Subcommand)]
pub(crate) enum Plugin {
    New(New),
    Build(Build),
    Dev(Dev),
    Inspect(Inspect),
    Test(PluginTest),
    Bench(PluginBench),
    Kv(Kv),
    Forget(Forget),
}

/// Say what a plugin is, what it asks for, and what it would be granted
///
/// The configuration tells the limits of a plugin of the file's name, and what is left of its
/// interests.
#[derive(Args, Debug)]
pub(crate) struct Inspect {
    /// The component
    pub file: PathBuf,
    /// As one JSON object
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub config: ConfigFlag,
    #[command(flatten)]
    pub cache: CacheFlag,
}

/// Hold a plugin against what is expected of it, and look for what would break it
///
/// A case is a folder with a case.toml, which says what the plugin is given, and an expected.txt, the
/// metrics and events that come of it. Each case is then run again in many variations: in batches of
/// other sizes, with a new instance that takes over the state, with calls that are ended, with a
/// damaged state, and with random packets. Builds nothing; docs/plugins-testing.md tells more. Ends
/// with 1 if a case failed, with 2 for a case that makes no sense.
#[derive(Args, Debug)]
pub(crate) struct PluginTest {
    /// A plugin's project, with NAME.wasm and tests/CASE, or a component
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Where the cases are [default: tests in the project]
    #[arg(long, value_name = "DIR")]
    pub cases: Option<PathBuf>,
    /// Only this case; can be repeated
    #[arg(long, value_name = "NAME")]
    pub case: Vec<String>,
    /// Only these variations: plain, batches, state, damage, deadline or random, or one such as state:3
    #[arg(long, value_name = "WHICH", value_parser = Only::parse)]
    pub only: Option<Only>,
    /// An older version of the plugin, whose state it takes over in the variations of state
    #[arg(long, value_name = "FILE")]
    pub old: Option<PathBuf>,
    /// What all that chance decides begins with
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Write expected.txt instead of comparing with it
    #[arg(long)]
    pub bless: bool,
    /// Just compare with expected.txt
    #[arg(long, conflicts_with = "only")]
    pub no_chaos: bool,
    #[command(flatten)]
    pub cache: CacheFlag,
}

/// Measure what a plugin costs, beside one that is bundled
///
/// CPU time a record in batches of 256 and of 1024, of the calling thread, and what compiling,
/// starting, memory and state take. The packets are of mixed flows, the same each time, or of a
/// capture, and the plugin is given those that its interests take, in full batches. An exporter is
/// given events, as flow-log emits them or those of a file, beside no other plugin: none that is
/// bundled takes any. All that it asks for is granted. Compare figures of one run with each other.
#[derive(Args, Debug)]
pub(crate) struct PluginBench {
    /// The component
    pub file: PathBuf,
    /// Take the packets of this capture (pcap or pcapng)
    #[arg(long, value_name = "FILE")]
    pub capture: Option<PathBuf>,
    /// Give an exporter these events, as JSON lines
    #[arg(long, value_name = "FILE", conflicts_with = "capture")]
    pub events: Option<PathBuf>,
    /// The plugin's own config [default: none]
    #[arg(long = "plugin-config", value_name = "FILE")]
    pub plugin_config: Option<PathBuf>,
    /// Rounds, of which the median, the least and the most are told
    #[arg(long, value_name = "N", default_value_t = 9)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub rounds: u32,
    /// As one JSON object
    #[arg(long)]
    pub json: bool,
}

/// List what plugins have stored, of which those may be gone
///
/// A line for each plugin: keys, bytes as they count against max_kv, and the name. A running instance
/// holds the file; its /metrics tell the same.
#[derive(Args, Debug)]
pub(crate) struct Kv {
    #[command(flatten)]
    pub config: ConfigFlag,
    #[command(flatten)]
    pub state: StateFlag,
}

/// Drop what a plugin has stored
///
/// Only while no instance is running, since that holds the file.
#[derive(Args, Debug)]
pub(crate) struct Forget {
    /// The plugin
    pub name: String,
    #[command(flatten)]
    pub config: ConfigFlag,
    #[command(flatten)]
    pub state: StateFlag,
}

fn run_time() -> impl clap::builder::TypedValueParser<Value = Duration> {
    // Of 365.25 days, as humantime has it.
    const YEAR: Duration = Duration::from_secs(31_557_600);
    config::duration(Duration::from_millis(1), YEAR)
}

/// How many packets to keep for telling them.
fn packets(text: &str) -> Result<usize, Expected> {
    const MOST: usize = 10_000;
    let expected = || Expected(format!("a whole number from 1 to {MOST}"));
    text.parse().ok().filter(|number| (1..=MOST).contains(number)).ok_or_else(expected)
}

fn watch_time() -> impl clap::builder::TypedValueParser<Value = Duration> {
    config::duration(Duration::from_millis(100), Duration::from_secs(3600))
}

impl Cli {
    /// Parse the process' arguments; ends the process on `--help` and on what makes no sense.
    pub(crate) fn from_arguments() -> Self {
        Self::try_parse().and_then(Self::check).unwrap_or_else(|error| error.exit())
    }

    fn check(self) -> Result<Self, clap::Error> {
        match &self.command {
            Command::Replay(replay) if replay.two_want_stdout() => Err(Self::command().error(
                ErrorKind::ArgumentConflict,
                "--print and --events stdout both want stdout: send events to a file, or to none",
            )),
            _ => Ok(self),
        }
    }

    /// The configuration that the command runs with; flags beat the environment, that the file.
    pub(crate) fn config(&self) -> Result<Loaded, ConfigError> {
        let file = self.command.config_file();
        Config::load(&file, |config| {
            self.log.apply(&mut config.log);
            self.command.apply(config);
        })
    }
}

impl Command {
    fn config_file(&self) -> ConfigFile {
        match self {
            Self::Run(run) => run.config.file(),
            Self::Replay(replay) => replay.config.file(),
            Self::Status(status) => status.config.file(),
            Self::Check(check) => check.config.file(),
            Self::Plugin(Plugin::Inspect(inspect)) => inspect.config.file(),
            Self::Plugin(Plugin::Kv(kv)) => kv.config.file(),
            Self::Plugin(Plugin::Forget(forget)) => forget.config.file(),
            Self::Explain(explain) if explain.filters.is_empty() => explain.config.file(),
            // What comes of a test shall not depend on the machine.
            Self::Plugin(Plugin::Test(_) | Plugin::Bench(_))
            | Self::Plugin(Plugin::New(_) | Plugin::Build(_) | Plugin::Dev(_))
            | Self::Demo(_)
            | Self::Explain(_)
            | Self::Detach(_)
            | Self::Config => ConfigFile::Nowhere,
        }
    }

    fn apply(&self, config: &mut Config) {
        match self {
            Self::Run(Run { taps, plugins, cache, listen, events, user, .. })
            | Self::Check(Check { taps, plugins, cache, listen, events, user, .. }) => {
                taps.apply(config);
                plugins.apply(&mut config.plugins);
                listen.apply(config);
                events.apply(&mut config.events);
                cache.apply(config);
                user.apply(config);
                if let Self::Run(run) = self {
                    run.control.apply(config);
                    run.state.apply(config);
                }
            }
            Self::Status(status) => status.control.apply(config),
            Self::Replay(replay) => {
                replay.plugins.apply(&mut config.plugins);
                replay.cache.apply(config);
                config.events.to = replay.events();
            }
            Self::Demo(demo) => {
                demo.listen.apply(config);
                demo.cache.apply(config);
            }
            Self::Explain(explain) => {
                explain.plugins.apply(&mut config.plugins);
                explain.cache.apply(config);
            }
            Self::Plugin(Plugin::Inspect(inspect)) => inspect.cache.apply(config),
            Self::Plugin(Plugin::Test(test)) => test.cache.apply(config),
            Self::Plugin(Plugin::Kv(kv)) => kv.state.apply(config),
            Self::Plugin(Plugin::Forget(forget)) => forget.state.apply(config),
            Self::Plugin(Plugin::New(_) | Plugin::Build(_) | Plugin::Dev(_) | Plugin::Bench(_))
            | Self::Detach(_)
            | Self::Config => {}
        }
    }
}

impl Replay {
    fn events(&self) -> EventsTo {
        match (&self.events, self.print) {
            (Some(to), _) => to.clone(),
            (None, None) => EventsTo::Stdout,
            (None, Some(_)) => EventsTo::Nowhere,
        }
    }

    pub(crate) fn mode(&self) -> Mode {
        match self.deterministic {
            true => Mode::Deterministic { seed: self.seed.unwrap_or(Mode::SEED) },
            false => Mode::Capture,
        }
    }

    fn two_want_stdout(&self) -> bool {
        self.print.is_some() && self.events() == EventsTo::Stdout
    }
}

#[cfg(test)]
mod tests;
