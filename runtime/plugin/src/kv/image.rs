use std::{
    collections::{BTreeMap, btree_map::Range},
    ops::Bound,
    sync::Arc,
};

/// What an entry takes beside its key and its value, about: the nodes of a map, two lengths and two
/// counts.
const ENTRY_BYTES: usize = 64;

/// The bytes of a value, shared by all who hold it.
pub(super) type Value = Arc<[u8]>;

/// By key; `None` where the key is deleted.
pub(super) type Changes = BTreeMap<String, Option<Value>>;

/// What entries take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub keys: usize,
    /// Of keys, values, and 64 for each entry.
    pub bytes: usize,
}

/// All that a plugin has stored.
#[derive(Debug, Default)]
pub(super) struct Image {
    entries: BTreeMap<String, Value>,
    usage: Usage,
    /// Grows with every change.
    version: u64,
}

/// Keys from `key` on.
pub(super) fn from(key: &str) -> (Bound<&str>, Bound<&str>) {
    (Bound::Included(key), Bound::Unbounded)
}

impl Usage {
    pub(super) fn of(key: &str, value: &[u8]) -> Self {
        Self { keys: 1, bytes: ENTRY_BYTES + key.len() + value.len() }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self { keys: self.keys + other.keys, bytes: self.bytes + other.bytes }
    }

    /// What is left without `other`, which is part of this.
    pub(super) fn without(self, other: Self) -> Self {
        Self {
            keys: self.keys.saturating_sub(other.keys),
            bytes: self.bytes.saturating_sub(other.bytes),
        }
    }

    pub(super) fn fits(self, limit: Self) -> bool {
        self.keys <= limit.keys && self.bytes <= limit.bytes
    }
}

impl Image {
    pub(super) fn insert(&mut self, key: String, value: Value) {
        self.remove(&key);
        self.usage = self.usage.plus(Usage::of(&key, &value));
        self.entries.insert(key, value);
    }

    pub(super) fn remove(&mut self, key: &str) {
        self.version += 1;
        if let Some(value) = self.entries.remove(key) {
            self.usage = self.usage.without(Usage::of(key, &value));
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.entries.get(key)
    }

    /// From `key` on, in the order of the keys' bytes.
    pub(super) fn from(&self, key: &str) -> Range<'_, String, Value> {
        self.entries.range::<str, _>(from(key))
    }

    /// What the entry of `key` takes; nothing where there is none.
    pub(super) fn usage_of(&self, key: &str) -> Usage {
        self.get(key).map(|value| Usage::of(key, value)).unwrap_or_default()
    }

    pub(super) fn usage(&self) -> Usage {
        self.usage
    }

    pub(super) fn version(&self) -> u64 {
        self.version
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_follows_every_change() {
        let mut image = Image::default();
        image.insert("a".to_owned(), Arc::from(*b"123"));
        image.insert("bc".to_owned(), Arc::from(*b""));
        assert_eq!(image.usage(), Usage { keys: 2, bytes: 2 * 64 + 3 + 3 });
        image.insert("a".to_owned(), Arc::from(*b"1"));
        assert_eq!(image.usage(), Usage { keys: 2, bytes: 2 * 64 + 3 + 1 });
        image.remove("a");
        image.remove("a");
        assert_eq!(image.usage(), Usage { keys: 1, bytes: 64 + 2 });
        image.remove("bc");
        assert_eq!(image.usage(), Usage::default());
    }
}
