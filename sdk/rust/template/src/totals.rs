//! What was counted, by protocol.

use std::collections::BTreeMap;

/// Packets and their bytes on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Total {
    pub packets: u64,
    pub bytes: u64,
}

/// In the order of the names, so that reports are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals(BTreeMap<String, Total>);

impl Totals {
    /// Stays at the most where it would overflow, which only a state from elsewhere brings about.
    pub(crate) fn add(&mut self, protocol: &str, more: Total) {
        // Most are there, and looking them up needs no copy of the name.
        match self.0.get_mut(protocol) {
            Some(total) => {
                total.packets = total.packets.saturating_add(more.packets);
                total.bytes = total.bytes.saturating_add(more.bytes);
            }
            None => {
                self.0.insert(protocol.to_owned(), more);
            }
        }
    }

    /// Whether that one was not there.
    pub(crate) fn insert(&mut self, protocol: &str, total: Total) -> bool {
        self.0.insert(protocol.to_owned(), total).is_none()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Total)> {
        self.0
            .iter()
            .map(|(protocol, total)| (protocol.as_str(), *total))
    }
}
