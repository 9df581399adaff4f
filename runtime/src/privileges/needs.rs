use std::{
    fmt, io,
    path::{Path, PathBuf},
    thread,
};

use anyhow::Context;
use rustix::{
    fs::{Access, AtFlags, CWD, accessat},
    io::Errno,
    thread::CapabilitySet,
};

use super::{
    account::Account,
    capabilities::{of_taps, reduce_to},
};
use crate::{
    config::{Config, EventsTo},
    control,
};

/// A place that a running instance comes back to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    path: PathBuf,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    PluginDirectory,
    EventFile,
    ControlDirectory,
}

/// Something that the configured user may not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Obstacle {
    place: Place,
    who: String,
    why: String,
}

/// What of `held`, beyond what taps take, a running instance needs, and for what.
pub(super) fn of(
    config: &Config,
    held: CapabilitySet,
) -> anyhow::Result<Vec<(String, CapabilitySet)>> {
    let kept = of_taps(held);
    let places = places(config);
    if (held & (CapabilitySet::DAC_OVERRIDE | CapabilitySet::DAC_READ_SEARCH)).is_empty() {
        return Ok(Vec::new());
    }
    let without = obstacles_after(&places, || reduce_to(kept))?;
    let needs = places.iter().zip(without).filter_map(|(place, without)| {
        // What can't be had either way is somebody else's to tell.
        let helped = without.is_some() && place.obstacle().is_none();
        let need = || format!("without it, {place} could not be {}", place.what.verb());
        helped.then(|| (need(), held & place.what.capability()))
    });
    Ok(needs.collect())
}

/// What `account` could not do.
pub(super) fn obstacles(config: &Config, account: &Account) -> anyhow::Result<Vec<Obstacle>> {
    let places: Vec<_> =
        places(config).into_iter().filter(|it| it.what != What::ControlDirectory).collect();
    let found = obstacles_after(&places, || account.take_on())?;
    let found = places.into_iter().zip(found).filter_map(|(place, why)| {
        let why = io::Error::from(why?).to_string();
        Some(Obstacle { place, who: account.to_string(), why })
    });
    Ok(found.collect())
}

fn places(config: &Config) -> Vec<Place> {
    let place = |what| move |path| Place { path, what };
    let plugins = config.plugins.directory.0.clone().map(place(What::PluginDirectory));
    let events = match &config.events.to {
        EventsTo::File(path) => Some(Place { path: path.clone(), what: What::EventFile }),
        EventsTo::Nowhere | EventsTo::Stdout => None,
    };
    let control = control::place_to_serve(&config.control).ok().flatten();
    let control = control.map(place(What::ControlDirectory));
    plugins.into_iter().chain(events).chain(control).collect()
}

/// What stands against the use of each place after `change`. Identity and capabilities are each
/// thread's own, so nobody else notices.
fn obstacles_after(
    places: &[Place],
    change: impl FnOnce() -> io::Result<()> + Send,
) -> anyhow::Result<Vec<Option<Errno>>> {
    let found: io::Result<_> = thread::scope(|scope| {
        let work = || {
            change()?;
            Ok(places.iter().map(Place::obstacle).collect())
        };
        let thread = thread::Builder::new().spawn_scoped(scope, work)?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    found.context("look at what could be read and written")
}

impl Place {
    /// What stands against the calling thread's use of it. A file or directory that is not there yet
    /// is no obstacle where it could be.
    fn obstacle(&self) -> Option<Errno> {
        let may = |path: &Path, access| accessat(CWD, path, access, AtFlags::EACCESS);
        let tried = match self.what {
            What::PluginDirectory => may(&self.path, Access::READ_OK | Access::EXEC_OK),
            What::ControlDirectory => may(&self.path, Access::WRITE_OK | Access::EXEC_OK),
            What::EventFile => may(&self.path, Access::WRITE_OK).or_else(|error| match error {
                Errno::NOENT => may(self.parent(), Access::WRITE_OK | Access::EXEC_OK),
                error => Err(error),
            }),
        };
        match (tried, self.what) {
            (Err(Errno::NOENT), What::PluginDirectory | What::ControlDirectory) => None,
            (tried, _) => tried.err(),
        }
    }

    fn parent(&self) -> &Path {
        let parent = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        parent.unwrap_or(Path::new("."))
    }
}

impl What {
    fn verb(self) -> &'static str {
        match self {
            Self::PluginDirectory => "followed",
            Self::EventFile => "opened anew",
            Self::ControlDirectory => "cleaned up",
        }
    }

    fn capability(self) -> CapabilitySet {
        match self {
            Self::PluginDirectory => CapabilitySet::DAC_READ_SEARCH,
            Self::EventFile | Self::ControlDirectory => CapabilitySet::DAC_OVERRIDE,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.what {
            What::PluginDirectory => "the plugin directory",
            What::EventFile => "the event file",
            What::ControlDirectory => "the directory of the control socket",
        };
        write!(f, "{what} {}", self.path.display())
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, who, why } = self;
        let verb = if place.what == What::PluginDirectory { "read" } else { "write" };
        write!(f, "user {who} can't {verb} {place}: {why}; change its rights, or name another")
    }
}
