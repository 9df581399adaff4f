//! A directory of sockets, `PID.sock` each. Nothing in it is followed, and nothing there is trusted
//! that others could have put there.

use std::{
    io,
    os::{
        fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
        unix::net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
};

use rustix::{
    fs::{
        AtFlags, Dir, FileType, Mode, OFlags, RenameFlags, Stat, fchmod, fstat, mkdir, open,
        openat, renameat_with, unlinkat,
    },
    io::Errno,
    net::{
        AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, connect, listen, socket_with,
    },
};

use super::error::{AskError, ControlError};

/// Where root's instances are, and those that systemd makes the directory for. Only root can have
/// made it, so whoever owns it is root's choice.
pub(crate) const SYSTEM: &str = "/run/ringtap";

/// Sockets that are looked at, at most.
const MAX_SOCKETS: usize = 1024;

const BACKLOG: i32 = 128;

/// Bits of `st_mode` that let the group or everyone write.
const OTHERS_WRITE: u32 = 0o022;

/// An open directory.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    fd: OwnedFd,
    owner: u32,
}

/// The socket of this process, removed when this is dropped.
#[derive(Debug)]
pub(super) struct Bound {
    directory: Directory,
    name: String,
}

impl Directory {
    /// Open it to put a socket there, and make it first if need be: readable by everyone where root
    /// does, by nobody else otherwise.
    pub(super) fn for_socket(path: &Path) -> Result<Self, ControlError> {
        let user = rustix::process::geteuid().as_raw();
        let mode = Mode::from_raw_mode(if user == 0 { 0o755 } else { 0o700 });
        let made = match mkdir(path, mode) {
            Ok(()) => true,
            Err(Errno::EXIST) => false,
            Err(error) => {
                return Err(ControlError::Make { path: path.into(), source: error.into() });
            }
        };
        let directory = Self::open(path)?;
        if directory.owner != 0 && directory.owner != user && path != Path::new(SYSTEM) {
            return Err(ControlError::ForeignOwner { path: path.into(), owner: directory.owner });
        }
        if made {
            // The umask may have taken more than it should.
            let failed =
                |source: Errno| ControlError::Make { path: path.into(), source: source.into() };
            fchmod(&directory.fd, mode).map_err(failed)?;
        }
        Ok(directory)
    }

    /// Open it to look for sockets; `None` where there is no such directory.
    pub(super) fn to_look(path: &Path) -> Result<Option<Self>, ControlError> {
        match Self::open(path) {
            Err(ControlError::Open { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(None)
            }
            opened => opened.map(Some),
        }
    }

    fn open(path: &Path) -> Result<Self, ControlError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = open(path, flags, Mode::empty()).map_err(|error| match error {
            Errno::NOTDIR | Errno::LOOP => ControlError::NotADirectory { path: path.into() },
            error => ControlError::Open { path: path.into(), source: error.into() },
        })?;
        let failed =
            |source: Errno| ControlError::Open { path: path.into(), source: source.into() };
        let Stat { st_uid: owner, st_mode: mode, .. } = fstat(&fd).map_err(failed)?;
        if mode & OTHERS_WRITE != 0 {
            return Err(ControlError::OthersWrite { path: path.into(), mode: mode & 0o7777 });
        }
        Ok(Self { path: path.into(), fd, owner })
    }

    pub(super) fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The names of sockets, with the pids that they say.
    pub(super) fn sockets(&self) -> Result<Vec<(String, u32)>, ControlError> {
        let failed =
            |source: Errno| ControlError::Open { path: self.path.clone(), source: source.into() };
        let mut sockets = Vec::new();
        for entry in Dir::read_from(&self.fd).map_err(failed)?.take(MAX_SOCKETS) {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy();
            if let Some(pid) = name.strip_suffix(".sock").and_then(|pid| pid.parse().ok()) {
                sockets.push((name.into_owned(), pid));
            }
        }
        sockets.sort_by_key(|(_, pid)| *pid);
        Ok(sockets)
    }

    /// Connect to a socket; `None` where its process is gone, and then the socket is too.
    pub(super) fn connect(&self, name: &str) -> Result<Option<UnixStream>, AskError> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = match openat(&self.fd, name, flags, Mode::empty()) {
            Err(Errno::NOENT) => return Ok(None),
            file => file.map_err(io::Error::from)?,
        };
        let found = fstat(&file).map_err(io::Error::from)?;
        if !FileType::from_raw_mode(found.st_mode).is_socket() {
            return Err(AskError::NotASocket);
        }
        match connect_to(file.as_fd()) {
            Ok(stream) => Ok(Some(stream)),
            Err(Errno::CONNREFUSED) => {
                // Where that is not ours to do, somebody else will.
                unlinkat(&self.fd, name, AtFlags::empty()).ok();
                Ok(None)
            }
            Err(error) => Err(io::Error::from(error).into()),
        }
    }

    /// Remove the sockets of dead processes.
    pub(super) fn reap(&self) -> Result<(), ControlError> {
        for (name, _) in self.sockets()? {
            // What can't be asked is alive, or not ours to remove.
            drop(self.connect(&name));
        }
        Ok(())
    }

    /// Listen at the socket of this process, which nobody else can connect to but root.
    pub(super) fn bind(self) -> Result<(UnixListener, Bound), ControlError> {
        let name = format!("{}.sock", std::process::id());
        let path = self.path_of(&name);
        match self.bind_as(&name) {
            Ok(socket) => Ok((socket.into(), Bound { directory: self, name })),
            Err(Errno::EXIST) => Err(ControlError::Taken { path }),
            Err(error) => Err(ControlError::Bind { path, source: error.into() }),
        }
    }

    /// It appears under its name when it listens: one that refuses is of a dead process.
    fn bind_as(&self, name: &str) -> Result<OwnedFd, Errno> {
        let draft = format!(".{name}");
        unlinkat(&self.fd, &draft, AtFlags::empty()).or_else(not_there)?;
        let socket = socket_with(
            AddressFamily::UNIX,
            SocketType::STREAM,
            SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
            None,
        )?;
        // Linux makes the file with the mode of the socket, so it is never open to others.
        fchmod(&socket, Mode::RUSR | Mode::WUSR)?;
        // Through the descriptor: what is bound is in the directory that was looked at, and paths of
        // sockets are short.
        let address = format!("/proc/self/fd/{}/{draft}", self.fd.as_raw_fd());
        bind(&socket, &SocketAddrUnix::new(address)?)?;
        let named = listen(&socket, BACKLOG)
            .and_then(|()| renameat_with(&self.fd, &draft, &self.fd, name, RenameFlags::NOREPLACE));
        if named.is_err() {
            unlinkat(&self.fd, &draft, AtFlags::empty()).or_else(not_there)?;
        }
        named.map(|()| socket)
    }
}

fn not_there(error: Errno) -> Result<(), Errno> {
    if error == Errno::NOENT { Ok(()) } else { Err(error) }
}

/// Connect to exactly that file. A listener whose backlog is full is not waited for.
fn connect_to(file: BorrowedFd<'_>) -> Result<UnixStream, Errno> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    let address = SocketAddrUnix::new(format!("/proc/self/fd/{}", file.as_raw_fd()))?;
    connect(&socket, &address)?;
    Ok(socket.into())
}

impl Bound {
    pub(super) fn path(&self) -> PathBuf {
        self.directory.path_of(&self.name)
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        if let Err(error) = unlinkat(&self.directory.fd, &self.name, AtFlags::empty()) {
            tracing::warn!("can't remove the control socket {}: {error}", self.path().display());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::fs::{PermissionsExt, symlink},
    };

    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_socket_is_its_owners_alone_and_goes_with_its_process() {
        let folder = folder();
        let path = folder.path().join("made");
        let (listener, bound) = Directory::for_socket(&path).unwrap().bind().unwrap();
        let name = format!("{}.sock", std::process::id());
        assert_eq!((bound.path(), mode(&bound.path())), (path.join(&name), 0o600));
        let wanted = if rustix::process::geteuid().is_root() { 0o755 } else { 0o700 };
        assert_eq!(mode(&path), wanted);
        let looked = Directory::to_look(&path).unwrap().unwrap();
        assert_eq!(looked.sockets().unwrap(), [(name.clone(), std::process::id())]);
        assert!(looked.connect(&name).unwrap().is_some());
        let again = Directory::for_socket(&path).unwrap();
        assert!(matches!(again.bind(), Err(ControlError::Taken { .. })));
        drop((listener, bound));
        assert_eq!(fs::read_dir(&path).unwrap().count(), 0);
    }

    #[test]
    fn what_a_dead_process_left_is_removed_and_nothing_else() {
        let folder = folder();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        drop(UnixListener::bind(folder.path().join("1.sock")).unwrap());
        let _alive = UnixListener::bind(folder.path().join("2.sock")).unwrap();
        fs::write(folder.path().join("3.sock"), "text").unwrap();
        symlink("2.sock", folder.path().join("4.sock")).unwrap();
        fs::write(folder.path().join("notes"), "").unwrap();
        let directory = Directory::for_socket(folder.path()).unwrap();
        directory.reap().unwrap();
        let names: Vec<_> =
            directory.sockets().unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["2.sock", "3.sock", "4.sock"]);
        for name in ["3.sock", "4.sock"] {
            assert!(matches!(directory.connect(name), Err(AskError::NotASocket)), "{name}");
        }
    }

    #[test]
    fn what_others_could_have_made_is_refused() {
        let folder = folder();
        let link = folder.path().join("link");
        symlink(folder.path(), &link).unwrap();
        let refused = |path: &Path| Directory::for_socket(path).unwrap_err();
        assert!(matches!(refused(&link), ControlError::NotADirectory { .. }));
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(matches!(refused(&file), ControlError::NotADirectory { .. }));
        let open = folder.path().join("open");
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o1777)).unwrap();
        assert!(matches!(refused(&open), ControlError::OthersWrite { mode: 0o1777, .. }));
        assert!(matches!(Directory::to_look(&open), Err(ControlError::OthersWrite { .. })));
        let missing = folder.path().join("a/b");
        assert!(matches!(refused(&missing), ControlError::Make { .. }));
        assert!(Directory::to_look(&missing).unwrap().is_none());
    }
}
