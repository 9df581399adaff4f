//! `ringtap plugin bench`: what a plugin costs.

use std::{fmt, fs, path::Path, thread};

use anyhow::Context;
use bytesize::ByteSize;
use ringtap_plugin::{Compiler, THREAD_STACK, plugin_name};
use tracing::subscriber::NoSubscriber;

use crate::{
    app::plugins,
    cli::PluginBench,
    config::Loaded,
    exit::{Exit, Failure, OrExit},
    measuring::{self, Bench, OfAllocations, OfBatches, Size, Source, Summary, Unit},
    stdout,
};

pub(crate) fn bench(args: &PluginBench, loaded: &Loaded) -> Result<(), Failure> {
    let path = &args.file;
    let name = plugin_name(path).map_err(anyhow::Error::msg).or_exit(Exit::Input)?;
    let read = |path: &Path| fs::read(path).with_context(|| format!("read {}", path.display()));
    let wasm = read(path).or_exit(Exit::Input)?;
    let config = args.plugin_config.as_ref().map(fs::read_to_string).transpose();
    let config =
        config.context("read the plugin's config").or_exit(Exit::Usage)?.unwrap_or_default();
    // What is in the cache would not be compiled.
    let compiler = Compiler { cache: None, ..plugins::compiler(&loaded.config) };
    let source = match (&args.capture, &args.events) {
        (Some(capture), _) => Source::Capture(capture),
        (None, Some(events)) => Source::Events(events),
        (None, None) => Source::Made,
    };
    let measure = || {
        let measure = || measuring::bench(&name, &wasm, config, source, args.rounds, &compiler);
        // A log line for each start would be told, and measured.
        tracing::subscriber::with_default(NoSubscriber::default(), measure)
    };
    // A guest's stack is the caller's.
    let bench = thread::scope(|scope| {
        let thread = thread::Builder::new().name("bench".into()).stack_size(THREAD_STACK);
        let thread = thread.spawn_scoped(scope, measure).context("start a thread")?;
        thread
            .join()
            .unwrap_or_else(|_| Err(anyhow::anyhow!("it panicked: this is a bug in ringtap")))
    });
    let bench =
        bench.with_context(|| format!("measure {}", path.display())).or_exit(Exit::Input)?;
    let text = match args.json {
        true => serde_json::to_string(&bench).context("write as JSON")? + "\n",
        false => Table(&bench).to_string(),
    };
    stdout::write(&text)
}

/// For people.
struct Table<'a>(&'a Bench);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.times(f)?;
        let Bench { compile_ms, start_us, memory_bytes, memory_growth_bytes, memory_grows, .. } =
            self.0;
        writeln!(
            f,
            "\ncompile      {compile_ms:.0} ms, once for each version of ringtap and of the plugin"
        )?;
        writeln!(f, "start        {} us, with init", spread(*start_us))?;
        let (peak, growth) =
            (ByteSize(*memory_bytes as u64), ByteSize(*memory_growth_bytes as u64));
        writeln!(
            f,
            "memory       {peak} at the most; it grew {memory_grows} times in the second half, by {growth}"
        )?;
        self.allocations(f)?;
        match &self.0.state {
            None => writeln!(f, "state        none"),
            Some(state) => {
                let (save, restore) = (spread(state.save_us), spread(state.restore_us));
                let size = ByteSize(state.bytes as u64);
                writeln!(f, "state        {size}: save {save} us, restore {restore} us")
            }
        }
    }
}

impl Table<'_> {
    fn times(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Bench { plugin, baseline, capture, events, rounds, .. } = self.0;
        let unit = self.0.unit.with_article();
        let made = match self.0.unit {
            Unit::Record => "mixed flows",
            Unit::Event => "rows of mixed flows",
        };
        let from = capture.as_deref().or(events.as_deref()).unwrap_or(made);
        writeln!(
            f,
            "ns of CPU time {unit}, from {from}: median of {rounds} rounds, (least to most)"
        )?;
        match baseline {
            Some(baseline) => {
                let baseline = format!("{baseline} (bundled)");
                writeln!(f, "{:<16} {plugin:>28} {baseline:>28} {:>8}", "", "ratio")?;
            }
            None => writeln!(f, "{:<16} {plugin:>28}", "")?,
        }
        for OfBatches { size, plugin_ns, baseline_ns } in &self.0.batches {
            let (Size::Records(size) | Size::Events(size)) = size;
            let (name, ours) = (format!("batches of {size}"), spread(*plugin_ns));
            write!(f, "{name:<16} {ours:>28}")?;
            if let Some(theirs) = baseline_ns {
                let ratio = plugin_ns.median / theirs.median;
                write!(f, " {:>28} {ratio:>8.2}", spread(*theirs))?;
            }
            writeln!(f)?;
        }
        match baseline {
            Some(_) => Ok(()),
            None => writeln!(f, "No bundled plugin takes events: there is none to compare with."),
        }
    }

    fn allocations(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = self.0.unit.with_article();
        match &self.0.allocations {
            Some(OfAllocations { functions, items, own, .. }) => {
                let (each, functions) = (*own as f64 / *items as f64, functions.join(", "));
                writeln!(f, "allocations  {each:.2} {unit} of its own: {own} in {items}")?;
                writeln!(f, "             counted are calls of {functions}")?;
            }
            None => {
                writeln!(
                    f,
                    "allocations  not counted: no function of it is named as an allocator's;"
                )?;
                writeln!(f, "             was it stripped of names?")?;
            }
        }
        let lists = match self.0.lists_per_batch {
            1 => "1 list".to_owned(),
            lists => format!("{lists} lists"),
        };
        let of_events = self.0.lists_per_event;
        let of_events = of_events.map(|each| format!("{each:.1} lists and strings an event, "));
        let of_events = of_events.unwrap_or_default();
        writeln!(f, "handed over  {of_events}{lists} a batch, a cabi_realloc each")
    }
}

impl Unit {
    fn with_article(self) -> &'static str {
        match self {
            Self::Record => "a record",
            Self::Event => "an event",
        }
    }
}

fn spread(summary: Summary) -> String {
    let Summary { median, least, most } = summary;
    format!("{median:.1} ({least:.1} to {most:.1})")
}
