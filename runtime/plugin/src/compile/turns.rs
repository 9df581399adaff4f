use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

use super::{
    CompileError,
    process::{Cancel, PATIENCE},
};

/// Lets so many children compile at a time; others wait. All clones of a compiler share it.
#[derive(Debug)]
pub struct Turns {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Default for Turns {
    /// As many as there are CPUs, and two at least: one that takes minutes must not hold up the rest.
    fn default() -> Self {
        Self::new(thread::available_parallelism().map_or(2, |cpus| cpus.get().max(2)))
    }
}

/// Held while a child compiles.
#[derive(Debug)]
pub(super) struct Turn<'a>(&'a Turns);

impl Turns {
    pub fn new(at_a_time: usize) -> Self {
        Self { free: Mutex::new(at_a_time), freed: Condvar::new() }
    }

    pub(super) fn wait(&self, cancel: Cancel<'_>) -> Result<Turn<'_>, CompileError> {
        let mut free = self.free();
        loop {
            cancel.check()?;
            if let Some(left) = free.checked_sub(1) {
                *free = left;
                return Ok(Turn(self));
            }
            let waited = self.freed.wait_timeout(free, PATIENCE);
            free = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn free(&self) -> MutexGuard<'_, usize> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.free() += 1;
        self.0.freed.notify_one();
    }
}
