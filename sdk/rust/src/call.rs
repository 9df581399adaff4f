//! What waits for the end of a call of the plugin, to cross to the host once instead of each time.

use std::cell::Cell;

/// Work for the end of each call. It is set by the code that makes such work, never by the glue: the
/// linker then drops the host function of a capability that the plugin doesn't use, and with it the
/// import that the operator would read.
pub(crate) struct AtEnd(Cell<Option<fn()>>);

impl AtEnd {
    const fn nothing() -> Self {
        Self(Cell::new(None))
    }

    pub(crate) fn set(&self, work: fn()) {
        self.0.set(Some(work));
    }

    fn run(&self) {
        if let Some(work) = self.0.get() {
            work();
        }
    }
}

thread_local! {
    pub(crate) static EVENTS: AtEnd = const { AtEnd::nothing() };
    pub(crate) static METRICS: AtEnd = const { AtEnd::nothing() };
}

/// The plugin returns from a call.
pub(crate) fn end() {
    EVENTS.with(AtEnd::run);
    METRICS.with(AtEnd::run);
}
