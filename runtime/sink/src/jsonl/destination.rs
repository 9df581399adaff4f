use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, Write},
    os::{
        fd::AsFd,
        unix::fs::{FileExt, FileTypeExt, OpenOptionsExt},
    },
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::OFlags,
};

use super::{Control, JsonlError};

/// Bytes that a pipe which has any room takes without blocking: PIPE_BUF, see pipe(7).
const PIPE_BUF: usize = 4096;

const GLANCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// Where lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Stdout,
    File(PathBuf),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout => f.write_str("stdout"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// How long to wait for a reader that takes nothing: for ever, until the sink shuts down.
pub(super) struct Patience<'a> {
    pub(super) control: &'a Control,
    pub(super) at_shutdown: Duration,
}

/// An open target.
#[derive(Debug)]
pub(super) struct Destination {
    file: File,
    is_regular: bool,
    /// What was written last is a part of a line, by us or by a process before.
    mid_line: bool,
}

impl Destination {
    pub(super) fn open(target: &Target) -> Result<Self, JsonlError> {
        match target {
            Target::Stdout => {
                let stdout = io::stdout().as_fd().try_clone_to_owned();
                let file = File::from(stdout.map_err(|source| JsonlError::Stdout { source })?);
                let metadata = file.metadata().map_err(|source| JsonlError::Stdout { source })?;
                Ok(Self { file, is_regular: metadata.is_file(), mid_line: false })
            }
            Target::File(path) => Self::open_file(path),
        }
    }

    fn open_file(path: &Path) -> Result<Self, JsonlError> {
        let failed = |source| JsonlError::Open { path: path.into(), source };
        let kind = path.metadata().map(|metadata| metadata.file_type()).ok();
        if kind.is_some_and(|kind| kind.is_dir()) {
            return Err(JsonlError::Directory { path: path.into() });
        }
        let is_regular = kind.is_none_or(|kind| kind.is_file());
        // A pipe without a reader would block in open(2), and a terminal become ours.
        let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits() as i32;
        let mut options = OpenOptions::new();
        options.append(true).create(true).read(is_regular).mode(0o640).custom_flags(flags);
        let file = options.open(path).map_err(|source| match kind {
            Some(kind) if kind.is_fifo() => JsonlError::NoReader { path: path.into(), source },
            _ => failed(source),
        })?;
        let mid_line = is_regular && ends_mid_line(&file).map_err(failed)?;
        Ok(Self { file, is_regular, mid_line })
    }

    /// The rest of a line that was begun won't come: the next write begins on a line of its own.
    pub(super) fn tear(&mut self) {
        self.mid_line = true;
    }

    /// Hand some of `bytes` to the OS; how many it took. Fails with `TimedOut`
    /// when `patience` ends.
    pub(super) fn write(&mut self, bytes: &[u8], patience: Patience<'_>) -> io::Result<usize> {
        if self.mid_line {
            self.write_some(b"\n", &patience)?;
            self.mid_line = false;
        }
        self.write_some(bytes, &patience)
    }

    fn write_some(&mut self, bytes: &[u8], patience: &Patience<'_>) -> io::Result<usize> {
        loop {
            let bytes = if self.is_regular {
                bytes
            } else {
                self.wait_for_room(patience)?;
                &bytes[..bytes.len().min(PIPE_BUF)]
            };
            match self.file.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => return other,
            }
        }
    }

    fn wait_for_room(&self, patience: &Patience<'_>) -> io::Result<()> {
        let mut give_up_at = None;
        loop {
            let mut room = [PollFd::new(&self.file, PollFlags::OUT)];
            match poll(&mut room, Some(&GLANCE)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
            if patience.control.is_shutting_down() {
                let at = *give_up_at.get_or_insert_with(|| Instant::now() + patience.at_shutdown);
                if Instant::now() >= at {
                    return Err(io::ErrorKind::TimedOut.into());
                }
            }
        }
    }
}

#[cfg(test)]
impl From<File> for Destination {
    fn from(file: File) -> Self {
        Self { file, is_regular: false, mid_line: false }
    }
}

fn ends_mid_line(file: &File) -> io::Result<bool> {
    let Some(last) = file.metadata()?.len().checked_sub(1) else { return Ok(false) };
    let mut byte = [0];
    Ok(file.read_at(&mut byte, last)? == 1 && byte != *b"\n")
}
