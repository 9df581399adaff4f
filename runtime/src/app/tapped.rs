use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError, RwLock, RwLockWriteGuard},
};

use ringtap_plugin::IsTapped;

/// The names of the interfaces that are tapped: others, a plugin can't ask for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tapped(Arc<RwLock<BTreeSet<String>>>);

impl Tapped {
    pub(crate) fn insert(&self, interface: &str) {
        self.write().insert(interface.to_owned());
    }

    pub(crate) fn remove(&self, interface: &str) {
        self.write().remove(interface);
    }

    /// What the interests of plugins are held against.
    pub(crate) fn for_plugins(&self) -> IsTapped {
        let Self(tapped) = self.clone();
        Arc::new(move |name| tapped.read().unwrap_or_else(PoisonError::into_inner).contains(name))
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeSet<String>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> FromIterator<&'a str> for Tapped {
    fn from_iter<T: IntoIterator<Item = &'a str>>(interfaces: T) -> Self {
        let tapped = Self::default();
        interfaces.into_iter().for_each(|name| tapped.insert(name));
        tapped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_handed_out_knows_of_changes() {
        let tapped: Tapped = ["eth0"].into_iter().collect();
        let is_tapped = tapped.for_plugins();
        assert!(is_tapped("eth0") && !is_tapped("eth1"));
        tapped.insert("eth1");
        tapped.remove("eth0");
        assert!(is_tapped("eth1") && !is_tapped("eth0"));
    }
}
