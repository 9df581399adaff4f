use std::{
    fs::DirBuilder,
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{Mode, OFlags, fchmod, fchown, fstat, open},
    process::Uid,
};

use super::account::Account;
use crate::{
    app::code,
    config::{Config, Place, state_directory},
    control,
};

/// Make the directories that only root can make, for `account`: that of the control socket, that of
/// compiled code, and that of what plugins store. The configuration says where the latter two are
/// from now on, since the environment speaks of root's. What fails is logged, and told again by whoever misses it.
pub(super) fn give(config: &mut Config, account: &Account) {
    if let Ok(Some(path)) = control::place_to_serve(&config.control) {
        let is_ours = path == Path::new(control::SYSTEM);
        prepare(&path, 0o755, is_ours, account);
    }
    let cache = match &config.cache {
        Place::Nowhere => None,
        Place::At(path) => Some((path.clone(), false)),
        Place::Default => Some((PathBuf::from(code::SYSTEM), true)),
    };
    if let Some((path, is_ours)) = cache {
        prepare(&path, 0o700, is_ours, account);
        config.cache = Place::At(path);
    }
    if let Some(path) = state_directory(&config.state_directory) {
        let is_ours = config.state_directory == Place::Default;
        prepare(&path, 0o700, is_ours, account);
        config.state_directory = Place::At(path);
    }
}

fn prepare(path: &Path, mode: u32, is_ours: bool, account: &Account) {
    if let Err(error) = make(path, mode, is_ours, account) {
        tracing::warn!("{} can't be made for user {account}: {error}", path.display());
    }
}

/// Make the directory, or, where it is one of ours, take over what an earlier run as root made.
/// Another that is there is left as it is.
fn make(path: &Path, mode: u32, is_ours: bool, account: &Account) -> io::Result<()> {
    let made = match DirBuilder::new().mode(mode).create(path) {
        Ok(()) => true,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
        Err(error) => return Err(error),
    };
    if !made && !is_ours {
        return Ok(());
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let directory = open(path, flags, Mode::empty())?;
    if fstat(&directory)?.st_uid == Uid::ROOT.as_raw() {
        // The umask may have taken more than it should.
        fchmod(&directory, Mode::from_raw_mode(mode))?;
        fchown(&directory, Some(account.uid), Some(account.gid))?;
    }
    Ok(())
}
