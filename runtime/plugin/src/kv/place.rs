//! Where the file is, and whether only we could have written it.

use std::{
    fs::{DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{FileType, Mode, OFlags, Stat, fstat, open, openat},
    io::Errno,
    process::geteuid,
};

use super::error::KvError;

const FILE: &str = "kv.redb";

const OTHERS_WRITE: u32 = 0o022;
const OTHERS: u32 = 0o077;

pub(super) fn path_in(directory: &Path) -> PathBuf {
    directory.join(FILE)
}

/// Open the file for writing; with `make` make it, and the directory, where they are missing.
/// `None` where it is not there and not made.
pub(super) fn open_in(directory: &Path, make: bool) -> Result<Option<File>, KvError> {
    if make {
        make_directory(directory)?;
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let opened = match open(directory, flags, Mode::empty()) {
        Err(Errno::NOENT) if !make => return Ok(None),
        opened => opened.map_err(failed(directory))?,
    };
    check_directory(directory, fstat(&opened).map_err(failed(directory))?)?;

    let path = path_in(directory);
    let mut flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    flags.set(OFlags::CREATE, make);
    let file = match openat(&opened, FILE, flags, Mode::RUSR | Mode::WUSR) {
        Err(Errno::NOENT) if !make => return Ok(None),
        Err(Errno::LOOP | Errno::ISDIR | Errno::NXIO) => return Err(KvError::NotAFile { path }),
        file => file.map_err(failed(&path))?,
    };
    check_file(path.clone(), fstat(&file).map_err(failed(&path))?)?;
    Ok(Some(file.into()))
}

fn make_directory(directory: &Path) -> Result<(), KvError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(directory);
    made.map_err(|source| KvError::Make { path: directory.into(), source })
}

/// Who may write there may put another file in the place of ours.
fn check_directory(directory: &Path, found: Stat) -> Result<(), KvError> {
    let (path, owner, mode) = (directory.to_owned(), found.st_uid, found.st_mode & 0o7777);
    if owner != 0 && owner != geteuid().as_raw() {
        return Err(KvError::Owner { path, owner });
    }
    if mode & OTHERS_WRITE != 0 {
        return Err(KvError::DirectoryMode { path, mode });
    }
    Ok(())
}

fn check_file(path: PathBuf, found: Stat) -> Result<(), KvError> {
    let (owner, mode) = (found.st_uid, found.st_mode & 0o7777);
    if !FileType::from_raw_mode(found.st_mode).is_file() {
        return Err(KvError::NotAFile { path });
    }
    if owner != geteuid().as_raw() {
        return Err(KvError::Owner { path, owner });
    }
    if mode & OTHERS != 0 {
        return Err(KvError::FileMode { path, mode });
    }
    Ok(())
}

fn failed(path: &Path) -> impl Fn(Errno) -> KvError {
    let path = path.to_owned();
    move |error| KvError::Open { path: path.clone(), source: io::Error::from(error) }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    };

    use tempfile::TempDir;

    use super::*;

    fn folder() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        chmod(folder.path(), 0o700);
        folder
    }

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn what_is_made_is_the_owners_alone() {
        let folder = folder();
        let directory = folder.path().join("a/b");
        assert!(open_in(&directory, false).unwrap().is_none());
        assert!(!directory.exists());
        open_in(&directory, true).unwrap().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
        assert_eq!((mode(&directory), mode(&path_in(&directory))), (0o700, 0o600));
        open_in(&directory, false).unwrap().unwrap();
        fs::remove_file(path_in(&directory)).unwrap();
        assert!(open_in(&directory, false).unwrap().is_none());
    }

    #[test]
    fn what_others_could_have_written_or_read_is_refused() {
        let folder = folder();
        let (directory, path) = (folder.path(), path_in(folder.path()));
        drop(open_in(directory, true).unwrap());
        chmod(&path, 0o640);
        assert!(matches!(open_in(directory, true), Err(KvError::FileMode { mode: 0o640, .. })));
        chmod(&path, 0o600);
        chmod(directory, 0o1777);
        let refused = open_in(directory, true);
        assert!(matches!(refused, Err(KvError::DirectoryMode { mode: 0o1777, .. })));
        chmod(directory, 0o755);
        assert!(open_in(directory, true).is_ok());
        if !geteuid().is_root() {
            println!("SKIPPED: giving files away takes root");
            return;
        }
        chown(&path, Some(1), None).unwrap();
        assert!(matches!(open_in(directory, true), Err(KvError::Owner { owner: 1, .. })));
        chown(&path, Some(0), None).unwrap();
        chown(directory, Some(1), None).unwrap();
        assert!(matches!(open_in(directory, true), Err(KvError::Owner { owner: 1, .. })));
    }

    #[test]
    fn what_is_no_file_is_refused_without_waiting() {
        let folder = folder();
        let (directory, path) = (folder.path(), path_in(folder.path()));
        let refused = || matches!(open_in(directory, true), Err(KvError::NotAFile { .. }));
        symlink("/dev/null", &path).unwrap();
        assert!(refused());
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(refused());
        fs::remove_dir(&path).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)
            .unwrap();
        assert!(refused());
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(matches!(open_in(&file, true), Err(KvError::Make { .. })));
        assert!(matches!(open_in(&file, false), Err(KvError::Open { .. })));
    }
}
