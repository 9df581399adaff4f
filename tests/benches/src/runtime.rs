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
    ledger::{PluginCounts, ShedReason},
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
    test_run::{register, runs, test_run},
};

use crate::{
    cpu,
    grid::{Grid, Target, Unit},
    packets, plugin,
    suite::{Relation, Suite},
};

/// Packets of a case in a round, sent in bursts that the ring and the queues hold.
const BURSTS: u32 = 10;
const FLOWS: u16 = 32;
const PACKETS_OF_A_FLOW: u32 = 600;

/// How long records may take to arrive on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Not XDP, whose test runs change kernel code when they begin, at milliseconds each.
pub(crate) const TAP: Attachment = Attachment::TcIngress(TcMode::Auto);

/// Which plugins run together.
const SETS: [&[&str]; 5] =
    [&[], &["hello"], &["top-talkers"], &["flow-log"], &["top-talkers", "flow-log"]];

/// What one core is wished to take from ring, queue and plugin, in millions of records a second.
const TARGET_MILLIONS: f64 = 5.0;

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

/// The same without what makes the records: of all threads but the one in which the taps run.
pub(crate) fn consumers(components: &[PathBuf]) -> anyhow::Result<Grid> {
    let columns =
        [("M records/s on one core", Unit::Millions), ("ns CPU a record", Unit::Nanoseconds)];
    let mut grid = Grid::new("Ring, queue and consumer", &columns);
    let native = [(NATIVE, Runtime::start_native()?)].into_iter().map(Ok);
    let plugins = SETS.into_iter().filter(|names| !names.is_empty()).map(|names| {
        let runtime = Runtime::start(components, names)?;
        Ok((names.join(" and "), runtime))
    });
    let native = native.map(|case: anyhow::Result<_>| case.map(|(name, it)| (name.to_owned(), it)));
    for case in native.chain(plugins) {
        let (name, mut runtime) = case?;
        // What is met first, such as pages of memory, is no part of it.
        runtime.send()?;
        let row = grid.row(name, None, move || {
            let Spent { records, process, sender } = runtime.send()?;
            let nanoseconds = (process - sender).as_nanos() as f64 / records as f64;
            Ok(vec![Some(1e3 / nanoseconds), Some(nanoseconds)])
        });
        grid.target(row, 0, Target::AtLeast(TARGET_MILLIONS));
    }
    Ok(grid)
}

const NATIVE: &str = "native, adds up bytes";

/// CPU time of a round.
#[derive(Clone, Copy, Debug)]
struct Spent {
    records: u64,
    process: Duration,
    /// The part of it of the thread in which the taps run and which waits for the others.
    sender: Duration,
}

/// What the binary wires together, without sinks.
struct Runtime {
    taps: Arc<SharedTaps>,
    reader: Option<(JoinHandle<()>, ReaderHandle)>,
    supervisor: Supervisor,
    /// In place of plugins where there are none.
    queue: Option<(PluginName, Arc<Queue>)>,
    /// Takes from that queue, if it is not emptied by whoever waits.
    taker: Option<JoinHandle<u64>>,
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
        let taps = Arc::new(SharedTaps::new(taps));
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
        let (reader, taker) = (Some((thread, handle)), None);
        Ok(Self { taps, reader, supervisor, queue, taker, frames, sent: 0 })
    }

    /// With a consumer of our own, which does as little as one can that looks at every record.
    fn start_native() -> anyhow::Result<Self> {
        let mut runtime = Self::start(&[], &[])?;
        let (_, queue) = runtime.queue.as_ref().context("no plugins, so there is a queue")?;
        let queue = Arc::clone(queue);
        let taker = thread::Builder::new().name("native".into()).spawn(move || add_up(&queue))?;
        runtime.taker = Some(taker);
        Ok(runtime)
    }

    fn measure(&mut self) -> anyhow::Result<f64> {
        let Spent { records, process, .. } = self.send()?;
        Ok(process.as_nanos() as f64 / records as f64)
    }

    fn send(&mut self) -> anyhow::Result<Spent> {
        let (start, own, before) = (cpu::process_time(), cpu::thread_time(), self.sent);
        for _ in 0..BURSTS {
            for frame in &self.frames {
                self.taps.run(frame, PACKETS_OF_A_FLOW)?;
                self.sent += u64::from(PACKETS_OF_A_FLOW);
            }
            self.wait_until_delivered()?;
        }
        let (process, sender) = (cpu::process_time() - start, cpu::thread_time() - own);
        self.check_ledger()?;
        Ok(Spent { records: self.sent - before, process, sender })
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
        let (Some((_, queue)), None) = (&self.queue, &self.taker) else { return };
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
        if let (Some((_, queue)), Some(taker)) = (&self.queue, self.taker.take()) {
            queue.close(ShedReason::Shutdown);
            taker.join().ok();
        }
    }
}

/// The least that one can do who looks at every record, until the queue is closed. All bytes.
pub(crate) fn add_up(queue: &Queue) -> u64 {
    let mut bytes = 0;
    loop {
        match queue.take(None) {
            Taken::Batch(queued) => {
                let records = queued.view(Side::New).map_or(&[][..], |view| &view.batch.records);
                bytes += records.iter().map(|record| u64::from(record.wire_len)).sum::<u64>();
                queue.ledger().deliver(records.len() as u64);
            }
            Taken::Closed => return bytes,
            _ => {}
        }
    }
}

/// The taps, for packets and for the judge.
pub(crate) struct SharedTaps(Mutex<Taps>);

impl SharedTaps {
    pub(crate) fn new(taps: Taps) -> Self {
        Self(Mutex::new(taps))
    }

    /// What runs the tap on a thread, beside others that do.
    pub(crate) fn runs(
        &self,
    ) -> Result<impl FnMut(&[u8], u32) -> Result<u32, TapError> + Send + 'static, TapError> {
        runs(&mut self.lock(), TAP)
    }

    fn run(&self, frame: &[u8], repeat: u32) -> Result<u32, TapError> {
        test_run(&mut self.lock(), TAP, frame, repeat)
    }

    pub(crate) fn readings(&self) -> Result<Vec<TapReading>, TapError> {
        self.lock().readings()
    }

    fn lock(&self) -> MutexGuard<'_, Taps> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct TapJudge {
    pub(crate) taps: Arc<SharedTaps>,
    pub(crate) reader: ReaderHandle,
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
