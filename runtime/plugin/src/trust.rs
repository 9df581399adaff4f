//! Who could change what the runtime is about to run? Only root and the user that it runs as may.

use std::{
    fs::{File, Metadata},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{StatVfsMountFlags, fstatvfs},
    process::geteuid,
};

use crate::files::real_path;

const GROUP_OR_OTHERS_WRITE: u32 = 0o022;
const STICKY: u32 = 0o1000;

/// Someone else could change the file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Untrusted {
    #[error("{path:?} can be written by others (mode {mode:04o}): chmod go-w it")]
    Writable { path: PathBuf, mode: u32 },
    #[error(
        "{path:?} belongs to user {owner}: it must belong to root or to user {user}, who runs this"
    )]
    Owner { path: PathBuf, owner: u32, user: u32 },
}

/// Check an open file, and the directory in which it really is: who may write there may replace it.
pub(crate) fn check_file(path: &Path, file: &File) -> io::Result<Result<(), Untrusted>> {
    if let Err(untrusted) = check(path, file, &file.metadata()?, false)? {
        return Ok(Err(untrusted));
    }
    match real_path(file)?.parent() {
        None => Ok(Ok(())),
        Some(parent) => {
            let directory = File::open(parent)?;
            // In a sticky directory others may add files, and replace only their own.
            check(parent, &directory, &directory.metadata()?, true)
        }
    }
}

/// Check a directory whose every file is to be run.
pub(crate) fn check_directory(path: &Path, directory: &File) -> io::Result<Result<(), Untrusted>> {
    check(path, directory, &directory.metadata()?, false)
}

fn check(
    path: &Path,
    file: &File,
    metadata: &Metadata,
    sticky_is_enough: bool,
) -> io::Result<Result<(), Untrusted>> {
    let (owner, user) = (metadata.uid(), geteuid().as_raw());
    if owner != 0 && owner != user {
        return Ok(Err(Untrusted::Owner { path: path.to_owned(), owner, user }));
    }
    let mode = metadata.mode() & 0o7777;
    let sticky = sticky_is_enough && mode & STICKY != 0;
    if mode & GROUP_OR_OTHERS_WRITE == 0 || sticky {
        return Ok(Ok(()));
    }
    // Kubernetes mounts ConfigMaps read-only and leaves the mode at 0777.
    if fstatvfs(file)?.f_flag.contains(StatVfsMountFlags::RDONLY) {
        return Ok(Ok(()));
    }
    Ok(Err(Untrusted::Writable { path: path.to_owned(), mode }))
}
