//! What a plugin costs: `ringtap plugin bench`.

mod running;

use std::{path::Path, sync::Arc, time::Instant};

use anyhow::{Context, ensure};
use ringtap_pipeline::{batch::Batch, name::PluginName};
use ringtap_plugin::Compiler;
use ringtap_record::PacketRecord;
use serde::Serialize;

use self::running::Running;
use crate::{
    app::plugins,
    testing::{Component, Script, Step, Subject},
};
pub(crate) use ringtap_flows::Summary;

/// The bundled plugin that others are measured beside: it does what plugins typically do, a look-up
/// in a hash table for each record.
pub(crate) const BASELINE: &str = "top-talkers";

/// Records in a batch.
const BATCHES: [usize; 2] = [256, 1024];

/// Records that differ; what follows is the same again.
const DISTINCT: usize = 1 << 15;
const FLOWS: u16 = 1000;

/// Starts, and takings over of a state, that are measured.
const STARTS: usize = 21;

/// What was measured. Times are CPU time of the calling thread but for `compile_ms`.
#[derive(Debug, Serialize)]
pub(crate) struct Bench {
    pub plugin: String,
    pub baseline: &'static str,
    /// Where records are from: the capture, or none for mixed flows.
    pub capture: Option<String>,
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
    /// Lists that the host hands over with a batch, for each of which the canonical ABI calls
    /// `cabi_realloc` once. Not counted: known from the interface.
    pub lists_per_batch: u32,
    /// Of a plugin with the role `state`.
    pub state: Option<OfState>,
}

/// ns a record.
#[derive(Debug, Serialize)]
pub(crate) struct OfBatches {
    /// Records in a batch, at most.
    pub records: usize,
    pub plugin_ns: Summary,
    pub baseline_ns: Summary,
}

#[derive(Debug, Serialize)]
pub(crate) struct OfState {
    pub bytes: usize,
    pub save_us: Summary,
    /// Into an instance that was started before.
    pub restore_us: Summary,
}

/// Measure the component. `capture` has its packets.
pub(crate) fn bench(
    name: &PluginName,
    wasm: &[u8],
    config: String,
    capture: Option<&Path>,
    rounds: u32,
    compiler: &Compiler,
) -> anyhow::Result<Bench> {
    let began = Instant::now();
    let component = Component::of(name.clone(), wasm, compiler)?;
    let compile_ms = began.elapsed().as_secs_f64() * 1e3;
    let subject = component.unbounded(config)?;
    ensure!(
        !subject.is_exporter(),
        "it is an exporter: only plugins that take packets can be measured"
    );
    ensure!(subject.plugin.work().is_some(), "it takes no packets: there is nothing to measure");
    let baseline = PluginName::new(BASELINE).context("the baseline's name")?;
    let baseline = Component::of(baseline, plugins::component(BASELINE), compiler)?;
    let baseline = baseline.unbounded(String::new())?;
    let start_us = Summary::of(
        &(0..STARTS).map(|_| running::start_time(&subject)).collect::<Result<Vec<_>, _>>()?,
    );

    let mut batches = Vec::new();
    let mut memory = (0, 0);
    let mut state = None;
    for records in BATCHES {
        let mut ours = Running::start(&subject, packets(&subject, capture, records)?)?;
        let mut theirs = Running::start(&baseline, packets(&baseline, capture, records)?)?;
        let (mut plugin_ns, mut baseline_ns, mut half) = (Vec::new(), Vec::new(), 0);
        // The first round, in which tables fill up, is not told.
        for round in 0..=rounds {
            let (plugin, baseline) = (ours.round()?, theirs.round()?);
            if round > 0 {
                plugin_ns.push(plugin);
                baseline_ns.push(baseline);
            }
            if round == rounds / 2 {
                half = ours.memory_bytes();
            }
        }
        memory = (memory.0.max(ours.memory_bytes()), memory.1.max(ours.memory_bytes() - half));
        let (plugin_ns, baseline_ns) = (Summary::of(&plugin_ns), Summary::of(&baseline_ns));
        batches.push(OfBatches { records, plugin_ns, baseline_ns });
        state = if subject.has_state() { Some(of_state(&subject, &mut ours)?) } else { None };
    }
    Ok(Bench {
        plugin: name.to_string(),
        baseline: BASELINE,
        capture: capture.map(|capture| capture.display().to_string()),
        rounds,
        batches,
        compile_ms,
        start_us,
        memory_bytes: memory.0,
        memory_growth_bytes: memory.1,
        lists_per_batch: 2,
        state,
    })
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

/// What a plugin is given, again and again: what its interests take, in full batches.
fn packets(
    subject: &Subject,
    capture: Option<&Path>,
    records: usize,
) -> anyhow::Result<Vec<Arc<Batch>>> {
    let script = match capture {
        Some(capture) => Script::of_capture(subject, capture)?,
        None => Script::of_records(subject, ringtap_flows::batches(FLOWS, 1024, DISTINCT))?,
    };
    let all = merged(&script);
    let from = capture.map_or("mixed flows".into(), |capture| capture.display().to_string());
    ensure!(
        !all.is_empty(),
        "`{}` wants none of the packets of {from}: measure with others, by --capture",
        subject.name
    );
    let rounds = records.div_ceil(all.len());
    let repeated: Vec<_> = (0..rounds).flat_map(|_| &all.records).collect();
    let whole = repeated.chunks_exact(records);
    Ok(whole.map(|part| Arc::new(all.pick(part.iter().copied()))).collect())
}

/// All records as one, of any size.
fn merged(script: &Script) -> Batch {
    let mut all = Batch::default();
    for step in &script.steps {
        let Step::Records(batch) = step else { continue };
        let before = all.payload.len() as u32;
        let moved = batch.records.iter().map(|record| match record.payload_len {
            0 => *record,
            _ => PacketRecord { payload_offset: record.payload_offset + before, ..*record },
        });
        all.records.extend(moved);
        all.payload.extend_from_slice(&batch.payload);
    }
    all
}
