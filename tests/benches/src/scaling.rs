//! Two producers and two consumers on two cores, beside one and one on one core.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, ensure};
use ringtap_pipeline::{
    fanout::Fanout,
    ledger::ShedReason,
    mask::Mask,
    name::PluginName,
    queue::{Queue, WhenFull},
    subscriptions::Subscriptions,
};
use ringtap_tap::{Config, Reader, ReaderHandle, Readers, Taps, test_run};

use crate::{
    cpu,
    grid::{Grid, Target, Unit},
    packets, rules,
    runtime::{SharedTaps, TAP, TapJudge, add_up},
};

/// What two and two are wished to do of what one and one do.
const TARGET_TIMES: f64 = 1.7;

/// Records of a producer in a round, and how many of them may be on their way: so many that waiting
/// for a reader that has just gone to sleep does not count.
const RECORDS: u64 = 2_000_000;
const ON_THEIR_WAY: u64 = 100_000;
const RING: u32 = 64 << 20;
const QUEUE: usize = 1 << 20;

/// Runs of a frame at a time.
const BURST: u32 = 2_000;
const FLOWS: u16 = 32;
const PATIENCE: Duration = Duration::from_secs(30);

/// On these cores, which are the same where there is one.
pub(crate) fn grid(first: usize, last: usize) -> anyhow::Result<Grid> {
    let columns = [
        ("M records/s", Unit::Millions),
        ("ns CPU a record", Unit::Nanoseconds),
        ("M records/s by CPU time", Unit::Millions),
    ];
    let mut grid = Grid::new("Producers and consumers", &columns);
    grid.times("times one and one", 0);
    grid.times("times by CPU time", 2);
    grid.note("By CPU time: as if nothing else had used the cores, and nobody had waited.");
    grid.note("A producer runs a TC tap; a consumer is native and adds up the bytes of half or all flows.");
    let mut one = Lines::start(&[last])?;
    let reference = grid.row("1 producer, 1 consumer, on 1 core", None, move || one.measure());
    if first == last {
        grid.note("Not measured: two and two, as there is one core.");
        return Ok(grid);
    }
    let mut two = Lines::start(&[first, last])?;
    let name = "2 producers, 2 consumers, on 2 cores";
    let row = grid.row(name, Some(reference), move || two.measure());
    grid.target(row, 3, Target::AtLeast(TARGET_TIMES));
    Ok(grid)
}

/// A producer for each core, and as many consumers.
struct Lines {
    cores: Vec<usize>,
    taps: Arc<SharedTaps>,
    reader: (Vec<JoinHandle<()>>, ReaderHandle),
    consumers: Vec<(Arc<Queue>, Option<JoinHandle<u64>>)>,
    frames: Arc<Vec<Vec<u8>>>,
    sent: u64,
}

impl Lines {
    fn start(cores: &[usize]) -> anyhow::Result<Self> {
        // Threads that are started keep to the cores of the one that starts them.
        cpu::keep_to(cores)?;
        let lines = Self::on(cores);
        let last = cores.last().context("there are cores")?;
        cpu::pin_to(*last)?;
        lines
    }

    fn on(cores: &[usize]) -> anyhow::Result<Self> {
        let fanout = Arc::new(Fanout::default());
        let readers = if cores.len() > 1 { Readers::EachCpu } else { Readers::One };
        let mut taps = Taps::load(Config { ring_bytes: RING, readers, ..Config::default() })?;
        let publish = Arc::clone(&fanout);
        let readers = taps.readers(move |collected| publish.publish(collected));
        let interfaces = ringtap_net::interfaces()?;
        let loopback = interfaces.iter().find(|interface| interface.index == 1);
        test_run::register(&mut taps, loopback.context("there is no loopback interface")?, TAP)?;
        let handle: ReaderHandle = readers.iter().map(Reader::handle).collect();
        let threads = readers
            .into_iter()
            .map(|reader| thread::Builder::new().name("ring-reader".into()).spawn(|| reader.run()));
        let threads = threads.collect::<Result<Vec<_>, _>>()?;
        let taps = Arc::new(SharedTaps::new(taps));
        let judge = TapJudge { taps: Arc::clone(&taps), reader: handle.clone() };
        let subscriptions = Subscriptions::new(fanout, Arc::new(judge));
        let share = usize::from(FLOWS) / cores.len();
        let mut consumers = Vec::new();
        for number in 0..cores.len() {
            let queue = Arc::new(Queue::new(QUEUE, WhenFull::DropNewest, Arc::default()));
            let first = 1024 + number * share;
            let filter = format!("src portrange {first}-{}", first + share - 1);
            let interests = rules::interests([&filter])?;
            let name = PluginName::new(&format!("consumer-{number}"))?;
            subscriptions.subscribe(name, Arc::clone(&queue), interests, Mask::default())?;
            let taken = Arc::clone(&queue);
            let consumer = thread::Builder::new().name("consumer".into());
            consumers.push((queue, Some(consumer.spawn(move || add_up(&taken))?)));
        }
        let frames = packets::mixed_flows(FLOWS).map(|flow| flow.frame(64)).collect();
        let (cores, reader) = (cores.to_vec(), (threads, handle));
        Ok(Self { cores, taps, reader, consumers, frames: Arc::new(frames), sent: 0 })
    }

    fn measure(&mut self) -> anyhow::Result<Vec<Option<f64>>> {
        let (start, before) = (Instant::now(), cpu::process_time());
        let sent = Arc::new(AtomicU64::new(self.sent));
        thread::scope(|scope| {
            let producers: Vec<_> =
                self.cores.iter().map(|core| scope.spawn(|| self.produce(*core, &sent))).collect();
            let ended = producers.into_iter().map(|producer| match producer.join() {
                Ok(ended) => ended,
                Err(_) => Err(anyhow!("a producer panicked")),
            });
            ended.collect::<anyhow::Result<()>>()
        })?;
        self.sent = sent.load(Relaxed);
        self.wait(self.sent, 0)?;
        let (took, used) = (start.elapsed(), cpu::process_time() - before);
        let records = RECORDS as f64 * self.cores.len() as f64;
        self.check()?;
        let nanoseconds = used.as_nanos() as f64 / records;
        let by_cpu = self.cores.len() as f64 * 1e3 / nanoseconds;
        Ok(vec![Some(records / took.as_secs_f64() / 1e6), Some(nanoseconds), Some(by_cpu)])
    }

    fn produce(&self, core: usize, sent: &AtomicU64) -> anyhow::Result<()> {
        cpu::pin_to(core)?;
        let mut run = self.taps.runs()?;
        let mut own = 0;
        for frame in self.frames.iter().cycle() {
            if own == RECORDS {
                break;
            }
            run(frame, BURST)?;
            own += u64::from(BURST);
            let all = sent.fetch_add(BURST.into(), Relaxed) + u64::from(BURST);
            self.wait(all, ON_THEIR_WAY * self.cores.len() as u64)?;
        }
        Ok(())
    }

    /// Until no more than so many of the records that were sent are on their way.
    fn wait(&self, sent: u64, on_their_way: u64) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while self.delivered() + on_their_way < sent {
            ensure!(Instant::now() < deadline, "of {sent} records {} came", self.delivered());
            thread::sleep(Duration::from_micros(200));
        }
        Ok(())
    }

    fn delivered(&self) -> u64 {
        self.consumers.iter().map(|(queue, _)| queue.ledger().read().delivered).sum()
    }

    /// Each record came to one consumer.
    fn check(&self) -> anyhow::Result<()> {
        let (sent, delivered) = (self.sent, self.delivered());
        let readings = self.taps.readings()?;
        let seen: u64 = readings.iter().map(|tap| tap.counts.seen).sum();
        let closes = readings.iter().all(|tap| tap.counts.closes());
        let exact = closes && (seen, delivered) == (sent, sent);
        ensure!(exact, "of {sent} packets {delivered} were delivered: {readings:?}");
        Ok(())
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        let (threads, handle) = &mut self.reader;
        handle.stop();
        for thread in threads.drain(..) {
            // One that panicked has said so; likewise below.
            thread.join().ok();
        }
        for (queue, consumer) in &mut self.consumers {
            queue.close(ShedReason::Shutdown);
            consumer.take().map(|consumer| consumer.join().ok());
        }
    }
}
