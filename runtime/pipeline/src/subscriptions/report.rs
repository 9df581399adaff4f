use ringtap_interest::Interest;

use super::{Subscriber, Subscriptions};
use crate::{
    metrics::{Collect, Families},
    name::PluginName,
};

/// What plugins want, as it is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Of the tables that judge; `None` before any plugin wanted something.
    pub generation: Option<u32>,
    /// Bits that are taken, of [`MAX_RULES`](ringtap_interest::MAX_RULES).
    pub rules: usize,
    /// See [`Fanout::strays`](crate::fanout::Fanout::strays).
    pub strays: u64,
    /// In the order in which they came.
    pub plugins: Vec<PluginInterests>,
}

/// What one plugin wants; while a version is on trial, what the one before it wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginInterests {
    pub name: PluginName,
    /// Each with the number of bits that its rules take. Equal rules share theirs, so the sum over
    /// plugins may be more than [`Report::rules`].
    pub interests: Vec<(Interest, usize)>,
}

impl PluginInterests {
    pub(super) fn new(subscriber: &Subscriber) -> Self {
        let interests =
            subscriber.interests.iter().cloned().zip(subscriber.wanted.now.bits()).collect();
        Self { name: subscriber.name.clone(), interests }
    }
}

/// The promised metrics about interests.
impl Collect for Subscriptions {
    fn collect(&self, families: &mut Families) {
        let Report { rules, strays, .. } = self.report();
        let help = "Rules of all interests together, of the 256 that tables have bits for.";
        families.gauge("ringtap_interest_rules", help, &[], rules as f64);
        let help = "Records that belong to no known tables: not 0 means a bug in ringtap.";
        families.counter("ringtap_records_stray_total", help, &[], strays);
    }
}
