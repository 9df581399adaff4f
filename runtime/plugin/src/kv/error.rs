use std::{
    io,
    path::{Path, PathBuf},
};

use ringtap_pipeline::name::PluginName;

use super::image::Usage;

/// Why a plugin can't have what it stored.
#[derive(Debug, thiserror::Error)]
pub enum KvError {
    #[error("wants to store something, and there is no directory for that: set `state_directory`")]
    Nowhere,
    #[error(
        "can't make the state directory {path:?}: make it, writable for user {user} alone, or set \
         another `state_directory`", user = user()
    )]
    Make { path: PathBuf, source: io::Error },
    #[error(
        "can't open {path:?}, where plugins' data is kept, to write it: give it to user {user}, or \
         set another `state_directory`", user = user()
    )]
    Open { path: PathBuf, source: io::Error },
    #[error(
        "{path:?} belongs to user {owner}, who could change plugins' data: `chown {user}` it, or set \
         another `state_directory`", user = user()
    )]
    Owner { path: PathBuf, owner: u32 },
    #[error("others may write the state directory {path:?} (mode {mode:04o}): `chmod go-w` it")]
    DirectoryMode { path: PathBuf, mode: u32 },
    #[error("others may read or write {path:?} (mode {mode:04o}): `chmod 600` it")]
    FileMode { path: PathBuf, mode: u32 },
    #[error("{path:?} is no regular file: move it away")]
    NotAFile { path: PathBuf },
    #[error(
        "{path:?} is held by another ringtap: end that one, or set another `state_directory` for \
         this one"
    )]
    Held { path: PathBuf },
    #[error("{path:?} is damaged: move it away, and every plugin starts with an empty store")]
    Damaged { path: PathBuf, source: Box<redb::Error> },
    #[error("can't read or write {path:?}")]
    Storage { path: PathBuf, source: Box<redb::Error> },
    #[error(
        "has stored {} bytes under {} keys, and its limits are {} bytes (max_kv) and {} keys: raise \
         max_kv, or drop what it has stored with `ringtap plugin forget {name}`",
        .usage.bytes, .usage.keys, .limit.bytes, .limit.keys
    )]
    OverLimit { name: PluginName, usage: Usage, limit: Usage },
    #[error("starting the thread that writes what plugins store")]
    Thread(#[source] io::Error),
}

fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

impl KvError {
    /// Whether that can become otherwise while the runtime runs.
    pub(crate) fn may_pass(&self) -> bool {
        !matches!(self, Self::Nowhere)
    }

    /// What redb says of the file at `path`.
    pub(super) fn of(path: &Path, error: redb::Error) -> Self {
        use io::ErrorKind::{InvalidData, UnexpectedEof};
        use redb::Error;

        let path = path.to_owned();
        match error {
            Error::DatabaseAlreadyOpen | Error::LockProtocolMismatch => Self::Held { path },
            // What is too short or does not begin as it should is told as an error of reading.
            Error::Io(error) if !matches!(error.kind(), InvalidData | UnexpectedEof) => {
                Self::Storage { path, source: Box::new(Error::Io(error)) }
            }
            error @ (Error::Backend(_) | Error::Unsupported | Error::PreviousIo) => {
                Self::Storage { path, source: Box::new(error) }
            }
            error => Self::Damaged { path, source: Box::new(error) },
        }
    }
}
