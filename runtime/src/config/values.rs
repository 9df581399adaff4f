use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

pub(crate) use ringtap_document::Expected;
use ringtap_pipeline::name::PluginName;

use super::{BUNDLED_PLUGINS, DEFAULT_PLUGINS};

pub(super) fn expected<T>(what: impl Into<String>) -> Result<T, Expected> {
    Err(Expected(what.into()))
}

/// Where the HTTP endpoint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listen {
    Nowhere,
    At(SocketAddr),
}

impl Listen {
    pub(crate) fn address(self) -> Option<SocketAddr> {
        match self {
            Self::Nowhere => None,
            Self::At(address) => Some(address),
        }
    }
}

impl Default for Listen {
    /// 9464 is also the default port of OpenTelemetry's Prometheus exporter.
    fn default() -> Self {
        Self::At((Ipv4Addr::LOCALHOST, 9464).into())
    }
}

impl FromStr for Listen {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        match (text, text.parse()) {
            ("none", _) => Ok(Self::Nowhere),
            (_, Ok(address)) => Ok(Self::At(address)),
            _ => expected("IP:PORT such as \"127.0.0.1:9464\" or \"[::1]:9464\", or \"none\""),
        }
    }
}

/// A directory of ours: of the control socket, of compiled code, of what plugins store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Place {
    /// It depends on who runs this.
    #[default]
    Default,
    Nowhere,
    At(PathBuf),
}

impl FromStr for Place {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        match text {
            "" => expected("a directory, or \"none\""),
            "none" => Ok(Self::Nowhere),
            path => Ok(Self::At(path.into())),
        }
    }
}

/// The user to run as, by name or number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UserName(pub String);

impl FromStr for UserName {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        match text {
            "" => expected("a user's name or number"),
            user => Ok(Self(user.to_owned())),
        }
    }
}

/// A directory of plugins, or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PluginDirectory(pub Option<PathBuf>);

impl FromStr for PluginDirectory {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        match text {
            "" => expected("a directory, or \"none\""),
            "none" => Ok(Self(None)),
            path => Ok(Self(Some(path.into()))),
        }
    }
}

/// Names of plugins that are embedded in the binary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bundled(pub Vec<PluginName>);

impl Bundled {
    /// Those that run where nothing is said.
    pub(crate) fn by_default() -> Self {
        Self::named(&DEFAULT_PLUGINS)
    }

    fn named(names: &[&str]) -> Self {
        Self(names.iter().filter_map(|name| PluginName::new(name).ok()).collect())
    }

    /// One name.
    pub(crate) fn one(name: &str) -> Result<PluginName, Expected> {
        let known =
            Self::named(&BUNDLED_PLUGINS).0.into_iter().find(|known| known.as_str() == name);
        known.ok_or_else(|| Expected(format!("one of {}", BUNDLED_PLUGINS.join(", "))))
    }
}

impl FromStr for Bundled {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        if text == "none" {
            return Ok(Self(Vec::new()));
        }
        let names = text.split(',').map(Self::one).collect::<Result<_, _>>();
        names.map(Self).map_err(|Expected(what)| Expected(format!("{what}, by commas, or none")))
    }
}

/// Where events go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EventsTo {
    Nowhere,
    Stdout,
    File(PathBuf),
}

impl FromStr for EventsTo {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        match text {
            "" => expected("\"stdout\", a file's path, or \"none\""),
            "none" => Ok(Self::Nowhere),
            "stdout" | "-" => Ok(Self::Stdout),
            path => Ok(Self::File(path.into())),
        }
    }
}

/// A parser of durations such as `10s` or `1m 30s` within bounds.
pub(crate) fn duration(
    shortest: Duration,
    longest: Duration,
) -> impl Fn(&str) -> Result<Duration, Expected> + Clone + Send + Sync + 'static {
    move |text| match humantime::parse_duration(text) {
        Ok(duration) if (shortest..=longest).contains(&duration) => Ok(duration),
        _ => expected(format!(
            "a duration with its unit, from \"{}\" to \"{}\"",
            Shown(shortest),
            Shown(longest)
        )),
    }
}

struct Shown(Duration);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_duration(self.0).fmt(f)
    }
}
