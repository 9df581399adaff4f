use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use ringtap_plugin::InterfaceNames;

/// The names of interfaces by the numbers in records.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(Arc<RwLock<HashMap<u32, String>>>);

impl Names {
    pub(crate) fn insert(&self, ifindex: u32, name: &str) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(ifindex, name.to_owned());
    }

    fn find(&self, ifindex: u32) -> Option<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&ifindex).cloned()
    }

    /// What plugins ask.
    pub(crate) fn for_plugins(&self) -> InterfaceNames {
        let names = self.clone();
        Arc::new(move |ifindex| names.find(ifindex))
    }
}
