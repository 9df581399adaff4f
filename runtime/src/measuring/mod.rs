//! What a plugin costs: `ringtap plugin bench`.

mod given;
mod running;

use std::{path::Path, time::Instant};

use anyhow::{Context, ensure};
use ringtap_pipeline::name::PluginName;
use ringtap_plugin::{Allocations, Compiler, allocators};
use serde::Serialize;

use self::running::Running;
use crate::{
    app::plugins,
    testing::{Component, Subject},
};
pub(crate) use ringtap_flows::Summary;

/// The bundled plugin that others are measured beside: it does what plugins typically do, a look-up
/// in a hash table for each record.
pub(crate) const BASELINE: &str = "top-talkers";

/// Records, or events, in a batch.
const BATCHES: [usize; 2] = [256, 1024];

/// Records, or events, that differ; what follows is the same again.
const DISTINCT: usize = 1 << 15;
const FLOWS: u16 = 1000;

/// Starts, and takings over of a state, that are measured.
const STARTS: usize = 21;

/// What a plugin is given.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source<'a> {
    /// What is made up for it: packets of mixed flows, or rows of such flows.
    Made,
    /// The packets of a capture.
    Capture(&'a Path),
    /// The events of a file, as JSON lines.
    Events(&'a Path),
}

/// What was measured. Times are CPU time of the calling thread but for `compile_ms`.
#[derive(Debug, Serialize)]
pub(crate) struct Bench {
    pub plugin: String,
    /// None beside an exporter: no plugin that is bundled is one.
    pub baseline: Option<&'static str>,
    pub unit: Unit,
    /// Where records are from: the capture, or none for mixed flows.
    pub capture: Option<String>,
    /// Where events are from: the file, or none for rows of mixed flows.
    pub events: Option<String>,
    pub rounds: u32,
    pub batches: Vec<OfBatches>,
    /// Wall time, in a process of its own.
    pub compile_ms: f64,
    /// Instantiating and `init`.
    pub start_us: Summary,
    /// Of memories and tables at the end, which is the most: they never shrink.
    pub memory_bytes: usize,
    /// What memory grew by in the second half of the rounds.
    pub memory_growth_bytes: usize,
    /// How often it grew then.
    pub memory_grows: u64,
    /// None where no function has a name by which an allocator is known.
    pub allocations: Option<OfAllocations>,
    /// Lists that the host hands over with a batch, for each of which the canonical ABI calls
    /// `cabi_realloc` once. Not counted: known from the interface.
    pub lists_per_batch: u32,
    /// Lists and strings that it hands over with each event beside those, in the mean of the events
    /// that are measured with. None with records, which are bytes of one list.
    pub lists_per_event: Option<f64>,
    /// Of a plugin with the role `state`.
    pub state: Option<OfState>,
}

/// What times are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Unit {
    Record,
    Event,
}

/// ns a record, or an event.
#[derive(Debug, Serialize)]
pub(crate) struct OfBatches {
    #[serde(flatten)]
    pub size: Size,
    pub plugin_ns: Summary,
    pub baseline_ns: Option<Summary>,
}

/// How many there are in a batch, by what they are.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Size {
    Records(usize),
    Events(usize),
}

/// Calls of the plugin's allocator, counted after the rounds, in batches of the larger size.
#[derive(Debug, Serialize)]
pub(crate) struct OfAllocations {
    /// Names of the functions that were counted.
    pub functions: Vec<String>,
    /// Records or events meanwhile.
    pub items: usize,
    /// Calls by the plugin's own code.
    pub own: u64,
    /// Calls for what the host handed over.
    pub handed_over: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct OfState {
    pub bytes: usize,
    pub save_us: Summary,
    /// Into an instance that was started before.
    pub restore_us: Summary,
}

/// Measure the component.
pub(crate) fn bench(
    name: &PluginName,
    wasm: &[u8],
    config: String,
    source: Source<'_>,
    rounds: u32,
    compiler: &Compiler,
) -> anyhow::Result<Bench> {
    let began = Instant::now();
    let component = Component::of(name.clone(), wasm, compiler)?;
    let compile_ms = began.elapsed().as_secs_f64() * 1e3;
    let subject = component.unbounded(config)?;
    ensure!(
        subject.plugin.work().is_some(),
        "it takes neither packets nor events: there is nothing to measure"
    );
    let unit = if subject.is_exporter() { Unit::Event } else { Unit::Record };
    let baseline = match unit {
        Unit::Record => Some(baseline(compiler)?),
        Unit::Event => None,
    };
    let start_us = Summary::of(
        &(0..STARTS).map(|_| running::start_time(&subject)).collect::<Result<Vec<_>, _>>()?,
    );

    let mut batches = Vec::new();
    let mut memory = (0, 0);
    let (functions, mut allocations) = (allocators(wasm), None);
    let mut memory_grows = 0;
    let mut state = None;
    let mut lists_per_event = None;
    for size in BATCHES {
        let given = given::of(&subject, source, size)?;
        lists_per_event = (unit == Unit::Event).then(|| given::lists_per_event(&given));
        let mut ours = Running::start(&subject, given)?;
        let theirs = |subject| Running::start(subject, given::of(subject, source, size)?);
        let mut theirs = baseline.as_ref().map(theirs).transpose()?;
        let (mut plugin_ns, mut baseline_ns, mut half) = (Vec::new(), Vec::new(), (0, 0));
        // The first round, in which tables fill up, is not told.
        for round in 0..=rounds {
            let (plugin, baseline) =
                (ours.round()?, theirs.as_mut().map(Running::round).transpose()?);
            if round > 0 {
                plugin_ns.push(plugin);
                baseline_ns.extend(baseline);
            }
            if round == rounds / 2 {
                half = (ours.memory_bytes(), ours.memory_grows());
            }
        }
        memory = (memory.0.max(ours.memory_bytes()), memory.1.max(ours.memory_bytes() - half.0));
        memory_grows = memory_grows.max(ours.memory_grows() - half.1);
        batches.push(OfBatches {
            size: unit.of(size),
            plugin_ns: Summary::of(&plugin_ns),
            baseline_ns: theirs.map(|_| Summary::of(&baseline_ns)),
        });
        if !functions.is_empty() {
            let (Allocations { own, handed_over }, items) = ours.allocations()?;
            let functions = functions.clone();
            allocations = Some(OfAllocations { functions, items, own, handed_over });
        }
        state = if subject.has_state() { Some(of_state(&subject, &mut ours)?) } else { None };
    }
    let (capture, events) = match source {
        Source::Made => (None, None),
        Source::Capture(path) => (Some(path.display().to_string()), None),
        Source::Events(path) => (None, Some(path.display().to_string())),
    };
    Ok(Bench {
        plugin: name.to_string(),
        baseline: baseline.map(|_| BASELINE),
        unit,
        capture,
        events,
        rounds,
        batches,
        compile_ms,
        start_us,
        memory_bytes: memory.0,
        memory_growth_bytes: memory.1,
        memory_grows,
        allocations,
        lists_per_batch: match unit {
            Unit::Record => 2,
            Unit::Event => 1,
        },
        lists_per_event,
        state,
    })
}

fn baseline(compiler: &Compiler) -> anyhow::Result<Subject> {
    let name = PluginName::new(BASELINE).context("the baseline's name")?;
    let baseline = Component::of(name, plugins::component(BASELINE), compiler)?;
    Ok(baseline.unbounded(String::new())?)
}

impl Unit {
    fn of(self, count: usize) -> Size {
        match self {
            Self::Record => Size::Records(count),
            Self::Event => Size::Events(count),
        }
    }
}

fn of_state(subject: &Subject, running: &mut Running<'_>) -> anyhow::Result<OfState> {
    let (mut save, mut restore, mut bytes) = (Vec::new(), Vec::new(), 0);
    for _ in 0..STARTS {
        let (saved, time) = running.save()?;
        save.push(time);
        restore.push(running::restore_time(subject, &saved)?);
        bytes = saved.len();
    }
    Ok(OfState { bytes, save_us: Summary::of(&save), restore_us: Summary::of(&restore) })
}
