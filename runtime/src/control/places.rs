//! Where control sockets are, when nothing is said.

use std::{fs, os::unix::fs::MetadataExt, path::PathBuf};

use super::{directory::SYSTEM, error::ControlError};
use crate::config::Place;

/// Where systemd keeps users' runtime directories.
const USERS: &str = "/run/user";

/// The directory for the socket of this process; `None` where none is wanted.
pub(crate) fn place_to_serve(control: &Place) -> Result<Option<PathBuf>, ControlError> {
    match control {
        Place::Nowhere => Ok(None),
        Place::At(path) => Ok(Some(path.clone())),
        Place::Default if is_root() || system_is_ours() => Ok(Some(SYSTEM.into())),
        Place::Default => of_session().map(Some).ok_or(ControlError::NoPlace),
    }
}

/// The directories in which sockets may be.
pub(crate) fn places_to_look(control: &Place) -> Vec<PathBuf> {
    match control {
        Place::Nowhere => Vec::new(),
        Place::At(path) => vec![path.clone()],
        Place::Default => {
            let mut places = vec![PathBuf::from(SYSTEM)];
            places.extend(of_session());
            if is_root() {
                places.extend(of_users());
            }
            places.sort();
            places.dedup();
            places
        }
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// As systemd's `RuntimeDirectory=` leaves it.
fn system_is_ours() -> bool {
    let user = rustix::process::geteuid().as_raw();
    fs::symlink_metadata(SYSTEM).is_ok_and(|found| found.is_dir() && found.uid() == user)
}

/// Relative paths are invalid there (XDG Base Directory Specification).
fn of_session() -> Option<PathBuf> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    runtime.filter(|path| path.is_absolute()).map(|path| path.join("ringtap"))
}

fn of_users() -> Vec<PathBuf> {
    let users = fs::read_dir(USERS).into_iter().flatten().flatten();
    let places = users.map(|user| user.path().join("ringtap"));
    places.filter(|place| place.symlink_metadata().is_ok()).collect()
}
