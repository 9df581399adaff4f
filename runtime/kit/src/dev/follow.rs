use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode, ModifyKind},
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::{Instant, timeout_at},
};

use crate::Project;

/// Some programs save in many steps; this long after the last of them, it is done.
const QUIET: Duration = Duration::from_millis(150);

/// A burst that does not end is looked into nevertheless.
const MAX_BURST: Duration = Duration::from_secs(2);

/// Folders that tools make, and what is built from.
const NOT_SOURCES: [&str; 6] =
    ["build", "target", "node_modules", "__pycache__", "venv", "zig-out"];

/// Files that builds bring up to date; what they say comes with a change of another file.
const WRITTEN_BY_BUILDS: [&str; 3] = ["Cargo.lock", "go.sum", "package-lock.json"];

/// Tells which projects' sources change.
pub struct Follower {
    watcher: RecommendedWatcher,
    events: UnboundedReceiver<notify::Result<Event>>,
    /// For each project, the folders that its sources lie in.
    roots: Vec<Vec<PathBuf>>,
}

/// Why sources can't be followed.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    #[error("can't follow changes of files")]
    Start(#[source] notify::Error),
    #[error("can't follow changes in {}", folder.display())]
    Watch { folder: PathBuf, source: notify::Error },
    #[error("can't read the folder {}", folder.display())]
    Read { folder: PathBuf, source: io::Error },
}

impl Follower {
    /// Changes from now on are told.
    pub fn new(projects: &[Project]) -> Result<Self, FollowError> {
        let (sender, events) = unbounded_channel();
        // Nobody listens any more only where all of this ends.
        let watcher = notify::recommended_watcher(move |event| drop(sender.send(event)));
        let watcher = watcher.map_err(FollowError::Start)?;
        let roots = projects.iter().map(roots).collect();
        let mut follower = Self { watcher, events, roots };
        for root in follower.roots.concat() {
            follower.watch_below(&root)?;
        }
        Ok(follower)
    }

    /// Wait for changes and until they seem to be complete. The answer is the projects' numbers, in
    /// the order in which they were named. May be dropped and called again, without a loss.
    pub async fn changed(&mut self) -> Result<BTreeSet<usize>, FollowError> {
        let mut changed = BTreeSet::new();
        while changed.is_empty() {
            let Some(event) = self.events.recv().await else {
                return std::future::pending().await;
            };
            self.take(event, &mut changed)?;
        }
        let end = Instant::now() + MAX_BURST;
        let mut quiet = Instant::now() + QUIET;
        while let Ok(Some(event)) = timeout_at(quiet.min(end), self.events.recv()).await {
            self.take(event, &mut changed)?;
            quiet = Instant::now() + QUIET;
        }
        Ok(changed)
    }

    fn take(
        &mut self,
        event: notify::Result<Event>,
        changed: &mut BTreeSet<usize>,
    ) -> Result<(), FollowError> {
        // Where events were lost, anything may have changed.
        let Ok(event) = event.map_err(drop) else {
            changed.extend(0..self.roots.len());
            return Ok(());
        };
        if event.need_rescan() {
            changed.extend(0..self.roots.len());
        }
        if !says_change(&event.kind) {
            return Ok(());
        }
        for path in &event.paths {
            let concerned = self.concerned(path);
            if !concerned.is_empty() && path.is_dir() {
                self.watch_below(path)?;
            }
            changed.extend(concerned);
        }
        Ok(())
    }

    fn concerned(&self, path: &Path) -> Vec<usize> {
        let is_of = |roots: &Vec<PathBuf>| {
            roots.iter().filter_map(|root| path.strip_prefix(root).ok()).any(is_source)
        };
        let numbers = self.roots.iter().enumerate();
        numbers.filter(|(_, roots)| is_of(roots)).map(|(number, _)| number).collect()
    }

    fn watch_below(&mut self, folder: &Path) -> Result<(), FollowError> {
        let watched = self.watcher.watch(folder, RecursiveMode::NonRecursive);
        match watched {
            // It was there a moment ago.
            Err(_) if !folder.is_dir() => return Ok(()),
            watched => watched
                .map_err(|source| FollowError::Watch { folder: folder.to_owned(), source })?,
        }
        let failed = |source| FollowError::Read { folder: folder.to_owned(), source };
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && is_source(Path::new(&entry.file_name())) {
                self.watch_below(&entry.path())?;
            }
        }
        Ok(())
    }
}

/// The project's folder, and those of its SDK and WIT package that lie elsewhere.
fn roots(project: &Project) -> Vec<PathBuf> {
    let manifest = &project.manifest;
    let outside = [Some(&manifest.sdk), manifest.wit.as_ref()].into_iter().flatten();
    let outside = outside.filter_map(|path| project.folder.join(path).canonicalize().ok());
    let outside = outside.filter(|path| !path.starts_with(&project.folder));
    [project.folder.clone()].into_iter().chain(outside).collect()
}

/// Whether a path within a project is one of what it is built from.
fn is_source(path: &Path) -> bool {
    let mut names = path.iter().map(|name| name.to_string_lossy());
    let is_left_out = |name: &str| name.starts_with('.') || NOT_SOURCES.contains(&name);
    if names.any(|name| is_left_out(&name)) {
        return false;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // Of editors, and the component itself.
    let passing = [".swp", ".swx", ".tmp", ".bak", ".orig", ".wasm", "~"];
    !passing.iter().any(|end| name.ends_with(end))
        && name != "4913"
        && !WRITTEN_BY_BUILDS.contains(&&*name)
}

/// Being opened, read or touched is no change of contents.
fn says_change(kind: &EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_)) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests;
