use std::{
    os::fd::AsFd,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rustix::fs::{AtFlags, Dir, FileType, statat, unlinkat};

use super::key::is_entry;

/// What names of files begin with that are being written.
pub(super) const DRAFT: &str = ".draft.";

/// Nobody writes on one for as long: it is of a process that was killed.
const ABANDONED: Duration = Duration::from_secs(3600);

struct Entry {
    name: String,
    bytes: u64,
    /// Seconds and nanoseconds since the epoch.
    used: (i64, i64),
}

/// Remove the entries that were not used for the longest time, until `max_bytes` are left, and
/// drafts that nobody finished. `newest` stays. Files of other names are not touched, nor counted.
pub(super) fn shrink(directory: impl AsFd, max_bytes: u64, newest: &str) {
    let directory = directory.as_fd();
    let mut entries = Vec::new();
    let Ok(files) = Dir::read_from(directory) else { return };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    // What can't be read or removed now is met again, after the next component.
    for file in files.flatten() {
        let Ok(name) = file.file_name().to_str() else { continue };
        let Ok(found) = statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
        if !FileType::from_raw_mode(found.st_mode).is_file() {
            continue;
        }
        let used = (found.st_mtime, found.st_mtime_nsec.cast_signed());
        if is_entry(name) {
            let bytes = u64::try_from(found.st_size).unwrap_or_default();
            entries.push(Entry { name: name.to_owned(), bytes, used });
        } else if name.starts_with(DRAFT)
            && u64::try_from(used.0).is_ok_and(|at| at + ABANDONED.as_secs() < now.as_secs())
        {
            unlinkat(directory, name, AtFlags::empty()).ok();
        }
    }
    entries.sort_by_key(|entry| entry.used);
    let mut left: u64 = entries.iter().map(|entry| entry.bytes).sum();
    for entry in entries.iter().filter(|entry| entry.name != newest) {
        if left <= max_bytes {
            return;
        }
        if unlinkat(directory, &entry.name, AtFlags::empty()).is_ok() {
            left -= entry.bytes;
            tracing::debug!("{} was removed from the compiled code, to make room", entry.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, File},
        path::Path,
    };

    use super::*;

    fn put(directory: &Path, name: &str, bytes: usize, used: Duration) {
        let path = directory.join(name);
        fs::write(&path, vec![0; bytes]).unwrap();
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(UNIX_EPOCH + used).unwrap();
    }

    fn name(digit: char) -> String {
        format!("{}.code", digit.to_string().repeat(64))
    }

    fn names(directory: &Path) -> Vec<String> {
        let files = fs::read_dir(directory).unwrap();
        let mut names: Vec<_> =
            files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_longest_unused_go_first_and_no_more_than_need_be() {
        let folder = tempfile::tempdir().unwrap();
        for (digit, used) in [('a', 40), ('b', 20), ('c', 30), ('d', 10)] {
            put(folder.path(), &name(digit), 100, Duration::from_secs(used));
        }
        put(folder.path(), "notes", 1000, Duration::ZERO);
        let directory = File::open(folder.path()).unwrap();
        shrink(&directory, 400, &name('d'));
        assert_eq!(names(folder.path()).len(), 5);
        shrink(&directory, 299, &name('d'));
        assert_eq!(names(folder.path()), [name('a'), name('d'), "notes".to_owned()]);
        shrink(&directory, 0, &name('d'));
        assert_eq!(names(folder.path()), [name('d'), "notes".to_owned()]);
    }

    #[test]
    fn drafts_of_the_dead_go_and_those_of_the_living_stay() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), ".draft.1.0", 1, Duration::from_secs(1));
        fs::write(folder.path().join(".draft.2.0"), "").unwrap();
        shrink(File::open(folder.path()).unwrap(), 100, "");
        assert_eq!(names(folder.path()), [".draft.2.0"]);
    }
}
