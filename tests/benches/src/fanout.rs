//! ns a record of giving records to the plugins that want them.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use ringtap_interest::{Interest, Keys, Tables};
use ringtap_pipeline::{
    batch::{Batch, Collected, MAX_BATCH_RECORDS},
    fanout::Fanout,
    judge::{InstallError, Judge},
    ledger::PluginCounts,
    mask::Mask,
    name::PluginName,
    queue::{Queue, Side, Taken, WhenFull},
    subscriptions::Subscriptions,
};

use crate::{
    cpu, packets, rules,
    suite::{Relation, Suite},
};

/// What is published in a round, in bursts that a cache holds.
const BURSTS: usize = 64;
const BATCHES: usize = 4;

const FLOWS: u16 = 1000;

/// Every filter of a plugin is an interest of its own. Source ports are 1024 to 2023.
pub(crate) const ALL: &[&str] = &["tcp or udp"];
pub(crate) const HALF: &[&str] = &["src portrange 1024-1523"];
const EIGHTHS: &[&str] = &[
    "src portrange 1024-1148",
    "src portrange 1149-1273",
    "src portrange 1274-1398",
    "src portrange 1399-1523",
    "src portrange 1524-1648",
    "src portrange 1649-1773",
    "src portrange 1774-1898",
    "src portrange 1899-2023",
];

const CASES: [(&str, &[&[&str]]); 4] = [
    ("1 plugin, which wants all", &[ALL]),
    ("2 plugins, which want all", &[ALL, ALL]),
    ("2 plugins, one of which wants half", &[ALL, HALF]),
    ("2 plugins, one of which wants all by 8 interests", &[ALL, EIGHTHS]),
];

pub(crate) fn suite() -> anyhow::Result<Suite> {
    let columns = [("ns more than with 1 plugin", Relation::Difference)];
    let mut suite = Suite::new("Fan-out", "record", &columns);
    let mut one = None;
    for (name, plugins) in CASES {
        let mut bench = Bench::new(plugins)?;
        let case = suite.case(name, &[one], move || bench.measure());
        one.get_or_insert(case);
    }
    Ok(suite)
}

pub(crate) struct Bench {
    fanout: Arc<Fanout>,
    plugins: Vec<Plugin>,
    collected: Vec<Collected>,
    bursts: u64,
}

/// A queue in place of a plugin.
struct Plugin {
    queue: Arc<Queue>,
    /// Records of a burst that it has to get.
    wanted: u64,
}

impl Bench {
    pub(crate) fn new(plugins: &[&[&str]]) -> anyhow::Result<Self> {
        let (fanout, judge) = (Arc::new(Fanout::default()), Arc::new(Installed::default()));
        let subscriptions = Subscriptions::new(Arc::clone(&fanout), Arc::clone(&judge) as _);
        let mut subscribed = Vec::new();
        for (number, filters) in plugins.iter().enumerate() {
            let name = PluginName::new(&format!("plugin-{number}"))?;
            let ledger = Arc::default();
            let queue = Queue::new(BATCHES * MAX_BATCH_RECORDS, WhenFull::DropNewest, ledger);
            let (queue, interests) = (Arc::new(queue), rules::interests(*filters)?);
            subscriptions.subscribe(
                name,
                Arc::clone(&queue),
                interests.clone(),
                Mask::default(),
            )?;
            subscribed.push((queue, interests));
        }
        let collected = judge.collect()?;
        let plugin = |(queue, interests): (_, Vec<_>)| Plugin {
            queue,
            wanted: wanted(&collected, &interests),
        };
        let plugins = subscribed.into_iter().map(plugin).collect();
        Ok(Self { fanout, plugins, collected, bursts: 0 })
    }

    fn measure(&mut self) -> anyhow::Result<f64> {
        let mut time = Duration::ZERO;
        for _ in 0..BURSTS {
            time += self.burst();
        }
        self.check()?;
        Ok(time.as_nanos() as f64 / (BURSTS * self.records()) as f64)
    }

    /// Of a burst.
    pub(crate) fn records(&self) -> usize {
        self.collected.iter().map(|collected| collected.records.len()).sum()
    }

    /// Give records to the queues, and empty these. CPU time of the first.
    pub(crate) fn burst(&mut self) -> Duration {
        let burst = self.collected.clone();
        let start = cpu::thread_time();
        burst.into_iter().for_each(|collected| self.fanout.publish(collected));
        let time = cpu::thread_time() - start;
        self.bursts += 1;
        self.plugins.iter().for_each(Plugin::take_all);
        time
    }

    pub(crate) fn check(&self) -> anyhow::Result<()> {
        for Plugin { queue, wanted } in &self.plugins {
            let (counts, wanted) = (queue.ledger().read(), wanted * self.bursts);
            let PluginCounts { published, delivered, .. } = counts;
            let exact = (published, delivered) == (wanted, wanted);
            ensure!(exact, "of {wanted} records a plugin got {counts:?}");
        }
        Ok(())
    }
}

impl Plugin {
    fn take_all(&self) {
        while let Taken::Batch(queued) = self.queue.take(Some(Instant::now())) {
            let records = queued.view(Side::New).map_or(0, |view| view.batch.len());
            self.queue.ledger().deliver(records as u64);
        }
    }
}

/// The tables that judge, on the host.
#[derive(Default)]
struct Installed(Mutex<Option<(u32, Arc<Tables>)>>);

impl Judge for Installed {
    fn install(&self, generation: u32, tables: &Arc<Tables>) -> Result<(), InstallError> {
        let mut installed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *installed = Some((generation, Arc::clone(tables)));
        Ok(())
    }
}

impl Installed {
    /// A burst, as a reader would hand it on.
    fn collect(&self) -> anyhow::Result<Vec<Collected>> {
        let installed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (generation, tables) = installed.as_ref().context("no tables were installed")?;
        let batches = packets::batches(FLOWS, MAX_BATCH_RECORDS, BATCHES * MAX_BATCH_RECORDS);
        let collected = |batch: Arc<Batch>| Collected {
            generation: *generation,
            kept: batch.records.iter().map(|one| tables.classify(&Keys::of(one))).collect(),
            records: batch.records.clone(),
            ..Collected::default()
        };
        Ok(batches.into_iter().map(collected).collect())
    }
}

fn wanted(collected: &[Collected], interests: &[Interest]) -> u64 {
    let records = collected.iter().flat_map(|collected| &collected.records);
    let matches = |keys: &Keys| interests.iter().any(|one| one.filter.matches(keys, "lo"));
    records.filter(|record| matches(&Keys::of(record))).count() as u64
}
