use std::sync::{Arc, PoisonError, RwLock};

use crate::{batch::Batch, name::PluginName, queue::Queue};

type Queues = Vec<(PluginName, Arc<Queue>)>;

/// Gives every batch to every plugin's queue. Plugins come and go while it runs.
#[derive(Debug, Default)]
pub struct Fanout {
    queues: RwLock<Arc<Queues>>,
}

impl Fanout {
    /// Feed `queue` from the next batch on. A queue of the same name is closed and replaced.
    pub fn add(&self, name: PluginName, queue: Arc<Queue>) {
        self.remove(&name);
        Arc::make_mut(&mut self.write()).push((name, queue));
    }

    /// Stop feeding the plugin's queue and close it. What is inside can still be taken.
    pub fn remove(&self, name: &PluginName) {
        Arc::make_mut(&mut self.write()).retain(|(other, queue)| {
            let stays = other != name;
            if !stays {
                queue.close();
            }
            stays
        });
    }

    /// Hand on a batch. Empty batches are not worth a call. A plugin that is removed meanwhile may
    /// still get it, into a closed queue.
    pub fn publish(&self, batch: Batch) {
        if batch.is_empty() {
            return;
        }
        let batch = Arc::new(batch);
        // No lock is held over a push, which can wait for a plugin that is about to be removed.
        let queues = Arc::clone(&self.queues.read().unwrap_or_else(PoisonError::into_inner));
        for (_, queue) in queues.iter() {
            queue.push(Arc::clone(&batch));
        }
    }

    /// Close every queue: no batch comes any more.
    pub fn close(&self) {
        for (_, queue) in std::mem::take(&mut *self.write()).iter() {
            queue.close();
        }
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Arc<Queues>> {
        self.queues.write().unwrap_or_else(PoisonError::into_inner)
    }
}
