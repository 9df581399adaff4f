//! The parts of the runtime that run for every packet, batch or call, each by itself: for `cargo
//! bench`, which takes their time, and `cargo xtask bench --check`, which counts their instructions.

use std::{
    hint::black_box,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use anyhow::Context;
use ringtap_interest::{Keys, Tables};
use ringtap_pipeline::{
    batch::{Batch, MAX_BATCH_RECORDS},
    metrics::{Definition, Kind, Registry, SeriesLimits, Update},
    name::PluginName,
    queue::{Queue, Side, Taken, WhenFull},
};
use ringtap_plugin::{Engine, Plugin, Terms};
use ringtap_record::{PacketRecord, Start, parse};

use crate::{
    fanout,
    packets::{self, Flow, mixed_flows},
    plugin::{self, Running, SUBJECTS},
    reload::Versions,
    rules,
};

const FLOWS: u16 = 1000;
const SERIES: u32 = 1000;

/// Flows that are handed over in a reload.
const KNOWN_FLOWS: u16 = 1900;

/// Something to run again and again.
pub struct Part {
    /// Of what a run does `units`.
    pub unit: &'static str,
    pub units: u64,
    /// Fails where it does not do its work.
    pub run: Box<dyn FnMut() -> anyhow::Result<()>>,
}

/// A part that is made when it is asked for, as some take long.
pub struct Named {
    pub name: &'static str,
    /// Whether its instructions are counted: not of what was compiled from WebAssembly, which
    /// another machine compiles otherwise.
    pub(crate) counts: bool,
    make: fn() -> anyhow::Result<Part>,
}

/// All parts.
pub const PARTS: [Named; 9] = [
    Named { name: "parse", counts: true, make: parser },
    Named { name: "judge", counts: true, make: judge },
    Named { name: "compile-filters", counts: true, make: compile_filters },
    Named { name: "fan-out", counts: true, make: fan_out },
    Named { name: "queue", counts: true, make: queue },
    Named { name: "metrics-update", counts: true, make: metrics_update },
    Named { name: "metrics-collect", counts: true, make: metrics_collect },
    Named { name: "guest-call", counts: false, make: guest_call },
    Named { name: "reload", counts: false, make: reload },
];

impl Named {
    pub fn make(&self) -> anyhow::Result<Part> {
        (self.make)().with_context(|| format!("prepare {}", self.name))
    }
}

/// Whether this process is one that a plugin is compiled in; if so, it is done now.
pub fn compiles() -> bool {
    let compiles = std::env::args().nth(1).as_deref() == Some(plugin::COMPILE);
    if compiles {
        ringtap_plugin::compile_child();
    }
    compiles
}

/// Frames of all flows to records.
fn parser() -> anyhow::Result<Part> {
    let frames: Vec<_> = mixed_flows(FLOWS).map(|flow| flow.frame(64)).collect();
    let units = frames.len() as u64;
    let run = move || {
        for frame in &frames {
            let mut record = PacketRecord::default();
            parse(black_box(&frame[..]), Start::Ethernet, 0, &mut record);
            black_box(&record);
        }
        Ok(())
    };
    Ok(Part { unit: "packet", units, run: Box::new(run) })
}

/// Records by 256 rules, half of which have nets.
fn judge() -> anyhow::Result<Part> {
    let flow = Flow { ipv6: false, tcp: true, vlan: false, number: 1 };
    let nets = rules::half_prefixes(flow, rules::Prefixes::Nets);
    let interests = rules::interests(nets)?;
    let tables = Tables::compile(&interests.iter().collect::<Vec<_>>(), &[])?;
    let records: Vec<_> = mixed_flows(FLOWS).map(packets::record).collect();
    let units = records.len() as u64;
    let run = move || {
        for record in &records {
            black_box(tables.classify(&Keys::of(black_box(record))));
        }
        Ok(())
    };
    Ok(Part { unit: "record", units, run: Box::new(run) })
}

/// From text to tables.
fn compile_filters() -> anyhow::Result<Part> {
    let filters: Vec<_> = rules::ports().collect();
    let units = filters.len() as u64;
    let run = move || {
        let interests = rules::interests(black_box(&filters))?;
        black_box(Tables::compile(&interests.iter().collect::<Vec<_>>(), &[])?);
        Ok(())
    };
    Ok(Part { unit: "filter", units, run: Box::new(run) })
}

/// To two plugins, one of which wants half.
fn fan_out() -> anyhow::Result<Part> {
    let mut bench = fanout::Bench::new(&[fanout::ALL, fanout::HALF])?;
    let units = bench.records() as u64;
    let run = move || {
        bench.burst();
        bench.check()
    };
    Ok(Part { unit: "record", units, run: Box::new(run) })
}

/// A batch goes in and comes out.
fn queue() -> anyhow::Result<Part> {
    let queue = Queue::new(1 << 16, WhenFull::DropNewest, Arc::default());
    let batch = packets::batches(FLOWS, MAX_BATCH_RECORDS, MAX_BATCH_RECORDS);
    let batch: Arc<Batch> = batch.into_iter().next().context("there is a batch")?;
    let run = move || {
        queue.push(Arc::clone(&batch));
        let Taken::Batch(queued) = queue.take(Some(Instant::now())) else {
            anyhow::bail!("the batch did not come out");
        };
        let records = queued.view(Side::New).map_or(0, |view| view.batch.len());
        queue.ledger().deliver(records as u64);
        Ok(())
    };
    Ok(Part { unit: "batch", units: 1, run: Box::new(run) })
}

/// What a call recorded, checked one by one and committed together.
fn metrics_update() -> anyhow::Result<Part> {
    let (registry, updates) = registry()?;
    let plugin = registry.plugin(&PluginName::new("bench")?, limits());
    let units = updates.len() as u64;
    let run = move || {
        for update in &updates {
            plugin.check(update.series, update.value, 0)?;
        }
        plugin.commit(&[], &updates, &[]);
        Ok(())
    };
    Ok(Part { unit: "update", units, run: Box::new(run) })
}

/// What a scrape finds.
fn metrics_collect() -> anyhow::Result<Part> {
    let (registry, _) = registry()?;
    let run = move || {
        black_box(registry.collect());
        Ok(())
    };
    Ok(Part { unit: "series", units: SERIES.into(), run: Box::new(run) })
}

/// A plugin with so many counters, and an update of each.
fn registry() -> anyhow::Result<(Registry, Vec<Update>)> {
    let registry = Registry::default();
    let plugin = registry.plugin(&PluginName::new("bench")?, limits());
    let mut updates = Vec::new();
    for number in 0..SERIES {
        let labels = vec![("port".to_owned(), number.to_string())];
        let (name, help) = ("bench_packets_total".to_owned(), "Packets.".to_owned());
        let series = plugin.define(Definition::new(Kind::Counter, name, help, labels)?)?;
        plugin.commit(&[series], &[], &[]);
        updates.push(Update { series, value: 1.0 });
    }
    Ok((registry, updates))
}

const fn limits() -> SeriesLimits {
    SeriesLimits { max: SERIES as usize, expiry: None }
}

/// A batch to flow-log, in its sandbox.
fn guest_call() -> anyhow::Result<Part> {
    let subject = SUBJECTS.iter().find(|subject| subject.name == "flow-log");
    let subject = subject.context("flow-log is measured")?;
    let engine = Engine::new()?;
    let plugin = load(&engine)?;
    let batches = packets::batches(FLOWS, MAX_BATCH_RECORDS, MAX_BATCH_RECORDS);
    let mut running = Running::start(&engine, &plugin, subject, batches)?;
    let run = move || running.one_call();
    Ok(Part { unit: "record", units: MAX_BATCH_RECORDS as u64, run: Box::new(run) })
}

/// From one flow-log to another.
fn reload() -> anyhow::Result<Part> {
    let engine = Engine::new()?;
    let plugin = load(&engine)?;
    let mut versions = Versions::start(engine, plugin, KNOWN_FLOWS)?;
    let run = move || versions.hand_over().map(drop);
    Ok(Part { unit: "reload", units: 1, run: Box::new(run) })
}

fn load(engine: &Engine) -> anyhow::Result<Arc<Plugin>> {
    let wasm = plugin::component(&[bundled()], "flow-log")?;
    Ok(Arc::new(Plugin::load(engine, &plugin::compiler(), &Terms::default(), &wasm)?))
}

/// Where the bundled plugins are in the checkout that this was built from.
fn bundled() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/dist")
}
