//! Compiled code on disk: what is used, and what is not trusted.

use std::{
    fs::{self, File, Permissions},
    os::unix::fs::{PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::UNIX_EPOCH,
};

use ringtap_plugin::{Cache, CacheError, Compiler, Engine, LoadError, Plugin, Terms};
use tempfile::TempDir;

use crate::support::{compiler, idle, switch};

/// A directory of compiled code that this user alone may write.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("cache")
    }

    fn cache(&self, max_bytes: u64) -> Option<Arc<Cache>> {
        Some(Arc::new(Cache::open(&self.path(), max_bytes).unwrap()))
    }

    fn compiler(&self) -> Compiler {
        Compiler { cache: self.cache(Cache::MAX_BYTES), ..compiler() }
    }

    /// One that can only take what is there.
    fn reader(&self) -> Compiler {
        Compiler { cache: self.cache(Cache::MAX_BYTES), ..no_compiler() }
    }

    fn entries(&self) -> Vec<PathBuf> {
        let mut entries: Vec<_> =
            fs::read_dir(self.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        entries
    }

    /// The one entry that is there.
    fn entry(&self) -> PathBuf {
        let mut entries = self.entries();
        assert_eq!(entries.len(), 1);
        entries.remove(0)
    }
}

fn no_compiler() -> Compiler {
    Compiler::new("/nowhere/ringtap", [])
}

fn load(compiler: &Compiler, wasm: &[u8]) -> Result<Plugin, LoadError> {
    Plugin::load(&Engine::new().unwrap(), compiler, &Terms::default(), wasm)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_hit_starts_no_child() {
    let place = Place::new();
    load(&place.compiler(), &switch()).unwrap();
    let plugin = load(&place.reader(), &switch()).unwrap();
    assert_eq!(plugin.description().name, "switch");
    assert_eq!((mode(&place.path()), mode(&place.entry())), (0o700, 0o600));
    // Another component is another matter.
    let other = load(&place.reader(), &idle()).unwrap_err();
    assert!(other.to_string().contains("/nowhere/ringtap"), "{other}");
}

#[test]
fn what_does_not_compile_is_not_kept() {
    let place = Place::new();
    let mut wasm = switch();
    let at = wasm.windows(4).rposition(|bytes| bytes == b"\0asm").unwrap() + 200;
    wasm[at..at + 40].fill(0xff);
    load(&place.compiler(), &wasm).unwrap_err();
    assert!(place.entries().is_empty());
}

/// Change the entry, and see that it is neither used nor left there, and made anew.
fn is_recompiled(change: impl FnOnce(&Path)) {
    let place = Place::new();
    load(&place.compiler(), &switch()).unwrap();
    let entry = place.entry();
    let good = fs::read(&entry).unwrap();
    change(&entry);
    load(&place.reader(), &switch()).unwrap_err();
    let plugin = load(&place.compiler(), &switch()).unwrap();
    assert_eq!(plugin.description().name, "switch");
    assert_eq!((place.entry(), mode(&entry)), (entry.clone(), 0o600));
    assert!(fs::symlink_metadata(&entry).unwrap().is_file());
    assert_eq!(fs::read(&entry).unwrap(), good);
    load(&place.reader(), &switch()).unwrap();
}

#[test]
fn damage_is_compiled_anew() {
    // A bit of the header, of the code's middle, and of its end.
    for part in [0.0, 0.5, 1.0] {
        is_recompiled(|entry| {
            let mut bytes = fs::read(entry).unwrap();
            let at = ((bytes.len() - 1) as f64 * part) as usize;
            bytes[at] ^= 1;
            fs::write(entry, bytes).unwrap();
        });
    }
    for bytes in [0, 79, 1000] {
        is_recompiled(|entry| {
            File::options().write(true).open(entry).unwrap().set_len(bytes).unwrap()
        });
    }
    is_recompiled(|entry| {
        let longer = fs::metadata(entry).unwrap().len() + 1;
        File::options().write(true).open(entry).unwrap().set_len(longer).unwrap();
    });
}

#[test]
fn code_of_another_component_is_compiled_anew() {
    is_recompiled(|entry| {
        let other = Place::new();
        load(&other.compiler(), &idle()).unwrap();
        fs::copy(other.entry(), entry).unwrap();
    });
}

#[test]
fn what_others_can_read_or_write_is_compiled_anew() {
    for mode in [0o620, 0o602, 0o604, 0o644] {
        is_recompiled(|entry| fs::set_permissions(entry, Permissions::from_mode(mode)).unwrap());
    }
}

#[test]
fn what_is_reached_by_a_link_is_compiled_anew() {
    let elsewhere = tempfile::tempdir().unwrap();
    let moved = elsewhere.path().join("moved");
    is_recompiled(|entry| {
        fs::rename(entry, &moved).unwrap();
        symlink(&moved, entry).unwrap();
    });
    assert!(moved.exists(), "what a link leads to is not removed");
}

#[test]
fn what_another_user_owns_is_compiled_anew() {
    let place = Place::new();
    load(&place.compiler(), &switch()).unwrap();
    match chown(place.entry(), Some(65534), None) {
        Err(error) => return eprintln!("SKIPPED: giving a file away takes CAP_CHOWN: {error}"),
        Ok(()) => load(&place.reader(), &switch()).unwrap_err(),
    };
    load(&place.compiler(), &switch()).unwrap();
    load(&place.reader(), &switch()).unwrap();
}

#[test]
fn a_directory_that_is_not_ours_alone_is_no_cache() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |path: &Path| Cache::open(path, Cache::MAX_BYTES).unwrap_err();
    let (open, link, file) =
        (folder.path().join("open"), folder.path().join("link"), folder.path().join("file"));
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, Permissions::from_mode(0o1777)).unwrap();
    assert!(matches!(refused(&open), CacheError::OthersWrite { mode: 0o1777, .. }));
    symlink(folder.path(), &link).unwrap();
    assert!(matches!(refused(&link), CacheError::NotADirectory { .. }));
    fs::write(&file, "").unwrap();
    assert!(matches!(refused(&file), CacheError::NotADirectory { .. }));
    assert!(matches!(refused(&file.join("below")), CacheError::Make { .. }));
    fs::set_permissions(&open, Permissions::from_mode(0o700)).unwrap();
    match chown(&open, Some(65534), None) {
        Err(error) => eprintln!("SKIPPED: giving a directory away takes CAP_CHOWN: {error}"),
        Ok(()) => assert!(matches!(refused(&open), CacheError::ForeignOwner { owner: 65534, .. })),
    }
}

#[test]
fn any_number_may_write_at_a_time() {
    let place = Place::new();
    let writers: Vec<_> = (0..4).map(|_| place.compiler()).collect();
    thread::scope(|scope| {
        let loads: Vec<_> = writers
            .iter()
            .map(|compiler| scope.spawn(|| load(compiler, &switch()).map(|_| ())))
            .collect();
        for load in loads {
            load.join().unwrap().unwrap();
        }
    });
    // One entry, and no draft.
    load(&place.reader(), &switch()).unwrap();
    place.entry();
}

#[test]
fn what_was_not_used_for_the_longest_time_makes_room() {
    let place = Place::new();
    load(&place.compiler(), &switch()).unwrap();
    let switch_code = place.entry();
    load(&place.compiler(), &idle()).unwrap();
    let idle_code = place.entries().into_iter().find(|entry| *entry != switch_code).unwrap();
    let third = crate::support::wanting("tcp", 0);
    let alone = Place::new();
    load(&alone.compiler(), &third).unwrap();
    let bytes = |entry: &Path| fs::metadata(entry).unwrap().len();
    let room = bytes(&switch_code) + bytes(&alone.entry());

    for entry in [&switch_code, &idle_code] {
        File::options().write(true).open(entry).unwrap().set_modified(UNIX_EPOCH).unwrap();
    }
    // It is used, and so it stays.
    load(&place.reader(), &switch()).unwrap();
    let tight = Compiler { cache: place.cache(room), ..compiler() };
    load(&tight, &third).unwrap();
    assert!(switch_code.exists() && !idle_code.exists(), "{:?}", place.entries());
    assert_eq!(place.entries().len(), 2);
    // What is larger than all of the room is not kept, nor is anything removed for it.
    let none = Compiler { cache: place.cache(100), ..compiler() };
    load(&none, &idle()).unwrap();
    assert_eq!(place.entries().len(), 2);
}
