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
    measuring::{self, Bench, Summary},
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
    let measure = || {
        let measure = || {
            measuring::bench(&name, &wasm, config, args.capture.as_deref(), args.rounds, &compiler)
        };
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
        let Bench { plugin, baseline, capture, rounds, .. } = self.0;
        let from = capture.as_deref().unwrap_or("mixed flows");
        writeln!(
            f,
            "ns of CPU time a record, from {from}: median of {rounds} rounds, (least to most)"
        )?;
        writeln!(
            f,
            "{:<16} {plugin:>28} {:>28} {:>8}",
            "",
            format!("{baseline} (bundled)"),
            "ratio"
        )?;
        for of in &self.0.batches {
            let name = format!("batches of {}", of.records);
            let ratio = of.plugin_ns.median / of.baseline_ns.median;
            let [ours, theirs] = [of.plugin_ns, of.baseline_ns].map(spread);
            writeln!(f, "{name:<16} {ours:>28} {theirs:>28} {ratio:>8.2}")?;
        }
        let Bench {
            compile_ms, start_us, memory_bytes, memory_growth_bytes, lists_per_batch, ..
        } = self.0;
        writeln!(
            f,
            "\ncompile      {compile_ms:.0} ms, once for each version of ringtap and of the plugin"
        )?;
        writeln!(f, "start        {} us, with init", spread(*start_us))?;
        let (peak, growth) =
            (ByteSize(*memory_bytes as u64), ByteSize(*memory_growth_bytes as u64));
        writeln!(f, "memory       {peak} at the most; it grew by {growth} in the second half")?;
        writeln!(
            f,
            "allocations  {lists_per_batch} lists a batch are handed over, a cabi_realloc each; what the plugin\n             allocates itself only shows in how its memory grows"
        )?;
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

fn spread(summary: Summary) -> String {
    let Summary { median, least, most } = summary;
    format!("{median:.1} ({least:.1} to {most:.1})")
}
