//! Events as JSON lines, to standard output or a file.
//!
//! One object a line: `time_ns`, `kind`, `plugin`, then the event's fields, flat and in the
//! plugin's order. Integers are exact at any size, a float that JSON can't spell (NaN, infinities)
//! is `null`, bytes are lowercase hex.

mod control;
mod destination;
mod line;
mod pending;
mod stats;

use std::{
    io,
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use ringtap_pipeline::event::{Event, EventLedger};

pub use control::Control;
pub use destination::Target;
pub use line::line;
pub use stats::Stats;

use destination::{Destination, Patience};
use pending::Pending;

/// Lines are handed to the OS when so many bytes wait, or no event does.
const ENOUGH_BYTES: usize = 64 * 1024;

/// How soon a request of [`Control`] is seen while no event comes.
const GLANCE: Duration = Duration::from_millis(200);

/// Where lines go, and how patient to be.
#[derive(Clone, Debug)]
pub struct Config {
    pub target: Target,
    /// After a write that failed, events are refused for so long before the next try. Default 1 s.
    pub retry_after: Duration,
    /// Once [`Control::shut_down`] was called, a reader that takes nothing is waited for so long.
    /// Default 1 s.
    pub patience: Duration,
}

impl Config {
    pub fn new(target: Target) -> Self {
        let second = Duration::from_secs(1);
        Self { target, retry_after: second, patience: second }
    }
}

/// Why the sink can't begin.
#[derive(Debug, thiserror::Error)]
pub enum JsonlError {
    #[error("can't open the events file {} for appending", path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("{} is a directory: name a file for events", path.display())]
    Directory { path: PathBuf },
    #[error("nobody reads from the pipe {}: start the reader first", path.display())]
    NoReader { path: PathBuf, source: io::Error },
    #[error("standard output can't take events: it is closed")]
    Stdout { source: io::Error },
}

/// Why [`JsonLines::run`] took no more events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every sender is gone, and all that they sent is written or refused.
    Input,
    /// As `Input`, but standard output's reader went away first; what came later was refused.
    ReaderGone,
}

/// Writes events. A disk that is full or a pipe that is stuck costs events, counted as refused,
/// and nothing else.
#[derive(Debug)]
pub struct JsonLines {
    config: Config,
    control: Arc<Control>,
    ledger: Arc<EventLedger>,
    destination: Destination,
    pending: Pending,
    trouble: Option<Trouble>,
    reader_gone: bool,
}

/// An episode in which writes fail.
#[derive(Debug)]
struct Trouble {
    refused: u64,
    retry_at: Instant,
}

impl JsonLines {
    /// Opens the target. A file is appended to, and made with mode 0640 where there is none.
    pub fn new(config: Config, ledger: Arc<EventLedger>) -> Result<Self, JsonlError> {
        let destination = Destination::open(&config.target)?;
        let pending = Pending::default();
        let control = Arc::default();
        Ok(Self {
            config,
            control,
            ledger,
            destination,
            pending,
            trouble: None,
            reader_gone: false,
        })
    }

    /// To reopen the file, or to hurry the sink's end.
    pub fn control(&self) -> Arc<Control> {
        Arc::clone(&self.control)
    }

    /// Good for [`Registry::register`](ringtap_pipeline::metrics::Registry::register).
    pub fn stats(&self) -> Arc<Stats> {
        Arc::new(Stats::new(Arc::clone(&self.ledger), "jsonl"))
    }

    /// Write events until every sender is gone; blocks, so give it a thread of its own.
    ///
    /// When the reader of standard output goes away, that is said, `on_reader_gone` is called once,
    /// and later events are refused: none is left uncounted while senders still live.
    pub fn run(mut self, events: Receiver<Event>, on_reader_gone: impl FnOnce()) -> Ended {
        let mut on_reader_gone = Some(on_reader_gone);
        loop {
            match events.recv_timeout(GLANCE) {
                Ok(event) => self.take(&event, &events),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.control.take_reopen() {
                self.reopen();
            }
            if let Some(tell) = on_reader_gone.take_if(|_| self.reader_gone) {
                tell();
            }
        }
        if self.reader_gone { Ended::ReaderGone } else { Ended::Input }
    }

    /// Take `first` and what else waits, and hand it to the OS.
    fn take(&mut self, first: &Event, events: &Receiver<Event>) {
        if self.reader_gone || self.trouble.as_ref().is_some_and(|it| Instant::now() < it.retry_at)
        {
            return self.refuse(1);
        }
        self.pending.push(first);
        while self.pending.bytes() < ENOUGH_BYTES
            && let Ok(event) = events.try_recv()
        {
            self.pending.push(&event);
        }
        self.flush();
    }

    fn flush(&mut self) {
        while !self.pending.is_empty() {
            let patience = Patience { control: &self.control, at_shutdown: self.config.patience };
            match self.destination.write(self.pending.rest(), patience) {
                Ok(bytes) => {
                    let lines = self.pending.taken(bytes);
                    self.ledger.write(lines);
                    if lines > 0 {
                        self.recover();
                    }
                }
                Err(error) => return self.fail(&error),
            }
        }
    }

    fn fail(&mut self, error: &io::Error) {
        let (refused, torn) = self.pending.give_up();
        if torn {
            self.destination.tear();
        }
        let to = &self.config.target;
        if error.kind() == io::ErrorKind::BrokenPipe && *to == Target::Stdout {
            self.reader_gone = true;
            tracing::warn!("the reader of standard output went away; events go nowhere now");
        } else if self.trouble.is_none() {
            let advice = advice(error);
            tracing::error!(%to, %error, "events can't be written and are refused: {advice}");
            self.trouble = Some(Trouble { refused: 0, retry_at: Instant::now() });
        }
        if let Some(trouble) = &mut self.trouble {
            trouble.retry_at = Instant::now() + self.config.retry_after;
        }
        self.refuse(refused);
    }

    fn refuse(&mut self, events: u64) {
        self.ledger.refuse(events);
        if let Some(trouble) = &mut self.trouble {
            trouble.refused += events;
        }
    }

    fn recover(&mut self) {
        if let Some(Trouble { refused, .. }) = self.trouble.take() {
            let to = &self.config.target;
            tracing::info!(%to, refused, "events are written again");
        }
    }

    fn reopen(&mut self) {
        match Destination::open(&self.config.target) {
            Ok(destination) => {
                self.destination = destination;
                tracing::info!(to = %self.config.target, "reopened the events file");
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "events go on to the file that was open before");
            }
        }
    }
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room on that disk",
        io::ErrorKind::FileTooLarge => "rotate the file",
        io::ErrorKind::BrokenPipe => "start its reader again",
        io::ErrorKind::TimedOut => "its reader takes nothing",
        _ => "trying again soon",
    }
}

#[cfg(test)]
mod tests;
