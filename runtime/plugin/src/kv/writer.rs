use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use ringtap_pipeline::name::PluginName;

use super::{
    database::KvFile,
    error::KvError,
    image::{Image, Usage},
    store::{KvStore, Write},
};
use crate::report::report;

/// Between two transactions: what is committed meanwhile goes together, and spares the disk a flush.
const REST: Duration = Duration::from_millis(10);

/// Until what failed is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// What the last transaction may take before the process ends without it.
const LAST_WRITE: Duration = Duration::from_secs(10);

/// Holds the file and writes to it what stores commit, on a thread of its own: commits in their
/// order, each whole or not at all.
#[derive(Debug)]
pub(super) struct Writer {
    directory: PathBuf,
    /// Opened when somebody needs it, and again after an error.
    file: Mutex<Option<KvFile>>,
    stores: Mutex<BTreeMap<PluginName, Weak<KvStore>>>,
    queue: Mutex<Queue>,
    woken: Condvar,
    errors: AtomicU64,
}

#[derive(Debug, Default)]
struct Queue {
    /// Those with something to write, each once.
    waiting: Vec<Arc<KvStore>>,
    thread: Option<Thread>,
    /// Whether there is a thread that takes what waits.
    is_taken: bool,
    end: bool,
}

#[derive(Debug)]
struct Thread {
    handle: JoinHandle<()>,
    /// Closed when the thread ends.
    ended: Receiver<()>,
}

impl Writer {
    pub(super) fn new(directory: PathBuf) -> Self {
        let (file, stores, queue, woken, errors) = Default::default();
        Self { directory, file, stores, queue, woken, errors }
    }

    /// The plugin's store: the one that others have, or what the file holds.
    pub(super) fn store(
        self: &Arc<Self>,
        name: &PluginName,
        limit: Usage,
    ) -> Result<Arc<KvStore>, KvError> {
        let mut stores = lock(&self.stores);
        if let Some(store) = stores.get(name).and_then(Weak::upgrade) {
            return Ok(store);
        }
        let image = self.load(name, limit)?;
        self.start().map_err(KvError::Thread)?;
        let writer = Some(Arc::clone(self));
        let store = Arc::new(KvStore::new(name.clone(), limit, image, writer));
        stores.insert(name.clone(), Arc::downgrade(&store));
        Ok(store)
    }

    /// Those that somebody uses, or that are not yet written.
    pub(super) fn stores(&self) -> Vec<Arc<KvStore>> {
        lock(&self.stores).values().filter_map(Weak::upgrade).collect()
    }

    /// Have what a store has unsaved written. Returns at once.
    pub(super) fn enqueue(&self, store: Arc<KvStore>) {
        let mut queue = lock(&self.queue);
        if queue.is_taken && !queue.waiting.iter().any(|one| Arc::ptr_eq(one, &store)) {
            queue.waiting.push(store);
            self.woken.notify_all();
        }
    }

    /// Writes that failed.
    pub(super) fn errors(&self) -> u64 {
        self.errors.load(Relaxed)
    }

    /// Write what waits, close the file and end the thread. Blocks; a second call does nothing.
    pub(super) fn finish(&self) {
        let mut queue = lock(&self.queue);
        queue.end = true;
        let thread = queue.thread.take();
        drop(queue);
        self.woken.notify_all();
        let Some(Thread { handle, ended }) = thread else { return };
        if ended.recv_timeout(LAST_WRITE) == Err(RecvTimeoutError::Timeout) {
            tracing::error!(
                "what plugins stored last is lost: the disk of {:?} takes more than {LAST_WRITE:?}",
                self.directory
            );
        } else if handle.join().is_err() {
            tracing::error!("the writer of plugins' data panicked: this is a bug in ringtap");
        }
    }

    fn load(&self, name: &PluginName, limit: Usage) -> Result<Image, KvError> {
        let mut file = lock(&self.file);
        let loaded = self.opened(&mut file)?.load(name, limit);
        // redb reads nothing more after some errors.
        if loaded.as_ref().is_err_and(|error| !matches!(error, KvError::OverLimit { .. })) {
            *file = None;
        }
        loaded
    }

    fn write(&self, writes: &[Write]) -> Result<(), KvError> {
        let mut file = lock(&self.file);
        let written = self.opened(&mut file)?.write(writes);
        if written.is_err() {
            *file = None;
        }
        written
    }

    fn opened<'a>(&self, file: &'a mut Option<KvFile>) -> Result<&'a KvFile, KvError> {
        if file.is_none() {
            *file = Some(KvFile::make(&self.directory)?);
        }
        file.as_ref().ok_or(KvError::Nowhere)
    }

    fn start(self: &Arc<Self>) -> std::io::Result<()> {
        let mut queue = lock(&self.queue);
        if queue.thread.is_none() && !queue.end {
            let (writer, (end, ended)) = (Arc::clone(self), channel());
            let handle = thread::Builder::new().name("kv-writer".into()).spawn(move || {
                writer.run();
                drop(end);
            })?;
            queue.thread = Some(Thread { handle, ended });
            queue.is_taken = true;
        }
        Ok(())
    }

    fn run(&self) {
        let mut failure = None;
        while let Some((stores, is_last)) = self.next() {
            let writes: Vec<_> = stores.iter().map(|store| store.take_unsaved()).collect();
            match self.write(&writes) {
                Ok(()) => {
                    stores.iter().for_each(|store| store.saved());
                    if failure.take().is_some() {
                        tracing::info!("plugins' data is written again");
                    }
                    self.rest(REST);
                }
                Err(error) if is_last => {
                    tracing::error!("what plugins stored last is lost: {}", report(&error));
                    break;
                }
                Err(error) => {
                    self.note(report(&error), &mut failure);
                    self.rest(RETRY);
                    self.write_everything();
                }
            }
        }
        self.take_no_more();
        let file = lock(&self.file).take();
        if let Some(Err(error)) = file.map(KvFile::close) {
            tracing::error!("closing the file of plugins' data: {}", report(&error));
        }
    }

    /// The stores that have something to write, and whether the end has come, after which nothing is
    /// tried twice; `None` when there is nothing and will be nothing.
    fn next(&self) -> Option<(Vec<Arc<KvStore>>, bool)> {
        let nothing = |queue: &mut Queue| queue.waiting.is_empty() && !queue.end;
        let queue = self.woken.wait_while(lock(&self.queue), nothing);
        let mut queue = queue.unwrap_or_else(PoisonError::into_inner);
        let waiting = std::mem::take(&mut queue.waiting);
        (!waiting.is_empty()).then_some((waiting, queue.end))
    }

    /// The end cuts it short.
    fn rest(&self, time: Duration) {
        let queue = self.woken.wait_timeout_while(lock(&self.queue), time, |queue| !queue.end);
        drop(queue);
    }

    /// Stores and this hold each other while something waits.
    fn take_no_more(&self) {
        let mut queue = lock(&self.queue);
        queue.is_taken = false;
        let waiting = std::mem::take(&mut queue.waiting);
        drop(queue);
        drop(waiting);
    }

    /// Count a failure, and say it where it is not the one before.
    fn note(&self, reason: String, before: &mut Option<String>) {
        self.errors.fetch_add(1, Relaxed);
        if before.as_ref() != Some(&reason) {
            tracing::error!(
                "what plugins store is not kept for now, and tried again every {RETRY:?}: {reason}"
            );
        }
        *before = Some(reason);
    }

    /// What the file holds is not known after an error, and it may be another file next time.
    fn write_everything(&self) {
        for store in self.stores() {
            store.save_everything();
            self.enqueue(store);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
