use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Speaks to a running sink from other threads.
#[derive(Debug, Default)]
pub struct Control {
    reopen: AtomicBool,
    shutting_down: AtomicBool,
}

impl Control {
    /// Open the file anew by its path, soon: it was rotated. Where that fails, the old one stays.
    pub fn reopen(&self) {
        self.reopen.store(true, Relaxed);
    }

    /// Stop waiting for a reader that takes nothing. The sink still ends only when every sender is
    /// gone, so that no event is left uncounted.
    pub fn shut_down(&self) {
        self.shutting_down.store(true, Relaxed);
    }

    pub(super) fn take_reopen(&self) -> bool {
        self.reopen.swap(false, Relaxed)
    }

    pub(super) fn is_shutting_down(&self) -> bool {
        self.shutting_down.load(Relaxed)
    }
}
