use std::time::Duration;

use crate::{Interest, Refusal};

/// A plugin's life: made, called, stopped. Calls never overlap, and each has a deadline in CPU time;
/// a call that panics or overruns takes the instance down and leaves no trace in metrics or events.
///
/// The component's name and version are the package's.
pub trait Plugin: Sized + 'static {
    /// How often [`tick`](Self::tick) is called; the host rounds up to 10 ms. Default: never.
    const TICK: Duration = Duration::ZERO;

    /// Which packets the plugin wants, at most 64 interests; [`Packet::matches`] tells by their index
    /// which of them took a packet. Default: none, which is every packet, headers only.
    ///
    /// Asked before anything else, on an instance of its own that can call no capability: it can
    /// depend on nothing, the config included. A plugin that does not take packets has none.
    ///
    /// [`Packet::matches`]: crate::Packet::matches
    fn interests() -> Vec<Interest> {
        Vec::new()
    }

    /// Called once, first of all that may call the host. `config` is the text of `NAME.toml` beside
    /// `NAME.wasm`, or empty; see [`Config`](crate::Config). An error refuses the plugin and is shown to the operator.
    fn new(config: &str) -> Result<Self, Refusal>;

    /// Called about every [`TICK`](Self::TICK), between batches; missed ticks are not made up for.
    /// `now_ns` is Unix time, in replay the capture's.
    fn tick(&mut self, now_ns: u64) {
        let _ = now_ns;
    }

    /// Called once, last: the plugin is unloaded or replaced, or the runtime or the capture ends.
    /// Emit what is still held. Not called after a panic, nor where [`State::save`] has handed on what
    /// is held.
    ///
    /// [`State::save`]: crate::State::save
    fn stop(&mut self, now_ns: u64) {
        let _ = now_ns;
    }
}
