use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError, RwLock},
};

use ringtap_plugin::InterfaceNames;

/// Names that are kept beside those of tapped interfaces, for records that are still on their way.
const KEPT: usize = 1024;

/// The names of interfaces by the numbers in records.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(Arc<RwLock<BTreeMap<u32, String>>>);

impl Names {
    pub(crate) fn insert(&self, ifindex: u32, name: &str) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(ifindex, name.to_owned());
    }

    /// Learn the names of the tapped interfaces. Of the others, the oldest are forgotten.
    pub(crate) fn follow(&self, tapped: &[(String, u32)]) {
        let mut names = self.0.write().unwrap_or_else(PoisonError::into_inner);
        names.extend(tapped.iter().map(|(name, index)| (*index, name.clone())));
        let tapped: BTreeSet<_> = tapped.iter().map(|(_, index)| *index).collect();
        let gone: Vec<_> = names.keys().filter(|index| !tapped.contains(*index)).copied().collect();
        // The kernel counts up.
        let spare = gone.len().saturating_sub(KEPT);
        for index in gone.iter().take(spare) {
            names.remove(index);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_interfaces_that_went_are_kept_for_a_while() {
        let names = Names::default();
        let last = KEPT as u32 + 10;
        for index in 5..=last {
            names.follow(&[("eth0".to_owned(), 2), (format!("veth{index}"), index)]);
        }
        names.follow(&[("wan".to_owned(), 2)]);
        assert_eq!(names.find(2).as_deref(), Some("wan"));
        assert_eq!(names.find(last), Some(format!("veth{last}")));
        assert_eq!(names.find(5), None);
        assert_eq!(names.find(last - KEPT as u32), None);
        assert!(names.find(last - KEPT as u32 + 1).is_some());
    }
}
