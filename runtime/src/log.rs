//! The runtime's own log: to stderr, since stdout is for data.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::{fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{Log, LogFormat};

/// Take log lines from here on. Text is coloured on a terminal unless `NO_COLOR` is set.
pub(crate) fn init(log: &Log) -> anyhow::Result<()> {
    // A closed stderr must not become a panic: the layer would report its own failures there.
    let layer = fmt::layer().with_writer(stderr).log_internal_errors(false);
    let subscriber = tracing_subscriber::registry().with(log.filter.filter());
    match log.format {
        LogFormat::Text => subscriber.with(layer.with_ansi(colours())).try_init()?,
        LogFormat::Json => subscriber.with(layer.json().flatten_event(true)).try_init()?,
    }
    Ok(())
}

/// <https://no-color.org>
fn colours() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !refused && stderr().is_terminal()
}
