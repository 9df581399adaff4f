//! ms for which records wait while one version of a plugin takes over from another.

use std::{path::PathBuf, sync::Arc, time::Instant};

use anyhow::{Context, anyhow, ensure};
use ringtap_pipeline::{name::PluginName, queue::View};
use ringtap_plugin::{Engine, Instance, InstanceConfig, Limits, Plugin, Seeds, Terms, TimeSource};

use crate::{
    packets::{self, Flow},
    plugin::{compiler, component, services},
    suite::{Relation, Suite},
};

/// What records are wished to wait at most.
const TARGET_MS: f64 = 1.0;

/// Flows that the old version knows. Over IPv6, whose addresses are the larger part of the state.
const FLOWS: [u16; 4] = [0, 1900, 8192, 64_000];

const RECORDS_OF_A_BATCH: usize = 1024;

pub(crate) fn suite(components: &[PathBuf]) -> anyhow::Result<Suite> {
    let columns = [("ms that records wait", Relation::Milliseconds)];
    let mut suite = Suite::new("Reload", "reload", &columns).in_milliseconds();
    let engine = Engine::new()?;
    let wasm = component(components, "flow-log")?;
    let plugin = Arc::new(Plugin::load(&engine, &compiler(), &Terms::default(), &wasm)?);
    for flows in FLOWS {
        let mut versions = Versions::start(engine.clone(), Arc::clone(&plugin), flows)?;
        let kilobytes = versions.saved()?.len() as f64 / 1e3;
        let own = suite.next();
        let name = format!("flow-log with {flows} flows: {kilobytes:.0} KB");
        let case = suite.case(name, &[Some(own)], move || versions.hand_over());
        suite.targets(case, &[Some(TARGET_MS)]);
    }
    Ok(suite)
}

/// One that has seen flows, and what another takes to start.
pub(crate) struct Versions {
    engine: Engine,
    plugin: Arc<Plugin>,
    old: Instance,
    schema: u32,
}

impl Versions {
    pub(crate) fn start(engine: Engine, plugin: Arc<Plugin>, flows: u16) -> anyhow::Result<Self> {
        let mut old = Instance::start(&engine, Arc::clone(&plugin), &config()?)?;
        old.take_over();
        let flow = |number| Flow { ipv6: true, tcp: true, vlan: false, number };
        let records: Vec<_> = (0..flows).map(|number| packets::record(flow(number))).collect();
        let mut sequence = 0;
        for records in records.chunks(RECORDS_OF_A_BATCH) {
            let batch = packets::batch(records);
            old.on_packets(&View { batch, sequence, shed_before: 0 })?;
            sequence += records.len() as u64;
        }
        let schema = plugin.description().state.context("flow-log hands on its state")?.writes;
        Ok(Self { engine, plugin, old, schema })
    }

    fn saved(&mut self) -> anyhow::Result<Vec<u8>> {
        self.old.save()?.map_err(|refusal| anyhow!("no state: {refusal}"))
    }

    /// As a worker does it between two batches. The other one lies ready by then.
    pub(crate) fn hand_over(&mut self) -> anyhow::Result<f64> {
        let mut next = Instance::start(&self.engine, Arc::clone(&self.plugin), &config()?)?;
        let start = Instant::now();
        let saved = self.saved()?;
        let restored = next.restore(self.schema, &saved)?;
        let took = start.elapsed();
        restored.map_err(|refusal| anyhow!("it does not take the state: {refusal}"))?;
        let again = next.save()?.map_err(|refusal| anyhow!("no state any more: {refusal}"))?;
        ensure!(again.len() == saved.len(), "of {} bytes {} went on", saved.len(), again.len());
        Ok(took.as_nanos() as f64)
    }
}

fn config() -> anyhow::Result<InstanceConfig> {
    Ok(InstanceConfig {
        name: PluginName::new("flow-log")?,
        text: "flows = 65536\nidle_timeout = 86400\nactive_timeout = 86400".into(),
        limits: Limits::default(),
        services: services(),
        time: TimeSource::Real,
        seeds: Seeds::Os,
    })
}
