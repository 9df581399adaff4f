use std::{fmt, time::Duration};

use ringtap_pipeline::text::is_printable;
use wasmtime::{Trap, WasmBacktrace};

use crate::{bitmap::BadBitmap, bounds::Bounds, capability::printable};

/// Guest frames that an error names.
const FRAMES: usize = 6;

const MAX_FUNCTION_NAME: usize = 80;

/// What the host calls in a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Call {
    Instantiate,
    Describe,
    Init,
    OnPackets,
    Keep,
    OnEvents,
    Tick,
    Save,
    Restore,
    Stop,
}

impl Call {
    /// The name in `wit/roles.wit`, which is the value of the label `call`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Instantiate => "instantiate",
            Self::Describe => "describe",
            Self::Init => "init",
            Self::OnPackets => "on-packets",
            Self::Keep => "keep",
            Self::OnEvents => "on-events",
            Self::Tick => "tick",
            Self::Save => "save",
            Self::Restore => "restore",
            Self::Stop => "stop",
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a call failed. In each case the instance is dead, and what the call did is undone.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The guest used up its CPU time.
    #[error("`{call}` used up its {limit:?} of CPU time and was ended")]
    Overrun { call: Call, limit: Duration },
    /// The guest trapped; `place` names its innermost functions where it has names.
    #[error("`{call}` trapped: {}{place}{memory}", TrapName(.trap), memory = Memory(*.memory_refused))]
    Trap { call: Call, trap: Trap, place: String, memory_refused: bool },
    /// A filter's answer was none.
    #[error("`{call}` answered with {bad}")]
    Answer { call: Call, bad: BadBitmap },
    /// The guest called what may not be called there.
    #[error("`{call}` called `{function}`: {call} may call no capability")]
    Forbidden { call: Call, function: String },
    /// The guest broke the canonical ABI or handed over too much, or, in an instantiation, the host
    /// could not set up what it needs.
    #[error("`{call}` failed: {cause}{place}{memory}", memory = Memory(*.memory_refused))]
    Failed { call: Call, cause: String, place: String, memory_refused: bool },
}

/// A capability was called where none may be.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` may not be called here")]
pub(crate) struct ForbiddenCall(pub(crate) String);

impl CallError {
    pub(crate) fn new(
        call: Call,
        limit: Duration,
        bounds: &Bounds,
        source: wasmtime::Error,
    ) -> Self {
        let memory_refused = bounds.limiter.refused();
        if bounds.overrun() {
            return Self::Overrun { call, limit };
        }
        if let Some(ForbiddenCall(function)) = source.downcast_ref() {
            return Self::Forbidden { call, function: function.clone() };
        }
        if let Some(bad) = source.downcast_ref::<BadBitmap>() {
            return Self::Answer { call, bad: bad.clone() };
        }
        match source.downcast_ref::<Trap>() {
            Some(trap) => Self::Trap { call, trap: *trap, place: place(&source), memory_refused },
            None => {
                let (cause, place) = (cause(&source), place(&source));
                Self::Failed { call, cause, place, memory_refused }
            }
        }
    }
}

/// The causes without the backtrace, which takes many lines.
fn cause(error: &wasmtime::Error) -> String {
    let backtrace = usize::from(error.downcast_ref::<WasmBacktrace>().is_some());
    let causes: Vec<_> = error.chain().skip(backtrace).map(ToString::to_string).collect();
    printable(&causes.join(": "))
}

fn place(error: &wasmtime::Error) -> String {
    let frames = error.downcast_ref::<WasmBacktrace>().map_or(&[][..], WasmBacktrace::frames);
    let names = frames.iter().filter_map(|frame| frame.func_name());
    let names: Vec<_> = names.take(FRAMES).map(short).collect();
    if names.is_empty() { String::new() } else { format!(" (in {})", names.join(" < ")) }
}

/// Names are the guest's and can be anything.
fn short(name: &str) -> String {
    name.chars().filter(|c| is_printable(*c)).take(MAX_FUNCTION_NAME).collect()
}

/// wasmtime's words for it, without the prefix that says once more what it is.
struct TrapName<'a>(&'a Trap);

impl fmt::Display for TrapName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0.to_string();
        f.write_str(name.strip_prefix("wasm trap: ").unwrap_or(&name))
    }
}

struct Memory(bool);

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { ", after it was refused memory over its limit" } else { "" })
    }
}
