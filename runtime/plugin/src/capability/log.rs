use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use ringtap_pipeline::name::PluginName;
use wasmtime::component::{HasSelf, Linker};

use crate::{bindings::log, host::Host, limits::Limits};

/// What is kept of a message; `wit/capabilities.wit` promises it.
pub(crate) const MAX_MESSAGE: usize = 1024;

#[derive(Debug)]
pub(crate) struct Log {
    plugin: PluginName,
    bucket: Bucket,
}

impl Log {
    pub(crate) fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
        log::add_to_linker::<_, HasSelf<Self>>(linker, |host| &mut host.log)
    }

    pub(crate) fn new(plugin: PluginName, limits: &Limits) -> Self {
        let bucket = Bucket::new(limits.log_burst, limits.log_lines_per_second, Instant::now());
        Self { plugin, bucket }
    }

    /// Write the line that has `bytes` in all and of which `kept` is the beginning.
    pub(crate) fn line(&mut self, level: log::Level, kept: &str, bytes: usize) {
        if !self.bucket.take(Instant::now()) {
            return;
        }
        self.report_suppressed();
        let (plugin, message) = (&self.plugin, printable_part(kept, bytes));
        match level {
            log::Level::Debug => tracing::debug!(target: "plugin", %plugin, "{message}"),
            log::Level::Info => tracing::info!(target: "plugin", %plugin, "{message}"),
            log::Level::Warn => tracing::warn!(target: "plugin", %plugin, "{message}"),
            log::Level::Error => tracing::error!(target: "plugin", %plugin, "{message}"),
        }
    }

    fn report_suppressed(&mut self) {
        let lines = std::mem::take(&mut self.bucket.suppressed);
        if lines > 0 {
            tracing::warn!(target: "plugin", plugin = %self.plugin, lines, "log lines were dropped: too many at once");
        }
    }
}

impl log::Host for Log {
    fn write(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        self.line(level, &message, message.len());
        Ok(())
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.report_suppressed();
    }
}

/// The first [`MAX_MESSAGE`] bytes of a guest's text, on one line and without what a terminal acts on.
pub(crate) fn printable(message: &str) -> String {
    printable_part(message, message.len())
}

/// The same of a text that has `bytes` in all and of which `message` is the beginning.
fn printable_part(message: &str, bytes: usize) -> String {
    let kept = &message[..message.floor_char_boundary(MAX_MESSAGE)];
    let mut line = String::with_capacity(kept.len());
    for c in kept.chars() {
        if c.is_control() {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    if kept.len() < bytes {
        write!(line, "… ({bytes} bytes in all)").expect("a string takes all");
    }
    line
}

/// A flood of log lines must not fill the operator's disk.
#[derive(Debug)]
struct Bucket {
    tokens: f64,
    burst: f64,
    per_second: f64,
    filled: Instant,
    suppressed: u64,
}

impl Bucket {
    fn new(burst: u32, per_second: u32, now: Instant) -> Self {
        let (burst, per_second) = (f64::from(burst), f64::from(per_second));
        Self { tokens: burst, burst, per_second, filled: now, suppressed: 0 }
    }

    fn take(&mut self, now: Instant) -> bool {
        let passed: Duration = now.saturating_duration_since(self.filled);
        self.tokens = (self.tokens + passed.as_secs_f64() * self.per_second).min(self.burst);
        self.filled = now;
        let enough = self.tokens >= 1.0;
        if enough {
            self.tokens -= 1.0;
        } else {
            self.suppressed += 1;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_that_no_terminal_acts_on() {
        assert_eq!(printable("a\nb\x1b[2J\u{9b}ü"), "a\\nb\\u{1b}[2J\\u{9b}ü");
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let long = format!("{}ü{}", "x".repeat(MAX_MESSAGE - 1), "y".repeat(10));
        let kept = format!("{}… (1035 bytes in all)", "x".repeat(MAX_MESSAGE - 1));
        assert_eq!(printable(&long), kept);
    }

    #[test]
    fn a_burst_passes_and_a_flood_is_counted() {
        let start = Instant::now();
        let mut bucket = Bucket::new(3, 2, start);
        let passed = (0..10).filter(|_| bucket.take(start)).count();
        assert_eq!((passed, bucket.suppressed), (3, 7));
        assert!(!bucket.take(start + Duration::from_millis(499)));
        assert!(bucket.take(start + Duration::from_millis(500)));
        let later = start + Duration::from_secs(3600);
        assert_eq!((0..10).filter(|_| bucket.take(later)).count(), 3);
    }
}
