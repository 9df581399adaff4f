use std::{
    collections::BTreeMap,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender},
    thread,
    time::{Duration, Instant},
};

use notify::{
    EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode},
};

use crate::{directory::QUIET, privileges};

/// Looks are this far apart when nothing is heard: a change behind a link makes no event here, and
/// a directory may not exist yet.
const POLL: Duration = Duration::from_secs(2);

/// A burst that does not end is looked into nevertheless.
const MAX_BURST: Duration = Duration::from_secs(1);

/// What ends the wait for a change.
#[derive(Debug)]
pub(crate) enum Wake {
    /// Something happened in a watched directory.
    Changed,
    /// Other interfaces are tapped than before.
    Interfaces,
    /// Stop. Queues may take this long to run empty; `None`: as long as it takes.
    Shutdown { grace: Option<Duration> },
}

/// What a wait came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Waited {
    Look {
        /// Whether other interfaces are tapped than before.
        interfaces_changed: bool,
    },
    Shutdown {
        grace: Option<Duration>,
    },
}

/// Notices changes in directories. Where the kernel can't tell, regular looks have to do.
#[derive(Debug)]
pub(crate) struct Watch {
    wakes: Receiver<Wake>,
    watcher: Option<RecommendedWatcher>,
    /// With the directory that the path led to.
    watched: BTreeMap<PathBuf, (u64, u64)>,
}

impl Watch {
    /// `changes` is the sending end of `wakes`. With `follow` false, only a shutdown ends a wait.
    pub(crate) fn new(wakes: Receiver<Wake>, changes: Sender<Wake>, follow: bool) -> Self {
        let watcher = follow.then(|| watcher(changes)).flatten();
        Self { wakes, watcher, watched: BTreeMap::new() }
    }

    /// Watch these directories, again if a path leads to another one by now.
    pub(crate) fn keep_watching<'a>(&mut self, directories: impl Iterator<Item = &'a Path>) {
        let Some(watcher) = &mut self.watcher else { return };
        for path in directories {
            let is = std::fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()));
            if is == self.watched.get(path).copied() {
                continue;
            }
            if self.watched.remove(path).is_some() {
                // Where the directory is gone, so is the kernel's watch.
                watcher.unwatch(path).ok();
            }
            let Some(is) = is else { continue };
            match watcher.watch(path, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.watched.insert(path.to_owned(), is);
                }
                Err(error) => tracing::warn!(
                    "changes in {path:?} are only seen every {POLL:?}, watching it failed: {error}"
                ),
            }
        }
    }

    /// Wait until it is worth looking: some time after the last of a burst of changes.
    pub(crate) fn wait(&self, follow: bool, unsettled: bool) -> Waited {
        let first = match (follow, unsettled) {
            (false, _) => self.wakes.recv().map_err(|_| RecvTimeoutError::Disconnected),
            (true, true) => self.wakes.recv_timeout(QUIET),
            (true, false) => self.wakes.recv_timeout(POLL),
        };
        let (mut wake, mut interfaces_changed) = (first, false);
        let burst_ends = Instant::now() + MAX_BURST;
        loop {
            match wake {
                Ok(Wake::Shutdown { grace }) => return Waited::Shutdown { grace },
                Err(RecvTimeoutError::Disconnected) => return Waited::Shutdown { grace: None },
                Err(RecvTimeoutError::Timeout) => return Waited::Look { interfaces_changed },
                Ok(what) => {
                    interfaces_changed |= matches!(what, Wake::Interfaces);
                    if Instant::now() >= burst_ends {
                        return Waited::Look { interfaces_changed };
                    }
                    wake = self.wakes.recv_timeout(QUIET);
                }
            }
        }
    }
}

fn watcher(changes: Sender<Wake>) -> Option<RecommendedWatcher> {
    let on_event = move |event: notify::Result<notify::Event>| {
        // An error, such as an overflow of the kernel's queue, may hide a change.
        if event.map_or(true, |event| is_change(event.kind)) {
            // Nobody listens any more during a shutdown.
            changes.send(Wake::Changed).ok();
        }
    };
    // Its thread has the capabilities of the one that starts it.
    let watcher = thread::scope(|scope| {
        let start = || {
            privileges::drop_all_or_say();
            notify::recommended_watcher(on_event)
        };
        let thread =
            thread::Builder::new().spawn_scoped(scope, start).map_err(notify::Error::io)?;
        thread.join().unwrap_or_else(|_| Err(notify::Error::generic("its thread panicked")))
    });
    let said = |error| tracing::warn!("changes are only seen every {POLL:?}: {error}");
    watcher.map_err(said).ok()
}

/// Looking at files makes events too, which must not lead to another look.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}
