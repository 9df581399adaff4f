use std::sync::{Arc, PoisonError, RwLock};

use crate::{batch::Batch, name::PluginName, queue::Queue};

/// Gives every batch to every plugin's queue. Plugins come and go while it runs.
#[derive(Debug, Default)]
pub struct Fanout {
    queues: RwLock<Vec<(PluginName, Arc<Queue>)>>,
}

impl Fanout {
    /// Feed `queue` from the next batch on. A queue of the same name is closed and replaced.
    pub fn add(&self, name: PluginName, queue: Arc<Queue>) {
        self.remove(&name);
        self.write().push((name, queue));
    }

    /// Stop feeding the plugin's queue and close it. What is inside can still be taken.
    pub fn remove(&self, name: &PluginName) {
        self.write().retain(|(other, queue)| {
            let stays = other != name;
            if !stays {
                queue.close();
            }
            stays
        });
    }

    /// Hand on a batch. Empty batches are not worth a call.
    pub fn publish(&self, batch: Batch) {
        if batch.is_empty() {
            return;
        }
        let batch = Arc::new(batch);
        for (_, queue) in self.queues.read().unwrap_or_else(PoisonError::into_inner).iter() {
            queue.push(Arc::clone(&batch));
        }
    }

    /// Close every queue: no batch comes any more.
    pub fn close(&self) {
        for (_, queue) in self.write().drain(..) {
            queue.close();
        }
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Vec<(PluginName, Arc<Queue>)>> {
        self.queues.write().unwrap_or_else(PoisonError::into_inner)
    }
}
