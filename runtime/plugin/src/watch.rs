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
use ringtap_pipeline::{name::PluginName, queue::Side};

use crate::{compile::Compiled, directory::QUIET, plugin::LoadError, privileges};

/// Looks are this far apart when nothing is heard: a change behind a link makes no event here, and
/// a directory may not exist yet.
const POLL: Duration = Duration::from_secs(2);

/// A burst that does not end is looked into nevertheless.
const MAX_BURST: Duration = Duration::from_secs(1);

/// What the loader is woken for.
#[derive(Debug)]
pub(crate) enum Wake {
    /// Something happened in a watched directory.
    Changed,
    /// Other interfaces are tapped than before.
    Interfaces,
    /// A compilation has ended; `ticket` tells which one of that plugin.
    Compiled { plugin: PluginName, ticket: u64, outcome: Result<Compiled, LoadError> },
    /// A trial has ended, or there was none to be had: that version stays.
    Verdict {
        plugin: PluginName,
        winner: Side,
        /// Why the new version was not taken.
        reason: Option<String>,
    },
    /// An instance has died, and its worker has ended.
    Failed { plugin: PluginName },
    /// Stop. Queues may take this long to run empty; `None`: as long as it takes.
    Shutdown { grace: Option<Duration> },
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
    /// `changes` is the sending end of `wakes`. With `follow` false, nothing is watched.
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

    /// What comes until `deadline`.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> Option<Wake> {
        let gone = Wake::Shutdown { grace: None };
        let Some(at) = deadline else { return Some(self.wakes.recv().unwrap_or(gone)) };
        match self.wakes.recv_timeout(at.saturating_duration_since(Instant::now())) {
            Ok(wake) => Some(wake),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(gone),
        }
    }
}

/// When it is worth looking at the files: some time after the last of a burst of changes, and
/// regularly.
#[derive(Debug)]
pub(crate) struct Looks {
    follow: bool,
    burst_began: Option<Instant>,
    next: Option<Instant>,
}

impl Looks {
    /// The first look is due at once. Without `follow` there is no other, unless something is heard.
    pub(crate) fn new(follow: bool, now: Instant) -> Self {
        Self { follow, burst_began: None, next: Some(now) }
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.next
    }

    /// Something was heard.
    pub(crate) fn hear(&mut self, now: Instant) {
        let began = *self.burst_began.get_or_insert(now);
        self.next = Some((now + QUIET).min(began + MAX_BURST));
    }

    /// Whether a look is due; then it is for the caller to look, now.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        let due = self.next.is_some_and(|at| now >= at);
        if due {
            (self.burst_began, self.next) = (None, self.follow.then(|| now + POLL));
        }
        due
    }

    /// What was seen may still be written.
    pub(crate) fn look_soon(&mut self, now: Instant) {
        self.next = self.follow.then(|| now + QUIET);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_waited_for_and_one_that_does_not_end_is_looked_into() {
        let start = Instant::now();
        let mut looks = Looks::new(true, start);
        assert!(looks.is_due(start));
        assert_eq!(looks.next(), Some(start + POLL));
        looks.hear(start);
        assert!(!looks.is_due(start + QUIET / 2));
        assert!(looks.is_due(start + QUIET));
        let mut now = start + POLL;
        looks.hear(now);
        while now < start + POLL + MAX_BURST {
            assert!(!looks.is_due(now));
            now += QUIET / 2;
            looks.hear(now);
        }
        assert!(looks.is_due(now));
    }

    #[test]
    fn without_following_there_is_one_look() {
        let start = Instant::now();
        let mut looks = Looks::new(false, start);
        assert!(looks.is_due(start));
        assert_eq!(looks.next(), None);
        looks.look_soon(start);
        assert_eq!(looks.next(), None);
    }
}
