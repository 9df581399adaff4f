use std::{collections::BTreeMap, sync::Arc};

use super::{
    image::{self, Changes, Image, Usage, Value},
    store::KvStore,
};

/// `wit/capabilities.wit` promises both.
const MAX_KEY: usize = 256;
const MAX_VALUE: usize = 64 << 10;

/// A plugin's store as one instance sees it: with what that has changed and not yet committed.
#[derive(Debug)]
pub(crate) struct Staged {
    store: Arc<KvStore>,
    changes: Changes,
    replaced: Replaced,
}

/// How far `changes` change what the store takes, as it was in that version.
#[derive(Clone, Copy, Debug, Default)]
struct Replaced {
    version: u64,
    /// What changed keys take in the store.
    before: Usage,
    /// What they take here.
    after: Usage,
}

#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("a key has 1 to {MAX_KEY} bytes, and this one {bytes}")]
    Key { bytes: usize },
    #[error("a value has at most {MAX_VALUE} bytes, and this one {bytes}")]
    Value { bytes: usize },
    #[error("the store would hold {needed} bytes, and its limit max_kv is {limit}")]
    Bytes { needed: usize, limit: usize },
    #[error("the store may hold {limit} keys")]
    Keys { limit: usize },
}

impl Staged {
    pub(crate) fn new(store: Arc<KvStore>) -> Self {
        Self { store, changes: Changes::new(), replaced: Replaced::default() }
    }

    pub(crate) fn get(&self, key: &str) -> Option<Vec<u8>> {
        let value = match self.changes.get(key) {
            Some(changed) => changed.clone(),
            None => self.store.image().get(key).cloned(),
        };
        value.map(|value| value.to_vec())
    }

    pub(crate) fn set(&mut self, key: String, value: Vec<u8>) -> Result<(), Refused> {
        if !(1..=MAX_KEY).contains(&key.len()) {
            return Err(Refused::Key { bytes: key.len() });
        }
        if value.len() > MAX_VALUE {
            return Err(Refused::Value { bytes: value.len() });
        }
        let (store, limit) = (Arc::clone(&self.store), self.store.limit());
        let image = store.image();
        let replaced = self.replacing(&image, &key, Usage::of(&key, &value));
        let needed = replaced.of(&image);
        if needed.keys > limit.keys {
            return Err(Refused::Keys { limit: limit.keys });
        }
        if needed.bytes > limit.bytes {
            return Err(Refused::Bytes { needed: needed.bytes, limit: limit.bytes });
        }
        self.replaced = replaced;
        self.changes.insert(key, Some(value.into()));
        Ok(())
    }

    pub(crate) fn delete(&mut self, key: &str) {
        let store = Arc::clone(&self.store);
        let image = store.image();
        // Noting the deletion of what is not there would let a guest note as much as it likes.
        if image.get(key).is_none() && !self.changes.contains_key(key) {
            return;
        }
        self.replaced = self.replacing(&image, key, Usage::default());
        if image.get(key).is_some() {
            self.changes.insert(key.to_owned(), None);
        } else {
            self.changes.remove(key);
        }
    }

    /// Those that start with `prefix`, in the order of their bytes.
    pub(crate) fn keys(&self, prefix: &str) -> Vec<String> {
        let image = self.store.image();
        let starts = |key: &&String| key.starts_with(prefix);
        let stored = image.from(prefix).map(|(key, _)| (key, true)).take_while(|(k, _)| starts(k));
        let changed =
            self.changes.range::<str, _>(image::from(prefix)).take_while(|(key, _)| starts(key));
        let changed = changed.map(|(key, value)| (key, value.is_some()));
        let merged: BTreeMap<_, _> = stored.chain(changed).collect();
        merged.into_iter().filter(|(_, there)| *there).map(|(key, _)| key.clone()).collect()
    }

    pub(crate) fn commit(&mut self) {
        let changes = std::mem::take(&mut self.changes);
        self.replaced = Replaced::default();
        if !changes.is_empty() {
            self.store.commit(changes);
        }
    }

    pub(crate) fn roll_back(&mut self) {
        self.changes.clear();
        self.replaced = Replaced::default();
    }

    /// What changes if `key` takes `usage` from now on.
    fn replacing(&self, image: &Image, key: &str, usage: Usage) -> Replaced {
        let Replaced { version, before, after } = self.replaced(image);
        match self.changes.get(key) {
            Some(value) => {
                let after = after.without(usage_of(key, value)).plus(usage);
                Replaced { version, before, after }
            }
            None => {
                let before = before.plus(image.usage_of(key));
                Replaced { version, before, after: after.plus(usage) }
            }
        }
    }

    /// Another instance may have committed since this one changed something.
    fn replaced(&self, image: &Image) -> Replaced {
        if self.replaced.version == image.version() {
            return self.replaced;
        }
        let empty = Replaced { version: image.version(), ..Replaced::default() };
        self.changes.iter().fold(empty, |Replaced { version, before, after }, (key, value)| {
            let before = before.plus(image.usage_of(key));
            Replaced { version, before, after: after.plus(usage_of(key, value)) }
        })
    }
}

impl Replaced {
    /// What the store would take.
    fn of(self, image: &Image) -> Usage {
        image.usage().without(self.before).plus(self.after)
    }
}

fn usage_of(key: &str, value: &Option<Value>) -> Usage {
    value.as_ref().map(|value| Usage::of(key, value)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use ringtap_pipeline::name::PluginName;

    use super::*;

    fn store(keys: usize, bytes: usize) -> Arc<KvStore> {
        let (name, limit) = (PluginName::new("a").unwrap(), Usage { keys, bytes });
        Arc::new(KvStore::new(name, limit, Image::default(), None))
    }

    fn set(staged: &mut Staged, key: &str, value: &[u8]) -> Result<(), Refused> {
        staged.set(key.to_owned(), value.to_vec())
    }

    #[test]
    fn an_instance_sees_its_own_changes_at_once_and_others_see_them_committed() {
        let store = store(10, 10_000);
        let (mut one, mut other) = (Staged::new(Arc::clone(&store)), Staged::new(store));
        set(&mut one, "a", b"1").unwrap();
        set(&mut one, "b", b"2").unwrap();
        assert_eq!((one.get("a"), other.get("a")), (Some(b"1".to_vec()), None));
        one.commit();
        assert_eq!(other.get("a"), Some(b"1".to_vec()));
        one.delete("a");
        set(&mut one, "b", b"3").unwrap();
        assert_eq!((one.get("a"), one.get("b")), (None, Some(b"3".to_vec())));
        assert_eq!(other.get("b"), Some(b"2".to_vec()));
        one.roll_back();
        assert_eq!((one.get("a"), one.get("b")), (Some(b"1".to_vec()), Some(b"2".to_vec())));
        other.delete("a");
        other.commit();
        assert_eq!(one.get("a"), None);
    }

    #[test]
    fn keys_are_those_that_are_there_in_order() {
        let mut staged = Staged::new(store(10, 10_000));
        for key in ["b", "a/2", "a/1", "a", "a0"] {
            set(&mut staged, key, b"").unwrap();
        }
        staged.commit();
        staged.delete("a/1");
        set(&mut staged, "a/3", b"").unwrap();
        set(&mut staged, "a/0", b"").unwrap();
        assert_eq!(staged.keys("a/"), ["a/0", "a/2", "a/3"]);
        assert_eq!(staged.keys(""), ["a", "a/0", "a/2", "a/3", "a0", "b"]);
        assert_eq!(staged.keys("c"), [""; 0]);
    }

    #[test]
    fn what_is_too_large_is_refused_and_changes_nothing() {
        let mut staged = Staged::new(store(10, 1 << 20));
        let refused = |result: Result<(), Refused>| result.unwrap_err();
        assert_eq!(refused(set(&mut staged, "", b"")), Refused::Key { bytes: 0 });
        let long = "x".repeat(257);
        assert_eq!(refused(set(&mut staged, &long, b"")), Refused::Key { bytes: 257 });
        let large = vec![0; (64 << 10) + 1];
        assert_eq!(refused(set(&mut staged, "a", &large)), Refused::Value { bytes: 65_537 });
        set(&mut staged, &long[1..], &large[1..]).unwrap();
        assert_eq!(staged.keys("").len(), 1);
    }

    #[test]
    fn limits_hold_for_what_would_be_committed() {
        // Three entries of a key and ten bytes.
        let mut staged = Staged::new(store(3, 3 * (64 + 1 + 10)));
        for key in ["a", "b", "c"] {
            set(&mut staged, key, &[0; 10]).unwrap();
        }
        assert_eq!(set(&mut staged, "d", b""), Err(Refused::Keys { limit: 3 }));
        let larger = Refused::Bytes { needed: 226, limit: 225 };
        assert_eq!(
            larger.to_string(),
            "the store would hold 226 bytes, and its limit max_kv is 225"
        );
        assert_eq!(set(&mut staged, "a", &[0; 11]), Err(larger));
        staged.commit();
        assert_eq!(set(&mut staged, "d", b""), Err(Refused::Keys { limit: 3 }));
        staged.delete("b");
        set(&mut staged, "d", &[0; 10]).unwrap();
        set(&mut staged, "a", &[0; 9]).unwrap();
        set(&mut staged, "c", &[0; 11]).unwrap();
        assert!(set(&mut staged, "b", b"").is_err());
        staged.commit();
        assert_eq!(staged.store.usage(), Usage { keys: 3, bytes: 225 });
    }

    #[test]
    fn limits_hold_although_another_instance_commits_meanwhile() {
        let store = store(3, 10_000);
        let (mut old, mut new) = (Staged::new(Arc::clone(&store)), Staged::new(store));
        set(&mut old, "a", b"").unwrap();
        old.commit();
        new.delete("a");
        set(&mut new, "x", b"").unwrap();
        set(&mut old, "b", b"").unwrap();
        set(&mut old, "c", b"").unwrap();
        old.commit();
        // a, b and c, without a and with x.
        assert_eq!(set(&mut new, "y", b""), Err(Refused::Keys { limit: 3 }));
        new.commit();
        assert_eq!(old.keys(""), ["b", "c", "x"]);
    }

    #[test]
    fn deleting_what_is_not_there_takes_nothing() {
        let mut staged = Staged::new(store(3, 10_000));
        staged.delete("a");
        set(&mut staged, "b", b"").unwrap();
        staged.delete("b");
        assert_eq!((staged.changes.len(), staged.keys("").len()), (0, 0));
    }
}
