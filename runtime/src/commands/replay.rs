use std::{
    io::{self, BufWriter, ErrorKind, StdoutLock, Write},
    path::Path,
    sync::Arc,
};

use anyhow::Context;
use ringtap_capture::Capture;
use ringtap_pipeline::{
    batch::{Batch, MAX_BATCH_RECORDS},
    fanout::Fanout,
    metrics::Registry,
};
use ringtap_plugin::Services;
use ringtap_record::{Direction, Hook, PacketJson, PacketRecord};

use crate::{
    app::{
        accounts::{CaptureCounts, Readings, TapAccounts},
        events::EventSink,
        names::Names,
        plugins::{self, Mode},
        progress,
    },
    cli::{Print, Replay},
    config::Loaded,
    exit::{Exit, Failure, OrExit},
};

/// The longest time in a capture that one batch covers, so that ticks come close to their time.
const BATCH_SPAN_NS: u64 = 100_000_000;

pub(crate) fn replay(args: &Replay, loaded: &Loaded) -> Result<(), Failure> {
    let registry = Arc::new(Registry::default());
    let counts = Arc::new(CaptureCounts::default());
    registry.register(Arc::new(TapAccounts(Arc::clone(&counts))));
    let events = EventSink::start(&loaded.config.events, true, &registry, || {})?;
    let fanout = Arc::new(Fanout::default());
    let names = Names::default();
    let services = Services {
        registry: Arc::clone(&registry),
        events: events.sender(),
        interfaces: names.for_plugins(),
    };
    let mode = Mode::Capture;
    let supervisor =
        plugins::start(&loaded.config, &args.plugin_files, mode, services, &fanout)?;
    registry.register(supervisor.collector());
    let loaded_all = loaded_all(&supervisor);

    let mut feed = Feed {
        fanout: &fanout,
        names: &names,
        counts: &counts,
        printer: (args.print == Some(Print::Packets)).then(Printer::new),
        batch: Vec::new(),
        packets: 0,
        interfaces: 0,
    };
    let mut read = Ok(());
    for file in &args.files {
        // What was read is still delivered; the first error decides how the command ends.
        read = read.and(feed.capture(file));
    }
    let printed = feed.finish();
    supervisor.shutdown(mode.grace());
    progress::say_ledger(&counts.readings(), &supervisor);
    drop(supervisor);
    events.finish();
    if args.print == Some(Print::Metrics) {
        let text = ringtap_sink::prometheus::render(&registry.collect());
        written(io::stdout().write_all(text.as_bytes()))?;
    }
    read.and(printed).and(loaded_all)
}

/// A plugin that was asked for and is not there makes the replay's result worth less than it looks.
fn loaded_all(supervisor: &ringtap_plugin::Supervisor) -> Result<(), Failure> {
    let refused: Vec<_> = supervisor
        .status()
        .into_iter()
        .filter_map(|plugin| plugin.reason.map(|reason| format!("plugin {}: {reason}", plugin.name)))
        .chain(supervisor.problems())
        .collect();
    match refused.is_empty() {
        true => Ok(()),
        false => Err(anyhow::anyhow!("{}", refused.join("; "))).or_exit(Exit::Input),
    }
}

/// From captures to batches.
struct Feed<'a> {
    fanout: &'a Fanout,
    names: &'a Names,
    counts: &'a CaptureCounts,
    printer: Option<Printer>,
    batch: Vec<PacketRecord>,
    /// Packets of the captures before the current one.
    packets: u64,
    /// Interfaces of the captures before the current one.
    interfaces: u32,
}

impl Feed<'_> {
    fn capture(&mut self, file: &Path) -> Result<(), Failure> {
        let mut capture = Capture::open(file).or_exit(Exit::Input)?;
        let outcome = self.packets_of(&mut capture);
        for refused in capture.refused() {
            tracing::warn!(
                "{}: {} packets of interface {} were passed over: {} is not supported",
                file.display(),
                refused.packets,
                refused.name.as_deref().unwrap_or("without a name"),
                refused.link_type
            );
        }
        self.flush();
        self.interfaces += u32::try_from(capture.interfaces().len()).unwrap_or(u32::MAX);
        outcome
    }

    fn packets_of(&mut self, capture: &mut Capture) -> Result<(), Failure> {
        let mut last = 0;
        while let Some(frame) = capture.next_frame().or_exit(Exit::Input)? {
            let (number, interface) = (frame.number, frame.interface);
            let mut record = ringtap_capture::record(&frame);
            record.ifindex = record.ifindex.saturating_add(self.interfaces);
            last = number;
            let name = capture.interface_name(interface);
            self.take(number, name, record)?;
        }
        self.packets += last;
        Ok(())
    }

    fn take(
        &mut self,
        number: u64,
        name: Option<&str>,
        record: PacketRecord,
    ) -> Result<(), Failure> {
        if let Some(name) = name {
            self.names.insert(record.ifindex, name);
        }
        let direction = Direction::from_number(record.direction);
        let label = name.map_or_else(|| record.ifindex.to_string(), str::to_owned);
        let direction = direction.map_or("unknown", Direction::name);
        self.counts.count((label, Hook::Replay.name(), direction));
        if let Some(printer) = &mut self.printer {
            printer.print(self.packets + number, name, &record)?;
        }
        let from = self.batch.first().map_or(record.timestamp_ns, |first| first.timestamp_ns);
        if self.batch.len() == MAX_BATCH_RECORDS
            || record.timestamp_ns.abs_diff(from) > BATCH_SPAN_NS
        {
            self.flush();
        }
        self.batch.push(record);
        Ok(())
    }

    fn flush(&mut self) {
        let records = std::mem::take(&mut self.batch);
        self.fanout.publish(Batch { records, payload: Vec::new(), clock_offset_ns: 0 });
    }

    fn finish(mut self) -> Result<(), Failure> {
        self.flush();
        self.printer.map_or(Ok(()), Printer::finish)
    }
}

/// Packets as JSON lines on stdout.
struct Printer(BufWriter<StdoutLock<'static>>);

impl Printer {
    fn new() -> Self {
        Self(BufWriter::new(io::stdout().lock()))
    }

    fn print(&mut self, n: u64, iface: Option<&str>, record: &PacketRecord) -> Result<(), Failure> {
        let packet = PacketJson { n, iface, ts_ns: record.timestamp_ns, record };
        let line = serde_json::to_writer(&mut self.0, &packet).map_err(io::Error::from);
        written(line.and_then(|()| self.0.write_all(b"\n")))
    }

    fn finish(mut self) -> Result<(), Failure> {
        written(self.0.flush())
    }
}

/// A reader that has seen enough is no failure: the plugins go on over the rest.
fn written(outcome: io::Result<()>) -> Result<(), Failure> {
    match outcome {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("write to standard output").map_err(Failure::from)
        }
        _ => Ok(()),
    }
}
