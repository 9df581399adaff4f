use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use ringtap_pipeline::{
    metrics::{Collect, Families},
    name::PluginName,
};

use super::{
    error::KvError,
    image::{Image, Usage},
    store::KvStore,
    writer::Writer,
};

/// Where plugins store things. Cheap to clone: all clones are one.
#[derive(Clone, Debug)]
pub struct KvStores(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Nowhere,
    Memory(Arc<Mutex<BTreeMap<PluginName, Arc<KvStore>>>>),
    Kept(Arc<Writer>),
}

impl KvStores {
    /// There is no place: plugins that want to store something are refused.
    pub fn nowhere() -> Self {
        Self(Kind::Nowhere)
    }

    /// Empty at first, and gone with this.
    pub fn in_memory() -> Self {
        Self(Kind::Memory(Arc::default()))
    }

    /// In the file `kv.redb` of a directory, which nothing looks at before a plugin needs it. It is
    /// made then, mode 0700, and held until [`shutdown`](Self::shutdown).
    ///
    /// What a plugin commits is in the file, flushed to the disk, some milliseconds later; a process
    /// that is killed loses only what it committed since, whole calls of the plugin. What can't be
    /// written is kept in memory and tried again.
    pub fn in_directory(directory: PathBuf) -> Self {
        Self(Kind::Kept(Arc::new(Writer::new(directory))))
    }

    /// Write what waits and let go of the file. Blocks, for 10 s at most; what is committed
    /// afterwards is not kept.
    pub fn shutdown(&self) {
        if let Kind::Kept(writer) = &self.0 {
            writer.finish();
        }
    }

    /// The store of a plugin that may hold so much. Blocks until it is read.
    pub(crate) fn open(&self, name: &PluginName, limit: Usage) -> Result<Arc<KvStore>, KvError> {
        match &self.0 {
            Kind::Nowhere => Err(KvError::Nowhere),
            Kind::Kept(writer) => writer.store(name, limit),
            Kind::Memory(stores) => {
                let mut stores = stores.lock().unwrap_or_else(PoisonError::into_inner);
                let new = || Arc::new(KvStore::new(name.clone(), limit, Image::default(), None));
                Ok(Arc::clone(stores.entry(name.clone()).or_insert_with(new)))
            }
        }
    }

    fn stores(&self) -> Vec<Arc<KvStore>> {
        match &self.0 {
            Kind::Nowhere => Vec::new(),
            Kind::Kept(writer) => writer.stores(),
            Kind::Memory(stores) => {
                stores.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
            }
        }
    }
}

/// The metrics `ringtap_plugin_kv_*` and `ringtap_kv_write_errors_total`.
impl Collect for KvStores {
    fn collect(&self, families: &mut Families) {
        for store in self.stores() {
            let Usage { keys, bytes } = store.usage();
            for (name, help, value) in [
                ("ringtap_plugin_kv_keys", "Keys that the plugin has stored.", keys),
                ("ringtap_plugin_kv_bytes", "Bytes that count against max_kv.", bytes),
                (
                    "ringtap_plugin_kv_unsaved_keys",
                    "Keys whose changes are not on the disk yet.",
                    store.unsaved(),
                ),
            ] {
                families.gauge(name, help, &[("plugin", store.name.as_str())], value as f64);
            }
        }
        if let Kind::Kept(writer) = &self.0 {
            let help = "Times that what plugins store could not be written.";
            families.counter("ringtap_kv_write_errors_total", help, &[], writer.errors());
        }
    }
}

#[cfg(test)]
mod tests;
