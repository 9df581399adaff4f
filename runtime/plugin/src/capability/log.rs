use std::sync::Arc;

use ringtap_pipeline::name::PluginName;
use wasmtime::component::{HasSelf, Linker};

use super::text::printable_part;
use crate::{bindings::log, host::Host, meter::Meter};

#[derive(Debug)]
pub(crate) struct Log {
    plugin: PluginName,
    meter: Arc<Meter>,
}

impl Log {
    pub(crate) fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
        log::add_to_linker::<_, HasSelf<Self>>(linker, |host| &mut host.log)
    }

    pub(crate) fn new(plugin: PluginName, meter: Arc<Meter>) -> Self {
        Self { plugin, meter }
    }

    /// Write the line that has `bytes` in all and of which `kept` is the beginning.
    pub(crate) fn line(&mut self, level: log::Level, kept: &str, bytes: usize) {
        if !self.meter.may_log() {
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

    fn report_suppressed(&self) {
        let lines = self.meter.take_untold();
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
