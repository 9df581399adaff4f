use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError, RwLock},
};

use ringtap_plugin::IsTapped;

/// The names of the interfaces that are tapped: others, a plugin can't ask for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tapped(Arc<RwLock<BTreeSet<String>>>);

impl Tapped {
    /// The tapped interfaces, by name and index.
    pub(crate) fn new(interfaces: &[(String, u32)]) -> Self {
        let tapped = Self::default();
        tapped.follow(interfaces);
        tapped
    }

    /// These are tapped now, and no others.
    pub(crate) fn follow(&self, interfaces: &[(String, u32)]) {
        let names = interfaces.iter().map(|(name, _)| name.clone()).collect();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = names;
    }

    /// What the interests of plugins are held against.
    pub(crate) fn for_plugins(&self) -> IsTapped {
        let Self(tapped) = self.clone();
        Arc::new(move |name| tapped.read().unwrap_or_else(PoisonError::into_inner).contains(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_handed_out_knows_of_changes() {
        let tapped = Tapped::new(&[("eth0".to_owned(), 2)]);
        let is_tapped = tapped.for_plugins();
        assert!(is_tapped("eth0") && !is_tapped("eth1"));
        tapped.follow(&[("eth1".to_owned(), 3)]);
        assert!(is_tapped("eth1") && !is_tapped("eth0"));
    }
}
