//! Reading a plugin's files: only regular ones of bounded size that nobody else may write.

use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Read},
    os::{fd::AsRawFd, unix::fs::OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;

use crate::{
    digest::Digest,
    limits::Limits,
    reload::Version,
    trust::{self, Untrusted},
};

/// A plugin's files, read.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) wasm: Vec<u8>,
    pub(crate) config: String,
}

/// Why a plugin's file is not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("{path:?} can't be read")]
    Read { path: PathBuf, source: io::Error },
    #[error("{0:?} is no regular file")]
    NotRegular(PathBuf),
    #[error("{path:?} is larger than the limit of {limit} bytes")]
    TooLarge { path: PathBuf, limit: u64 },
    #[error("{0:?} is not UTF-8")]
    NotUtf8(PathBuf),
    #[error(transparent)]
    Untrusted(#[from] Untrusted),
}

impl Content {
    /// Read `NAME.wasm` at `path` and `NAME.toml` beside it, if there is one.
    pub(crate) fn read(path: &Path, limits: &Limits) -> Result<Self, Unusable> {
        let wasm = read(path, limits.file_bytes)?;
        let config_path = config_path(path);
        let config = match read(&config_path, limits.config_bytes) {
            Err(Unusable::Read { source, .. }) if source.kind() == ErrorKind::NotFound => vec![],
            config => config?,
        };
        let config = String::from_utf8(config).map_err(|_| Unusable::NotUtf8(config_path))?;
        Ok(Self { wasm, config })
    }

    pub(crate) fn version(&self) -> Version {
        let config = Digest::of(self.config.as_bytes());
        Version::Content { wasm: Digest::of(&self.wasm), config }
    }
}

/// The plugin's own config, which lies beside it.
pub(crate) fn config_path(wasm: &Path) -> PathBuf {
    wasm.with_extension("toml")
}

/// The bytes of a file that is fit to be used.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Unusable> {
    let file = open(path, limit)?;
    let checked = trust::check_file(path, &file);
    checked.map_err(|source| Unusable::Read { path: path.to_owned(), source })??;
    read_open(path, file, limit)
}

/// The bytes of a file that anybody may have written.
pub(crate) fn read_untrusted(path: &Path, limit: u64) -> Result<Vec<u8>, Unusable> {
    let file = open(path, limit)?;
    read_open(path, file, limit)
}

fn open(path: &Path, limit: u64) -> Result<File, Unusable> {
    let failed = |source| Unusable::Read { path: path.to_owned(), source };
    // Opening a FIFO or a device must neither wait nor have effects on a terminal.
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(Unusable::NotRegular(path.to_owned()));
    }
    if metadata.len() > limit {
        return Err(Unusable::TooLarge { path: path.to_owned(), limit });
    }
    Ok(file)
}

fn read_open(path: &Path, file: File, limit: u64) -> Result<Vec<u8>, Unusable> {
    let mut bytes = Vec::new();
    // It may have grown meanwhile.
    let read = file.take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|source| Unusable::Read { path: path.to_owned(), source })?;
    if bytes.len() as u64 > limit {
        return Err(Unusable::TooLarge { path: path.to_owned(), limit });
    }
    Ok(bytes)
}

/// Where an open file really is, all links followed.
pub(crate) fn real_path(file: &File) -> io::Result<PathBuf> {
    std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()))
}
