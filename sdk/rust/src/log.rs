//! Lines in the operator's log, under the plugin's name. Written at once, also when the call fails
//! later. The host keeps at most 1 KiB of a line.

use std::{fmt, panic};

use crate::host;

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For the plugin's author.
    Debug,
    /// Worth knowing.
    Info,
    /// Something may be wrong.
    Warn,
    /// Something is wrong.
    Error,
}

/// Write a line. [`debug!`](crate::debug), [`info!`](crate::info), [`warn!`](crate::warn) and
/// [`error!`](crate::error) take a format string.
pub fn write(level: Level, line: fmt::Arguments<'_>) {
    match line.as_str() {
        Some(line) => host::log(level, line),
        None => host::log(level, &line.to_string()),
    }
}

/// Log the message of a panic before it ends the instance. For the start of
/// [`Plugin::new`](crate::Plugin::new).
///
/// Not done by itself, because it makes every plugin ask for the capability `log`. Without it the
/// operator reads only that the plugin hit an `unreachable` instruction.
pub fn report_panics() {
    panic::set_hook(Box::new(|info| write(Level::Error, format_args!("{info}"))));
}

/// [`log::write`](crate::log::write) at [`Level::Debug`](crate::log::Level::Debug).
#[macro_export]
macro_rules! debug {
    ($($line:tt)*) => {
        $crate::log::write($crate::log::Level::Debug, ::core::format_args!($($line)*))
    };
}

/// [`log::write`](crate::log::write) at [`Level::Info`](crate::log::Level::Info).
#[macro_export]
macro_rules! info {
    ($($line:tt)*) => {
        $crate::log::write($crate::log::Level::Info, ::core::format_args!($($line)*))
    };
}

/// [`log::write`](crate::log::write) at [`Level::Warn`](crate::log::Level::Warn).
#[macro_export]
macro_rules! warn {
    ($($line:tt)*) => {
        $crate::log::write($crate::log::Level::Warn, ::core::format_args!($($line)*))
    };
}

/// [`log::write`](crate::log::write) at [`Level::Error`](crate::log::Level::Error).
#[macro_export]
macro_rules! error {
    ($($line:tt)*) => {
        $crate::log::write($crate::log::Level::Error, ::core::format_args!($($line)*))
    };
}
