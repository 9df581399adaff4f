//! CPU time a packet of everything together: tap, ring, reader, queue, worker, plugin, on one core.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use ringtap_interest::{Interest, Tables};
use ringtap_pipeline::{
    fanout::Fanout,
    judge::{InstallError, Judge},
    ledger::PluginCounts,
    mask::Mask,
    name::PluginName,
    queue::{Queue, Side, Taken, WhenFull},
    subscriptions::Subscriptions,
};
use ringtap_plugin::{
    BundledPlugin, Engine, Limits, OnStop, PluginState, Policy, Supervisor, SupervisorConfig,
};
use ringtap_tap::{
    Attachment, Config, ReaderHandle, TapError, TapReading, Taps, TcMode,
    test_run::{register, test_run},
};

use crate::{
    cpu, packets, plugin,
    suite::{Relation, Suite},
};

/// Packets of a case in a round, sent in bursts that the ring and the queues hold.
const BURSTS: u32 = 10;
const FLOWS: u16 = 32;
const PACKETS_OF_A_FLOW: u32 = 600;

/// How long records may take to arrive on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Not XDP, whose test runs change kernel code when they begin, at milliseconds each.
const TAP: Attachment = Attachment::TcIngress(TcMode::Auto);

/// Which plugins run together.
const SETS: [&[&str]; 5] =
    [&[], &["hello"], &["top-talkers"], &["flow-log"], &["top-talkers", "flow-log"]];

pub(crate) fn suite(components: &[PathBuf]) -> anyhow::Result<Suite> {
    let columns = [("ns more than without plugins", Relation::Difference)];
    let mut suite = Suite::new("TC tap to plugin", "packet", &columns);
    let mut without = None;
    for names in SETS {
        let mut runtime = Runtime::start(components, names)?;
        let name =
            if names.is_empty() { "a queue and no plugin".to_owned() } else { names.join(" and ") };
        let case = suite.case(name, &[without], move || runtime.measure());
        without.get_or_insert(case);
    }
    Ok(suite)
}

/// What the binary wires together, without sinks.
struct Runtime {
    taps: Arc<SharedTaps>,
    reader: Option<(JoinHandle<()>, ReaderHandle)>,
    supervisor: Supervisor,
    /// In place of plugins where there are none.
    queue: Option<(PluginName, Arc<Queue>)>,
    frames: Vec<Vec<u8>>,
    sent: u64,
}

impl Runtime {
    fn start(components: &[PathBuf], names: &[&str]) -> anyhow::Result<Self> {
        let fanout = Arc::new(Fanout::default());
        let mut taps = Taps::load(Config::default())?;
        let publish = Arc::clone(&fanout);
        let reader = taps.reader(move |collected| publish.publish(collected));
        let interfaces = ringtap_net::interfaces()?;
        let loopback = interfaces.iter().find(|interface| interface.index == 1);
        register(&mut taps, loopback.context("there is no loopback interface")?, TAP)?;
        let handle = reader.handle();
        // It runs before anybody wants anything: new tables wait for it.
        let thread = thread::Builder::new().name("ring-reader".into()).spawn(|| reader.run())?;
        let taps = Arc::new(SharedTaps(Mutex::new(taps)));
        let judge = TapJudge { taps: Arc::clone(&taps), reader: handle.clone() };
        let subscriptions = Arc::new(Subscriptions::new(fanout, Arc::new(judge)));
        let nobody = PluginName::new("nobody")?;
        let queue = names.is_empty().then(|| (nobody, Arc::new(queue())));
        if let Some((nobody, queue)) = &queue {
            let everything = vec![Interest::everything()];
            subscriptions.subscribe(
                nobody.clone(),
                Arc::clone(queue),
                everything,
                Mask::default(),
            )?;
        }
        let supervisor = supervisor(components, names, subscriptions)?;
        let frames = packets::mixed_flows(FLOWS).map(|flow| flow.frame(64)).collect();
        Ok(Self { taps, reader: Some((thread, handle)), supervisor, queue, frames, sent: 0 })
    }

    fn measure(&mut self) -> anyhow::Result<f64> {
        let (start, before) = (cpu::process_time(), self.sent);
        for _ in 0..BURSTS {
            for frame in &self.frames {
                self.taps.run(frame, PACKETS_OF_A_FLOW)?;
                self.sent += u64::from(PACKETS_OF_A_FLOW);
            }
            self.wait_until_delivered()?;
        }
        let time = cpu::process_time() - start;
        self.check_ledger()?;
        Ok(time.as_nanos() as f64 / (self.sent - before) as f64)
    }

    fn wait_until_delivered(&self) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.empty_queue();
            let counts = self.counts();
            let ended = |counts: &PluginCounts| counts.published - counts.in_flight();
            if counts.iter().all(|(_, counts)| ended(counts) >= self.sent) {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "no end within {PATIENCE:?}: {counts:?}");
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn empty_queue(&self) {
        let Some((_, queue)) = &self.queue else { return };
        while let Taken::Batch(queued) = queue.take(Some(Instant::now())) {
            let records = queued.view(Side::New).map_or(0, |view| view.batch.len());
            queue.ledger().deliver(records as u64);
        }
    }

    /// Of every queue.
    fn counts(&self) -> Vec<(PluginName, PluginCounts)> {
        let plugins = self.supervisor.status().into_iter();
        let mut counts: Vec<_> = plugins.map(|plugin| (plugin.name, plugin.counts)).collect();
        counts.extend(self.queue.iter().map(|(name, queue)| (name.clone(), queue.ledger().read())));
        counts
    }

    /// Every packet was published, and every record delivered to every plugin.
    fn check_ledger(&self) -> anyhow::Result<()> {
        let sent = self.sent;
        for tap in self.taps.readings()? {
            let counts = tap.counts;
            let closes = counts.closes() && (counts.seen, counts.published) == (sent, sent);
            ensure!(closes, "of {sent} packets the tap counted {counts:?}");
        }
        for (name, counts) in self.counts() {
            let closes = counts.closes() && (counts.published, counts.delivered) == (sent, sent);
            ensure!(closes, "of {sent} records {name} got {counts:?}");
        }
        Ok(())
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        if let Some((thread, handle)) = self.reader.take() {
            handle.stop();
            // A reader that panicked has said so.
            thread.join().ok();
        }
    }
}

/// The taps, for packets and for the judge.
struct SharedTaps(Mutex<Taps>);

impl SharedTaps {
    fn run(&self, frame: &[u8], repeat: u32) -> Result<u32, TapError> {
        test_run(&mut self.lock(), TAP, frame, repeat)
    }

    fn readings(&self) -> Result<Vec<TapReading>, TapError> {
        self.lock().readings()
    }

    fn lock(&self) -> MutexGuard<'_, Taps> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct TapJudge {
    taps: Arc<SharedTaps>,
    reader: ReaderHandle,
}

impl Judge for TapJudge {
    fn install(&self, generation: u32, tables: &Arc<Tables>) -> Result<(), InstallError> {
        self.taps.lock().install(tables, generation).map_err(InstallError::new)?;
        self.reader.catch_up(generation);
        Ok(())
    }
}

fn queue() -> Queue {
    Queue::new(Limits::default().queue_records, WhenFull::DropNewest, Arc::default())
}

fn supervisor(
    components: &[PathBuf],
    names: &[&str],
    subscriptions: Arc<Subscriptions>,
) -> anyhow::Result<Supervisor> {
    let bundled = names.iter().map(|name| {
        let wasm = plugin::component(components, name)?.into();
        Ok(BundledPlugin { name: PluginName::new(name)?, wasm, config: String::new() })
    });
    let config = SupervisorConfig {
        policy: Policy::default(),
        bundled: bundled.collect::<anyhow::Result<_>>()?,
        files: Vec::new(),
        directory: None,
        follow: false,
        on_stop: OnStop::default(),
    };
    let (compiler, services) = (plugin::compiler(), plugin::services());
    let supervisor = Supervisor::start(config, Engine::new()?, compiler, services, subscriptions)?;
    supervisor.settle(None);
    for plugin in supervisor.status() {
        ensure!(plugin.state == PluginState::Running, "{} does not run: {plugin:?}", plugin.name);
    }
    Ok(supervisor)
}
