//! ns a record of a plugin that is called with batches, beside the same code without a sandbox.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, ensure};
use ringtap_pipeline::{
    batch::Batch,
    event::EventSender,
    metrics::{Registry, SampleValue},
    name::PluginName,
    queue::View,
};
use ringtap_plugin::{
    Compiler, Engine, Graph, Instance, InstanceConfig, KvStores, Limits, Meters, Plugin, Seeds,
    Services, Terms, TimeSource,
};

use crate::{
    cpu,
    native::Native,
    packets,
    suite::{Relation, Suite},
};

/// With this argument alone the process compiles a plugin for the one that started it.
pub(crate) const COMPILE: &str = "compile-plugin";

/// Records of a case in a round.
const RECORDS: usize = 1 << 18;

/// Records that differ; what follows is the same again.
const DISTINCT: usize = 1 << 15;

const BATCHES: [usize; 2] = [256, 1024];
const FLOWS: u16 = 1000;

/// What the sandbox is wished to cost the bundled accounting by flow at most: ns a record, and times
/// the native code.
const TARGETED: &str = "flow-log";
const TARGET_NS: f64 = 5.0;
const TARGET_TIMES: f64 = 1.5;

/// A plugin, and the counter of the packets that it saw.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) counter: &'static str,
}

pub(crate) const SUBJECTS: [Subject; 3] = [
    Subject { name: "hello", counter: "hello_packets_total" },
    Subject { name: "top-talkers", counter: "top_talkers_seen_packets_total" },
    Subject { name: "flow-log", counter: "flow_log_packets_total" },
];

pub(crate) fn suite(components: &[PathBuf], native: &Path) -> anyhow::Result<Suite> {
    let columns =
        [("ns more than native", Relation::Difference), ("times native", Relation::Ratio)];
    let mut suite = Suite::new("Plugins", "record", &columns);
    let engine = Engine::new()?;
    for subject in SUBJECTS {
        let wasm = component(components, subject.name)?;
        let plugin = Plugin::load(&engine, &compiler(), &Terms::default(), &wasm);
        let plugin = Arc::new(plugin.with_context(|| format!("load {}", subject.name))?);
        for records in BATCHES {
            let batches = packets::batches(FLOWS, records, DISTINCT);
            let mut unboxed = Unboxed::start(native, &subject, &batches)?;
            let name = format!("{}, batches of {records}", subject.name);
            let reference =
                suite.case(format!("{name}: native"), &[], move || unboxed.measure(records));
            let mut running = Running::start(&engine, &plugin, &subject, batches)?;
            let references = [Some(reference), Some(reference)];
            let name = format!("{name}: sandboxed");
            let case = suite.case(name, &references, move || running.measure());
            if subject.name == TARGETED {
                suite.targets(case, &[Some(TARGET_NS), Some(TARGET_TIMES)]);
            }
        }
    }
    Ok(suite)
}

/// The component of that name, as `cargo xtask` builds it.
pub(crate) fn component(directories: &[PathBuf], name: &str) -> anyhow::Result<Vec<u8>> {
    let file = format!("{name}.wasm");
    let path = directories.iter().map(|directory| directory.join(&file)).find(|path| path.exists());
    let path = path.with_context(|| format!("{file} is in none of {directories:?}"))?;
    std::fs::read(&path).with_context(|| format!("read {}", path.display()))
}

/// Compiles in a child of this executable.
pub(crate) fn compiler() -> Compiler {
    Compiler::of_this_executable(COMPILE)
}

/// What plugins report to; events are refused, and none is emitted here.
pub(crate) fn services() -> Services {
    Services {
        graph: Graph::default(),
        registry: Arc::default(),
        meters: Meters::default(),
        events: EventSender::nowhere(),
        interfaces: Arc::new(|_| None),
        kv: KvStores::in_memory(),
    }
}

/// The sum over all series of a counter.
pub(crate) fn counted(registry: &Registry, counter: &str) -> u64 {
    let families = registry.collect();
    let samples = families.family(counter).map_or(&[][..], |family| &family.samples);
    let value = |sample: &ringtap_pipeline::metrics::Sample| match sample.value {
        SampleValue::Uint(value) => value,
        SampleValue::Float(value) => value as u64,
        SampleValue::Histogram { .. } => 0,
    };
    samples.iter().map(value).sum()
}

/// A plugin in its sandbox.
pub(crate) struct Running {
    instance: Instance,
    registry: Arc<Registry>,
    counter: &'static str,
    batches: Vec<Arc<Batch>>,
    sequence: u64,
}

impl Running {
    pub(crate) fn start(
        engine: &Engine,
        plugin: &Arc<Plugin>,
        subject: &Subject,
        batches: Vec<Arc<Batch>>,
    ) -> anyhow::Result<Self> {
        let services = services();
        let registry = Arc::clone(&services.registry);
        let config = InstanceConfig {
            name: PluginName::new(subject.name)?,
            text: "".into(),
            limits: Limits::default(),
            services,
            time: TimeSource::Real,
            seeds: Seeds::Os,
        };
        let mut instance = Instance::start(engine, Arc::clone(plugin), &config)?;
        instance.take_over();
        Ok(Self { instance, registry, counter: subject.counter, batches, sequence: 0 })
    }

    /// Give it the first batch once more, and look whether it has counted all.
    pub(crate) fn one_call(&mut self) -> anyhow::Result<()> {
        self.call(0)?;
        check(counted(&self.registry, self.counter), self.sequence)
    }

    fn call(&mut self, index: usize) -> anyhow::Result<()> {
        let (batch, sequence) = (Arc::clone(&self.batches[index]), self.sequence);
        self.sequence += batch.len() as u64;
        self.instance.on_packets(&View { batch, sequence, shed_before: 0 })?;
        Ok(())
    }

    fn measure(&mut self) -> anyhow::Result<f64> {
        let start = cpu::thread_time();
        for index in 0..RECORDS / self.batches[0].len() {
            self.call(index % self.batches.len())?;
        }
        let time = cpu::thread_time() - start;
        check(counted(&self.registry, self.counter), self.sequence)?;
        Ok(time.as_nanos() as f64 / RECORDS as f64)
    }
}

/// The same plugin without a sandbox.
struct Unboxed {
    process: Native,
    given: u64,
}

impl Unboxed {
    fn start(directory: &Path, subject: &Subject, batches: &[Arc<Batch>]) -> anyhow::Result<Self> {
        let program = directory.join(subject.name);
        Ok(Self { process: Native::start(&program, subject.counter, batches)?, given: 0 })
    }

    fn measure(&mut self, batch: usize) -> anyhow::Result<f64> {
        let (time, counted) = self.process.calls((RECORDS / batch) as u64)?;
        self.given += RECORDS as u64;
        check(counted, self.given)?;
        Ok(time.as_nanos() as f64 / RECORDS as f64)
    }
}

fn check(counted: u64, given: u64) -> anyhow::Result<()> {
    ensure!(counted == given, "the plugin counted {counted} packets of {given} that it was given");
    Ok(())
}
