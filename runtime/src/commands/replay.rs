use std::{
    io::{self, BufWriter, ErrorKind, StdoutLock, Write},
    path::Path,
};

use anyhow::Context;
use ringtap_capture::{Capture, CaptureError};
use ringtap_record::PacketJson;

use crate::{
    app::{events::EventSink, feed::Read, replaying::Replaying},
    cli::{Print, Replay},
    config::Loaded,
    exit::{Exit, Failure, OrExit},
    privileges::Privileges,
};

pub(crate) fn replay(args: &Replay, loaded: &Loaded) -> Result<(), Failure> {
    let config = &loaded.config;
    let mut replaying = Replaying::start(config, &args.plugin_files, args.mode(), |registry| {
        EventSink::start(&config.events, true, Privileges::NONE, registry, || {})
    })?;
    let mut printer = (args.print == Some(Print::Packets)).then(Printer::new);
    let mut outcome = Ok(());
    for file in &args.files {
        // What was read is still delivered; the first error decides how the command ends.
        let read = one(&mut replaying, file, printer.as_mut());
        outcome = outcome.and(read);
    }
    let printed = printer.map_or(Ok(()), Printer::finish);
    let (registry, plugins) = replaying.finish();
    if args.print == Some(Print::Metrics) {
        let mut families = registry.collect();
        if args.deterministic {
            families.retain(|family| !ringtap_plugin::MEASURED.contains(&family.name.as_str()));
        }
        let text = ringtap_sink::prometheus::render(&families);
        written(io::stdout().write_all(text.as_bytes()))?;
    }
    outcome.and(printed).and(plugins)
}

fn one(
    replaying: &mut Replaying,
    file: &Path,
    mut printer: Option<&mut Printer>,
) -> Result<(), Failure> {
    let Replaying { feed, stopping, .. } = replaying;
    let mut capture = Capture::open(file).or_exit(Exit::Input)?;
    let outcome = feed.capture(&mut capture, |packet| {
        stopping.check().map_err(Ended::Other)?;
        match &mut printer {
            Some(printer) => printer.print(&packet).map_err(Ended::Other),
            None => Ok(()),
        }
    });
    say_passed_over(&capture, file);
    match outcome {
        Ok(()) => Ok(()),
        Err(Ended::Capture(error)) => Err(error).or_exit(Exit::Input),
        Err(Ended::Other(failure)) => Err(failure),
    }
}

/// Which packets could not be taken, if any.
pub(super) fn say_passed_over(capture: &Capture, file: &Path) {
    for refused in capture.refused() {
        tracing::warn!(
            "{}: {} packets of interface {} were passed over: {} is not supported",
            file.display(),
            refused.packets,
            refused.name.as_deref().unwrap_or("without a name"),
            refused.link_type
        );
    }
}

/// Why a capture was not read to its end.
enum Ended {
    Capture(CaptureError),
    Other(Failure),
}

impl From<CaptureError> for Ended {
    fn from(error: CaptureError) -> Self {
        Self::Capture(error)
    }
}

/// Packets as JSON lines on stdout.
struct Printer(BufWriter<StdoutLock<'static>>);

impl Printer {
    fn new() -> Self {
        Self(BufWriter::new(io::stdout().lock()))
    }

    fn print(&mut self, packet: &Read<'_>) -> Result<(), Failure> {
        let Read { number, interface, record } = *packet;
        let ts_ns = record.timestamp_ns;
        let packet = PacketJson { n: number, iface: interface, ts_ns, record };
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
