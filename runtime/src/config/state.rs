use std::{ffi::OsString, path::PathBuf};

use super::Place;

/// Where the service manager of root's instances keeps state, by the Filesystem Hierarchy Standard.
const OF_ROOT: &str = "/var/lib/ringtap";

/// Where plugins' data is kept. `None` where none is wanted, or none can be told.
pub(crate) fn state_directory(place: &Place) -> Option<PathBuf> {
    match place {
        Place::Nowhere => None,
        Place::At(path) => Some(path.clone()),
        Place::Default => {
            by_default(rustix::process::geteuid().is_root(), |name| std::env::var_os(name))
        }
    }
}

/// What systemd made for this service (`StateDirectory=`), or else root's or the user's own (XDG Base
/// Directory Specification, by which relative paths are invalid).
fn by_default(is_root: bool, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |path: PathBuf| path.is_absolute().then_some(path);
    let of = |name: &str| variable(name).map(PathBuf::from).and_then(absolute);
    // It lists several, if a unit has several, by colons.
    let given = variable("STATE_DIRECTORY");
    let given = given.iter().flat_map(std::env::split_paths).find_map(absolute);
    given.or_else(|| match is_root {
        true => Some(OF_ROOT.into()),
        false => {
            let states = of("XDG_STATE_HOME");
            let states = states.or_else(|| of("HOME").map(|home| home.join(".local/state")));
            states.map(|states| states.join("ringtap"))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(is_root: bool, variables: &[(&str, &str)]) -> Option<String> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        by_default(is_root, variable).map(|path| path.display().to_string())
    }

    #[test]
    fn the_default_depends_on_who_asks() {
        let user = [("HOME", "/home/u")];
        assert_eq!(found(true, &user).as_deref(), Some("/var/lib/ringtap"));
        assert_eq!(found(false, &user).as_deref(), Some("/home/u/.local/state/ringtap"));
        let xdg = [("HOME", "/home/u"), ("XDG_STATE_HOME", "/s")];
        assert_eq!(found(false, &xdg).as_deref(), Some("/s/ringtap"));
        let relative = [("HOME", "/home/u"), ("XDG_STATE_HOME", "s")];
        assert_eq!(found(false, &relative).as_deref(), Some("/home/u/.local/state/ringtap"));
        assert_eq!(found(false, &[]), None);
        let systemd = [("STATE_DIRECTORY", "/var/lib/private/ringtap:/x"), ("HOME", "/home/u")];
        for is_root in [true, false] {
            let path = found(is_root, &systemd);
            assert_eq!(path.as_deref(), Some("/var/lib/private/ringtap"));
        }
    }
}
