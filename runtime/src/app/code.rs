//! Where compiled plugins are kept.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use ringtap_plugin::Cache;

use crate::{config::Place, privileges};

/// Where root's is.
pub(crate) const SYSTEM: &str = "/var/cache/ringtap";

/// The cache that is configured, or that this user has by default. Whatever stands against it is
/// logged, and costs no more than time at each start.
pub(crate) fn cache(directory: &Place) -> Option<Arc<Cache>> {
    let path = match directory {
        Place::Nowhere => return None,
        Place::At(path) => path.clone(),
        Place::Default => default()?,
    };
    // Whoever runs this binary could have put code there, and is to have no more rights by it.
    if privileges::come_with_the_file() {
        tracing::debug!(
            "no compiled code is kept: this executable has capabilities that its user has not"
        );
        return None;
    }
    match Cache::open(&path, Cache::MAX_BYTES) {
        Ok(cache) => Some(Arc::new(cache)),
        Err(error) => {
            let error = anyhow::Error::from(error);
            if *directory == Place::Default {
                tracing::debug!("no compiled code is kept: {error:#}");
            } else {
                tracing::warn!(
                    "no compiled code is kept: {error:#}; name another directory with --cache, or \
                     go without by --cache none"
                );
            }
            None
        }
    }
}

fn default() -> Option<PathBuf> {
    let of_service = env::var_os("CACHE_DIRECTORY").and_then(|path| of_service(&path).ok());
    of_service.or_else(|| match rustix::process::geteuid().is_root() {
        true => Some(SYSTEM.into()),
        false => of_user(env::var_os("XDG_CACHE_HOME"), env::var_os("HOME")),
    })
}

/// As systemd's `CacheDirectory=` leaves it: the first of several, and a link for a dynamic user.
fn of_service(paths: &std::ffi::OsStr) -> io::Result<PathBuf> {
    let paths = Path::new(paths).to_string_lossy().into_owned();
    fs::canonicalize(paths.split(':').next().unwrap_or_default())
}

/// Relative paths are invalid there (XDG Base Directory Specification).
fn of_user(cache: Option<std::ffi::OsString>, home: Option<std::ffi::OsString>) -> Option<PathBuf> {
    let cache = cache.map(PathBuf::from).filter(|path| path.is_absolute());
    let of_home = || home.map(|home| Path::new(&home).join(".cache"));
    let folder = cache.or_else(|| of_home().filter(|path| path.is_absolute()));
    folder.map(|folder| folder.join("ringtap"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_it_among_other_caches() {
        let of = |cache: Option<&str>, home: Option<&str>| {
            of_user(cache.map(Into::into), home.map(Into::into))
        };
        assert_eq!(of(Some("/c"), Some("/h")), Some("/c/ringtap".into()));
        assert_eq!(of(Some("c"), Some("/h")), Some("/h/.cache/ringtap".into()));
        assert_eq!(of(None, Some("/h")), Some("/h/.cache/ringtap".into()));
        assert_eq!(of(None, Some("h")), None);
        assert_eq!(of(None, None), None);
    }

    #[test]
    fn a_service_has_what_systemd_made_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let made = fs::canonicalize(folder.path()).unwrap();
        let link = made.join("link");
        std::os::unix::fs::symlink(&made, &link).unwrap();
        let two = format!("{}:/elsewhere", link.display());
        assert_eq!(of_service(two.as_ref()).unwrap(), made);
    }
}
