//! Compiled code on disk, so that a component is compiled once and not at every start.
//!
//! Machine code that somebody else could have written is never run. The directory and its entries
//! have to belong to the user that this runs as, and nobody else may be able to write them; nothing
//! is reached by a symbolic link. A checksum tells what is damaged. It does not tell what was
//! forged: who can write as this user can do anything else that this user can.

mod entry;
mod evict;
mod key;

use std::{
    fs::{DirBuilder, File},
    io::{self, Read, Write},
    os::{
        fd::OwnedFd,
        unix::fs::{DirBuilderExt, MetadataExt},
    },
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use rustix::{
    fs::{
        AtFlags, Mode, OFlags, Timespec, Timestamps, UTIME_NOW, fstat, futimens, open, openat,
        renameat, statat, unlinkat,
    },
    io::Errno,
    process::geteuid,
};
use wasmtime::component::Component;

use self::{
    entry::{Damage, HEADER},
    key::Key,
};
use crate::{digest::Digest, engine::Engine, report::report};

/// Bits of `st_mode` that let the group or everyone write.
const OTHERS_WRITE: u32 = 0o022;

/// Bits of `st_mode` that let the group or everyone do anything.
const OTHERS: u32 = 0o077;

/// A directory of compiled code. Any number of processes may share it.
#[derive(Debug)]
pub struct Cache {
    path: PathBuf,
    directory: OwnedFd,
    user: u32,
    max_bytes: u64,
}

/// Why a directory is not used for compiled code.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    #[error("making the directory for compiled code, {path:?}")]
    Make { path: PathBuf, source: io::Error },
    #[error("opening the directory for compiled code, {path:?}")]
    Open { path: PathBuf, source: io::Error },
    #[error("{path:?} is no directory for compiled code: a symbolic link, or no directory at all")]
    NotADirectory { path: PathBuf },
    #[error(
        "the directory for compiled code, {path:?}, belongs to user {owner}: it must belong to \
         user {user}, who runs this"
    )]
    ForeignOwner { path: PathBuf, owner: u32, user: u32 },
    #[error(
        "the directory for compiled code, {path:?}, can be written by others (mode {mode:04o}): \
         chmod go-w it"
    )]
    OthersWrite { path: PathBuf, mode: u32 },
}

/// Why an entry is not used.
#[derive(Debug, thiserror::Error)]
enum Unfit {
    #[error("can't be read")]
    Read(#[from] io::Error),
    #[error("is no regular file")]
    NotRegular,
    #[error("belongs to user {0}")]
    ForeignOwner(u32),
    #[error("is open to others (mode {0:04o})")]
    OpenToOthers(u32),
    #[error(transparent)]
    Damaged(#[from] Damage),
    #[error("is refused by the engine")]
    Code(#[source] wasmtime::Error),
}

impl Cache {
    /// What a cache holds unless told otherwise: 1 GiB.
    pub const MAX_BYTES: u64 = 1 << 30;

    /// Use the directory at `path`, and make it and its parents first if need be, for this user
    /// alone. Beyond `max_bytes`, the code goes that was not used for the longest time.
    pub fn open(path: &Path, max_bytes: u64) -> Result<Self, CacheError> {
        let at = || path.to_owned();
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        // Something else that is there is told below.
        if let Err(source) = made
            && source.kind() != io::ErrorKind::AlreadyExists
        {
            return Err(CacheError::Make { path: at(), source });
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let directory = open(path, flags, Mode::empty()).map_err(|error| match error {
            Errno::NOTDIR | Errno::LOOP => CacheError::NotADirectory { path: at() },
            error => CacheError::Open { path: at(), source: error.into() },
        })?;
        let found = fstat(&directory)
            .map_err(|error| CacheError::Open { path: at(), source: error.into() })?;
        let (owner, user) = (found.st_uid, geteuid().as_raw());
        if owner != user {
            return Err(CacheError::ForeignOwner { path: at(), owner, user });
        }
        if found.st_mode & OTHERS_WRITE != 0 {
            return Err(CacheError::OthersWrite { path: at(), mode: found.st_mode & 0o7777 });
        }
        Ok(Self { path: at(), directory, user, max_bytes })
    }

    /// The code of a component for this engine, if it is there. What is there and unfit is removed.
    pub(super) fn load(&self, engine: &Engine, component: Digest) -> Option<Component> {
        let key = Key::new(engine.wasmtime(), component);
        let found = self.read(&key).and_then(|entry| match entry {
            None => Ok(None),
            Some(entry) => self.deserialize(engine, entry::code(&key, &entry)?).map(Some),
        });
        found.unwrap_or_else(|unfit| {
            tracing::warn!(
                "{:?} {}: component {component} is compiled anew",
                self.path.join(key.file_name()),
                report(&unfit)
            );
            self.remove(&key);
            None
        })
    }

    /// Keep the code of a component. A failure is logged: it costs time, and nothing else.
    pub(super) fn store(&self, engine: &Engine, component: Digest, code: &[u8]) {
        let key = Key::new(engine.wasmtime(), component);
        if (code.len() + HEADER) as u64 > self.max_bytes {
            return;
        }
        match self.write(&key, code) {
            Ok(()) => evict::shrink(&self.directory, self.max_bytes, &key.file_name()),
            Err(error) => {
                tracing::warn!("compiled code can't be kept in {:?}: {error}", self.path);
            }
        }
    }

    fn deserialize(&self, engine: &Engine, code: &[u8]) -> Result<Component, Unfit> {
        // SAFETY: forged code could do anything, so this rests on who can have written it. The
        // bytes were read, into memory that is ours alone, from a regular file that belongs to our
        // effective user with no right for others (looked at after it was opened, by its
        // descriptor), in a directory of which the same holds for writing. `store` alone writes
        // there, what this executable's own compiler made under the settings that the key is a hash
        // of; the checksum, and the engine's own look at version and settings, tell a file that is
        // damaged or of another build. Whoever can write there all the same is this user or root,
        // and needs no cache to run code as this user. A process that has more rights than its
        // user, by file capabilities, must not be given a cache: see `Compiler::cache`.
        unsafe { Component::deserialize(engine.wasmtime(), code) }.map_err(Unfit::Code)
    }

    /// The bytes of an entry that nobody else can have written.
    fn read(&self, key: &Key) -> Result<Option<Vec<u8>>, Unfit> {
        // Opening a FIFO must not wait.
        let flags =
            OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = match openat(&self.directory, key.file_name(), flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => return Err(Unfit::NotRegular),
            Err(error) => return Err(io::Error::from(error).into()),
        };
        let found = file.metadata()?;
        if !found.is_file() {
            return Err(Unfit::NotRegular);
        }
        if found.uid() != self.user {
            return Err(Unfit::ForeignOwner(found.uid()));
        }
        if found.mode() & OTHERS != 0 {
            return Err(Unfit::OpenToOthers(found.mode() & 0o7777));
        }
        if found.len() > self.max_bytes {
            return Err(Damage::Length.into());
        }
        let mut entry = Vec::with_capacity(usize::try_from(found.len()).unwrap_or_default());
        (&file).take(found.len()).read_to_end(&mut entry)?;
        // That it was used decides how long it stays.
        let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
        futimens(&file, &Timestamps { last_access: now, last_modification: now })
            .map_err(io::Error::from)?;
        Ok(Some(entry))
    }

    /// Write an entry, which appears as a whole.
    fn write(&self, key: &Key, code: &[u8]) -> io::Result<()> {
        static DRAFTS: AtomicU64 = AtomicU64::new(0);
        let (pid, number) = (std::process::id(), DRAFTS.fetch_add(1, Relaxed));
        let draft = format!("{}{pid}.{number}", evict::DRAFT);
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = openat(&self.directory, &draft, flags, Mode::RUSR | Mode::WUSR)?;
        let mut file = File::from(file);
        let written = file
            .write_all(&entry::header(key, code))
            .and_then(|()| file.write_all(code))
            .and_then(|()| {
                let (from, to) = (&self.directory, &self.directory);
                Ok(renameat(from, &draft, to, key.file_name())?)
            });
        if written.is_err() {
            unlinkat(&self.directory, &draft, AtFlags::empty()).ok();
        }
        written
    }

    /// Remove an entry that is ours.
    fn remove(&self, key: &Key) {
        let name = key.file_name();
        let found = statat(&self.directory, &name, AtFlags::SYMLINK_NOFOLLOW);
        if found.is_ok_and(|found| found.st_uid == self.user) {
            // What stays is found to be unfit again.
            unlinkat(&self.directory, &name, AtFlags::empty()).ok();
        }
    }
}
