//! Guests, and what it takes to load and run them.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, RwLock,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
        mpsc::Receiver,
    },
};

use ringtap_interest::{RuleSet, Tables};
use ringtap_pipeline::{
    batch::{Batch, Collected},
    event::{Event, EventSender},
    fanout::Fanout,
    judge::{InstallError, Judge},
    metrics::{Registry, SampleValue},
    name::PluginName,
    queue::View,
};
use ringtap_plugin::{
    Compiler, Engine, Graph, InstanceConfig, KvStores, Limits, LoadError, Meters, Plugin, Seeds,
    Services, Terms, TimeSource,
};
use ringtap_record::PacketRecord;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

pub(crate) const SWITCH: &str = include_str!("guests/switch.wat");

pub(crate) const SWITCH_WORLD: &str = "
    import ringtap:plugin/log@0.1.0;
    import ringtap:plugin/clock@0.1.0;
    import ringtap:plugin/metrics@0.1.0;
    import ringtap:plugin/events@0.1.0;
    export ringtap:plugin/lifecycle@0.1.0;
    export ringtap:plugin/aggregate@0.1.0;";

/// The component that does what the first byte of its config says.
pub(crate) fn switch() -> Vec<u8> {
    component(&SWITCH.replace("{on-describe}", ""), SWITCH_WORLD, str::to_owned)
}

/// The same without the role `aggregate`.
pub(crate) fn idle() -> Vec<u8> {
    let no_export = r#" (export "ringtap:plugin/aggregate@0.1.0#on-packets")"#;
    let module = SWITCH.replace("{on-describe}", "").replace(no_export, "");
    let world = SWITCH_WORLD.replace("export ringtap:plugin/aggregate@0.1.0;", "");
    component(&module, &world, str::to_owned)
}

/// The switch, with the interest `web` in what `filter` takes, and so many bytes of it.
pub(crate) fn wanting(filter: &str, payload: u32) -> Vec<u8> {
    component(&switch_wanting(filter, payload), SWITCH_WORLD, str::to_owned)
}

/// The module of [`wanting`].
pub(crate) fn switch_wanting(filter: &str, payload: u32) -> String {
    const INTEREST: usize = 4000;
    // The second page: a filter may be long, and nothing is handed over before the description.
    const TEXTS: usize = 1 << 16;
    let (name, at) = ("web", TEXTS + 3);
    // The record `interest`: two texts, the sample's rate and way, payload bytes.
    let words = [TEXTS, name.len(), at, filter.len(), 1, 0, payload as usize];
    let bytes = words.iter().flat_map(|word| (*word as u32).to_le_bytes());
    let bytes: String = bytes.map(|byte| format!("\\{byte:02x}")).collect();
    let data = format!(
        "(data (i32.const {INTEREST}) \"{bytes}\") (data (i32.const {TEXTS}) \"{name}{filter}\") (func $reset"
    );
    let list = format!(
        "(i32.store (i32.const 36) (i32.const {INTEREST})) (i32.store (i32.const 40) (i32.const 1))"
    );
    SWITCH.replace("(func $reset", &data).replace("{on-describe}", &list)
}

/// A component of a module in text and a world over `wit/`, both edited in the same way.
pub(crate) fn component(module: &str, world: &str, edit: impl Fn(&str) -> String) -> Vec<u8> {
    encode(&edit(module), &edit(world), &edit(&package()), "")
}

/// A component of a module in text and a world over `wit/` and `more` packages.
pub(crate) fn component_with(module: &str, world: &str, more: &str) -> Vec<u8> {
    encode(module, world, &package(), more)
}

fn encode(module: &str, world: &str, ringtap: &str, more: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    resolve.push_str("ringtap.wit", ringtap).unwrap();
    let world = format!("package test:guest;\nworld guest {{ {world} }}\n{more}");
    let package = resolve.push_str("guest.wit", &world).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let mut module = wat::parse_str(module).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}

/// The files of `wit/` as one.
fn package() -> String {
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    let files = std::fs::read_dir(wit).unwrap().map(|file| file.unwrap().path());
    let texts = files.map(|file| std::fs::read_to_string(file).unwrap());
    let bodies = texts.map(|text| text.replace("package ringtap:plugin@0.1.0;", ""));
    format!("package ringtap:plugin@0.1.0;\n{}", bodies.collect::<String>())
}

pub(crate) fn compiler() -> Compiler {
    Compiler::new(compile_child(), [])
}

/// The example of that name, which `cargo test` builds.
fn compile_child() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let child = test.parent().unwrap().parent().unwrap().join("examples/compile_child");
    assert!(child.exists(), "{child:?} is missing: cargo build -p ringtap-plugin --examples");
    child
}

pub(crate) fn load(wasm: &[u8]) -> Result<Plugin, LoadError> {
    Plugin::load(&Engine::new().unwrap(), &compiler(), &Terms::default(), wasm)
}

pub(crate) fn name(text: &str) -> PluginName {
    PluginName::new(text).unwrap()
}

/// A runtime without taps or sinks.
pub(crate) struct Bench {
    pub(crate) engine: Engine,
    pub(crate) services: Services,
    pub(crate) events: Receiver<Event>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let (sender, events) = EventSender::channel(10_000, false);
        let services = Services {
            registry: Arc::new(Registry::default()),
            meters: Meters::default(),
            events: sender,
            graph: Graph::default(),
            interfaces: Arc::new(|_| None),
            kv: KvStores::in_memory(),
        };
        Self { engine: Engine::new().unwrap(), services, events }
    }

    pub(crate) fn plugin(&self) -> Arc<Plugin> {
        self.load(&switch(), &Terms::default())
    }

    pub(crate) fn load(&self, wasm: &[u8], terms: &Terms) -> Arc<Plugin> {
        Arc::new(Plugin::load(&self.engine, &compiler(), terms, wasm).unwrap())
    }

    pub(crate) fn config(&self, name: &str, text: &str) -> InstanceConfig {
        InstanceConfig {
            name: self::name(name),
            text: text.into(),
            limits: Limits::default(),
            services: self.services.clone(),
            time: TimeSource::Real,
            seeds: Seeds::Os,
        }
    }

    /// The value of a series of a plugin that has it once.
    pub(crate) fn metric(&self, plugin: &str, metric: &str) -> Option<f64> {
        let families = self.services.registry.collect();
        let samples = &families.family(metric)?.samples;
        let of = ("plugin".to_owned(), plugin.to_owned());
        match samples.iter().find(|sample| sample.labels.contains(&of))?.value {
            SampleValue::Float(value) => Some(value),
            SampleValue::Uint(value) => Some(value as f64),
            SampleValue::Histogram { .. } => None,
        }
    }

    /// The kinds of the events so far.
    pub(crate) fn event_kinds(&self) -> Vec<String> {
        self.events.try_iter().map(|event| event.kind).collect()
    }
}

/// Taps that keep every packet by every rule.
#[derive(Default)]
pub(crate) struct Taps {
    pub(crate) fanout: Arc<Fanout>,
    generation: RwLock<u32>,
    /// Lock it to make installing wait.
    pub(crate) gate: Mutex<()>,
    /// Who waits for that lock.
    pub(crate) waiting: AtomicUsize,
    /// Whether installing fails.
    pub(crate) refuse: AtomicBool,
}

impl Taps {
    pub(crate) fn publish(&self, batch: Batch) {
        // Held until it is published: what installs another waits for that.
        let generation = self.generation.read().unwrap();
        let Batch { records, payload, clock_offset_ns } = batch;
        let kept = records.iter().map(|_| RuleSet([u64::MAX; 4])).collect();
        let generation = *generation;
        self.fanout.publish(Collected { generation, records, kept, payload, clock_offset_ns });
    }
}

impl Judge for Taps {
    fn install(&self, generation: u32, _: &Arc<Tables>) -> Result<(), InstallError> {
        self.waiting.fetch_add(1, Relaxed);
        drop(self.gate.lock().unwrap());
        self.waiting.fetch_sub(1, Relaxed);
        if self.refuse.load(Relaxed) {
            return Err(InstallError::new("the tables are full"));
        }
        *self.generation.write().unwrap() = generation;
        Ok(())
    }
}

pub(crate) fn batch(records: usize) -> Batch {
    batch_at(records, 0)
}

pub(crate) fn batch_at(records: usize, timestamp_ns: u64) -> Batch {
    let record = PacketRecord { timestamp_ns, ..PacketRecord::default() };
    Batch { records: vec![record; records], ..Batch::default() }
}

pub(crate) fn queued(records: usize, sequence: u64) -> View {
    View { batch: Arc::new(batch(records)), sequence, shed_before: 0 }
}
