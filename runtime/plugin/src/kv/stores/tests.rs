use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    time::{Duration, Instant},
};

use ringtap_pipeline::metrics::SampleValue;
use tempfile::TempDir;

use super::*;
use crate::kv::{KvFile, Staged};

const LIMIT: Usage = Usage { keys: 100, bytes: 1 << 20 };

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    folder
}

fn stores(folder: &TempDir) -> KvStores {
    KvStores::in_directory(folder.path().to_owned())
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("kv.redb")
}

fn name(text: &str) -> PluginName {
    PluginName::new(text).unwrap()
}

fn open(stores: &KvStores, plugin: &str) -> Staged {
    Staged::new(stores.open(&name(plugin), LIMIT).unwrap())
}

fn put(staged: &mut Staged, key: &str, value: &str) {
    staged.set(key.to_owned(), value.as_bytes().to_vec()).unwrap();
}

fn get(staged: &Staged, key: &str) -> Option<String> {
    staged.get(key).map(|value| String::from_utf8(value).unwrap())
}

fn metric(stores: &KvStores, name: &str) -> Option<u64> {
    let mut families = Families::default();
    stores.collect(&mut families);
    let family = families.iter().find(|family| family.name == name)?;
    match family.samples.first()?.value {
        SampleValue::Float(value) => Some(value as u64),
        SampleValue::Uint(value) => Some(value),
        SampleValue::Histogram { .. } => None,
    }
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A copy of the file as a process that is killed now leaves it.
fn killed(folder: &TempDir) -> TempDir {
    let copy = self::folder();
    fs::copy(file(folder), file(&copy)).unwrap();
    copy
}

#[test]
fn what_is_committed_is_there_again_and_belongs_to_its_plugin() {
    let folder = folder();
    let first = stores(&folder);
    assert!(!file(&folder).exists(), "made although nobody needs it");
    let (mut a, mut b) = (open(&first, "a"), open(&first, "b"));
    put(&mut a, "key", "of a");
    put(&mut a, "gone", "");
    put(&mut b, "key", "of b");
    a.commit();
    b.commit();
    a.delete("gone");
    a.commit();
    put(&mut a, "key", "of nobody");
    first.shutdown();
    drop((a, b, first));

    let second = stores(&folder);
    let (a, b) = (open(&second, "a"), open(&second, "b"));
    assert_eq!(get(&a, "key").as_deref(), Some("of a"));
    assert_eq!(a.keys(""), ["key"]);
    assert_eq!(get(&b, "key").as_deref(), Some("of b"));
    assert_eq!(metric(&second, "ringtap_plugin_kv_keys"), Some(1));
    assert_eq!(metric(&second, "ringtap_plugin_kv_bytes"), Some(64 + 3 + 4));
    second.shutdown();
    let kept = KvFile::open(folder.path()).unwrap().unwrap();
    let sizes = kept.sizes().unwrap().into_iter().map(|(name, usage)| (name, usage.keys));
    assert_eq!(sizes.collect::<Vec<_>>(), [("a".to_owned(), 1), ("b".to_owned(), 1)]);
    assert!(kept.forget(&name("a")).unwrap());
    assert!(!kept.forget(&name("a")).unwrap());
    assert_eq!(kept.sizes().unwrap().into_keys().collect::<Vec<_>>(), ["b"]);
}

#[test]
fn what_is_saved_survives_a_process_that_is_killed() {
    let folder = folder();
    let stores = stores(&folder);
    let mut staged = open(&stores, "a");
    for round in 0..50 {
        put(&mut staged, "one", &round.to_string());
        put(&mut staged, "other", &round.to_string());
        staged.commit();
        if round == 20 {
            until("all is saved", || metric(&stores, "ringtap_plugin_kv_unsaved_keys") == Some(0));
        }
    }
    let left = killed(&folder);
    let after = self::stores(&left);
    let found = open(&after, "a");
    let [one, other] = ["one", "other"].map(|key| get(&found, key).unwrap());
    assert_eq!(one, other, "half of a commit");
    assert!((20..50).contains(&one.parse::<u32>().unwrap()), "{one}");
    after.shutdown();
    stores.shutdown();
}

#[test]
fn instances_of_a_plugin_share_its_store_and_a_plugin_that_returns_finds_it() {
    let folder = folder();
    for stores in [stores(&folder), KvStores::in_memory()] {
        let (mut old, new) = (open(&stores, "a"), open(&stores, "a"));
        put(&mut old, "key", "1");
        old.commit();
        assert_eq!(get(&new, "key").as_deref(), Some("1"));
        drop((old, new));
        assert_eq!(get(&open(&stores, "a"), "key").as_deref(), Some("1"));
        stores.shutdown();
    }
}

#[test]
fn one_process_alone_holds_the_file() {
    let folder = folder();
    let first = stores(&folder);
    let staged = open(&first, "a");
    let second = stores(&folder);
    let refused = second.open(&name("a"), LIMIT).unwrap_err();
    assert!(matches!(&refused, KvError::Held { path } if *path == file(&folder)), "{refused:?}");
    assert!(matches!(KvFile::open(folder.path()), Err(KvError::Held { .. })));
    first.shutdown();
    drop(staged);
    // Whoever asks again may have it now.
    open(&second, "a");
    second.shutdown();
}

#[test]
fn more_than_twice_the_limit_is_not_loaded() {
    let folder = folder();
    let first = stores(&folder);
    let mut staged = open(&first, "a");
    (0..7).for_each(|key| put(&mut staged, &key.to_string(), ""));
    staged.commit();
    first.shutdown();
    drop(staged);
    let second = stores(&folder);
    let lower = |keys| Usage { keys, ..LIMIT };
    let refused = second.open(&name("a"), lower(3)).unwrap_err();
    let said = "has stored 455 bytes under 7 keys, and its limits are 1048576 bytes (max_kv) and 3 \
                keys: raise max_kv, or drop what it has stored with `ringtap plugin forget a`";
    assert_eq!(refused.to_string(), said);
    let mut staged = Staged::new(second.open(&name("a"), lower(4)).unwrap());
    assert_eq!(staged.keys("").len(), 7);
    assert!(staged.set("0".to_owned(), Vec::new()).is_err());
    second.shutdown();
}

#[test]
fn what_is_no_store_is_told_as_damaged_and_left_alone() {
    let folder = folder();
    let first = stores(&folder);
    let mut staged = open(&first, "a");
    (0..100).for_each(|key| put(&mut staged, &key.to_string(), &"x".repeat(5000)));
    staged.commit();
    first.shutdown();
    drop(staged);
    let whole = fs::read(file(&folder)).unwrap();
    let damaged = |bytes: &[u8]| {
        fs::write(file(&folder), bytes).unwrap();
        let stores = stores(&folder);
        let refused = stores.open(&name("a"), LIMIT).unwrap_err();
        assert!(matches!(&refused, KvError::Damaged { .. }), "{refused:?}");
        assert_eq!(fs::read(file(&folder)).unwrap().len(), bytes.len());
    };
    damaged(b"not a store");
    damaged(&whole[..whole.len() / 2]);
    damaged(&whole[..100]);
    damaged(&vec![0; whole.len()]);
}

/// Whatever is in the file, left in order or not: it is read or refused, and nothing panics.
#[test]
fn bytes_that_flip_in_the_file_do_no_harm() {
    let folder = folder();
    let stores = stores(&folder);
    let mut staged = open(&stores, "a");
    (0..100).for_each(|key| put(&mut staged, &key.to_string(), &"x".repeat(500)));
    staged.commit();
    until("all is saved", || metric(&stores, "ringtap_plugin_kv_unsaved_keys") == Some(0));
    let killed = fs::read(file(&folder)).unwrap();
    stores.shutdown();
    let ended = fs::read(file(&folder)).unwrap();
    for (step, whole) in [&killed, &ended].iter().flat_map(|whole| (0..100).zip([*whole; 100])) {
        let used: Vec<_> = (0..whole.len()).filter(|at| whole[*at] != 0).collect();
        let at = if step < 50 { 8 * step } else { used[step * 7919 % used.len()] };
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (step % 8);
        read_or_refused(&bytes, at);
    }
}

fn read_or_refused(bytes: &[u8], at: usize) {
    let folder = folder();
    fs::write(file(&folder), bytes).unwrap();
    fs::set_permissions(file(&folder), fs::Permissions::from_mode(0o600)).unwrap();
    let stores = stores(&folder);
    match stores.open(&name("a"), LIMIT) {
        Ok(store) => assert_eq!(get(&Staged::new(store), "7"), Some("x".repeat(500)), "{at}"),
        Err(KvError::Damaged { .. }) => {}
        Err(other) => panic!("byte {at}: {other:?}"),
    }
    stores.shutdown();
}
