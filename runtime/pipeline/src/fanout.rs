use std::{
    collections::VecDeque,
    sync::{
        PoisonError, RwLock, RwLockWriteGuard,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use crate::{batch::Collected, name::PluginName, routes::Routes};

/// Generations of which routes are kept. Records of one are no longer published when the tables of
/// the next have been installed; the others are for a [`Judge`](crate::judge::Judge) that is late.
const KEPT: usize = 4;

/// Gives every record to the plugins that want it, each its own. What they want is for
/// [`Subscriptions`](crate::subscriptions::Subscriptions) to say.
#[derive(Debug, Default)]
pub struct Fanout {
    /// Oldest first. Locked over pushes, so that what a plugin wants changes between two batches and
    /// never while one is on its way into its queue.
    routes: RwLock<VecDeque<Routes>>,
    strays: AtomicU64,
}

impl Fanout {
    /// Hand on records. In front of a queue that waits, this waits.
    pub fn publish(&self, collected: Collected) {
        if collected.records.is_empty() {
            return;
        }
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        match routes.iter().rev().find(|routes| routes.generation == collected.generation) {
            Some(routes) => routes.publish(collected),
            None => self.note_strays(&collected),
        }
    }

    /// Records that came with a generation of tables that nobody knows, and so ended here. Not 0
    /// means a bug in ringtap.
    pub fn strays(&self) -> u64 {
        self.strays.load(Relaxed)
    }

    /// Know one more generation. Call it before any record can come that its tables judged.
    pub(crate) fn add(&self, new: Routes) {
        let mut routes = self.write();
        if routes.len() == KEPT {
            routes.pop_front();
        }
        routes.push_back(new);
    }

    /// Forget a generation whose tables were not installed.
    pub(crate) fn forget(&self, generation: u32) {
        self.write().retain(|routes| routes.generation != generation);
    }

    /// Route a generation by other routes from here on, between two batches, where `at_switch` is
    /// called. `name`'s are the routes that differ; what older tables kept for it is no longer for it.
    pub(crate) fn switch(&self, new: Routes, name: &PluginName, at_switch: impl FnOnce()) {
        let mut routes = self.write();
        for known in &mut *routes {
            known.remove(name);
        }
        routes.retain(|known| known.generation != new.generation);
        routes.push_back(new);
        at_switch();
    }

    /// Route nothing to the plugin. Close its queue before: whoever publishes may wait for it.
    pub(crate) fn remove(&self, name: &PluginName) {
        self.write().iter_mut().for_each(|routes| routes.remove(name));
    }

    fn write(&self) -> RwLockWriteGuard<'_, VecDeque<Routes>> {
        self.routes.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_strays(&self, collected: &Collected) {
        let Collected { generation, records, .. } = collected;
        if self.strays.fetch_add(records.len() as u64, Relaxed) == 0 {
            tracing::error!(
                "records of an unknown generation of tables, {generation}, went nowhere: this is a bug in ringtap"
            );
        }
    }
}
