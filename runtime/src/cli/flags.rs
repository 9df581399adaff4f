//! Flags that several commands share. An environment variable stands in for a flag not given.

use clap::Args;

use crate::config::{
    Attach, Bundled, Config, ConfigFile, Egress, Events, EventsTo, Ingress, InterfacePattern,
    Listen, Log, LogFilter, LogFormat, Place, PluginDirectory, Plugins, UserName,
};

#[derive(Args, Debug)]
pub(crate) struct LogFlags {
    /// Which log lines to write: a level, or such as info,ringtap_tap=debug [default: info]
    #[arg(long, global = true, value_name = "FILTER", help_heading = "Log")]
    #[arg(env = "RINGTAP_LOG", hide_env_values = true)]
    log: Option<LogFilter>,
    /// How log lines on stderr look [default: text]
    #[arg(long, global = true, value_name = "FORMAT", help_heading = "Log")]
    #[arg(env = "RINGTAP_LOG_FORMAT", hide_env_values = true)]
    log_format: Option<LogFormat>,
}

#[derive(Args, Debug)]
pub(crate) struct ConfigFlag {
    /// Configuration file, or none [default: /etc/ringtap/ringtap.toml if it is there]
    #[arg(long, value_name = "FILE", env = "RINGTAP_CONFIG", hide_env_values = true)]
    config: Option<ConfigFile>,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Taps")]
pub(crate) struct TapFlags {
    /// Tap this interface, by name or glob; can be repeated [default: those with default routes]
    #[arg(short, long = "interface", value_name = "PATTERN")]
    #[arg(env = "RINGTAP_INTERFACES", hide_env_values = true, value_delimiter = ',')]
    interfaces: Vec<InterfacePattern>,
    /// The tap for what comes in [default: auto]
    #[arg(long, value_name = "HOOK", env = "RINGTAP_INGRESS", hide_env_values = true)]
    ingress: Option<Ingress>,
    /// The tap for what goes out [default: tc]
    #[arg(long, value_name = "HOOK", env = "RINGTAP_EGRESS", hide_env_values = true)]
    egress: Option<Egress>,
    /// How TC taps are attached [default: auto]
    #[arg(long, value_name = "HOW", env = "RINGTAP_ATTACH", hide_env_values = true)]
    attach: Option<Attach>,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Plugins")]
pub(crate) struct PluginFlags {
    /// Run the plugins in this directory, or none [default: none]
    #[arg(long = "plugins", value_name = "DIR", env = "RINGTAP_PLUGINS", hide_env_values = true)]
    directory: Option<PluginDirectory>,
    /// Bundled plugins to run, by commas, or none [default: flow-log,top-talkers, or none with
    /// --plugins]
    #[arg(long, value_name = "NAMES", env = "RINGTAP_BUNDLED", hide_env_values = true)]
    bundled: Option<Bundled>,
}

#[derive(Args, Debug)]
pub(crate) struct CacheFlag {
    /// Keep compiled plugins in this directory, or none [default: /var/cache/ringtap for root, else
    /// ringtap in $XDG_CACHE_HOME or ~/.cache]
    #[arg(long, value_name = "DIR", env = "RINGTAP_CACHE", hide_env_values = true)]
    #[arg(help_heading = "Plugins")]
    cache: Option<Place>,
}

#[derive(Args, Debug)]
pub(crate) struct UserFlag {
    /// Become this user, by name or number, and keep just the capabilities that taps need; takes
    /// root [default: stay]
    #[arg(long, value_name = "USER", env = "RINGTAP_USER", hide_env_values = true)]
    user: Option<UserName>,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
pub(crate) struct ListenFlag {
    /// Serve /metrics and /healthz here, IP:PORT or none [default: 127.0.0.1:9464]
    #[arg(long, value_name = "ADDR", env = "RINGTAP_LISTEN", hide_env_values = true)]
    listen: Option<Listen>,
}

#[derive(Args, Debug)]
pub(crate) struct ControlFlag {
    /// Directory of the control socket, or none [default: /run/ringtap, or ringtap in
    /// $XDG_RUNTIME_DIR]
    #[arg(long, value_name = "DIR", env = "RINGTAP_CONTROL", hide_env_values = true)]
    control: Option<Place>,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Plugins")]
pub(crate) struct StateFlag {
    /// Directory in which what plugins store is kept, or none [default: /var/lib/ringtap for root,
    /// else ringtap in $XDG_STATE_HOME or ~/.local/state; systemd's $STATE_DIRECTORY if set]
    #[arg(long, value_name = "DIR", env = "RINGTAP_STATE_DIRECTORY", hide_env_values = true)]
    state_directory: Option<Place>,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
pub(crate) struct EventsFlag {
    /// Write events as JSON lines to stdout, to a file's path, or to none [default: none]
    #[arg(long, value_name = "WHERE", env = "RINGTAP_EVENTS", hide_env_values = true)]
    events: Option<EventsTo>,
}

impl LogFlags {
    pub(super) fn apply(&self, log: &mut Log) {
        set(&mut log.filter, &self.log);
        set(&mut log.format, &self.log_format);
    }
}

impl ConfigFlag {
    pub(super) fn file(&self) -> ConfigFile {
        self.config.clone().unwrap_or_default()
    }
}

impl TapFlags {
    pub(super) fn apply(&self, config: &mut Config) {
        if !self.interfaces.is_empty() {
            config.interfaces.clone_from(&self.interfaces);
        }
        set(&mut config.taps.ingress, &self.ingress);
        set(&mut config.taps.egress, &self.egress);
        set(&mut config.taps.attach, &self.attach);
    }
}

impl PluginFlags {
    pub(super) fn apply(&self, plugins: &mut Plugins) {
        set(&mut plugins.directory, &self.directory);
        if self.bundled.is_some() {
            plugins.bundled.clone_from(&self.bundled);
        }
    }
}

impl CacheFlag {
    pub(super) fn apply(&self, config: &mut Config) {
        set(&mut config.cache, &self.cache);
    }
}

impl UserFlag {
    pub(super) fn apply(&self, config: &mut Config) {
        if self.user.is_some() {
            config.user.clone_from(&self.user);
        }
    }
}

impl ListenFlag {
    pub(super) fn apply(&self, config: &mut Config) {
        set(&mut config.listen, &self.listen);
    }
}

impl ControlFlag {
    pub(super) fn apply(&self, config: &mut Config) {
        set(&mut config.control, &self.control);
    }
}

impl StateFlag {
    pub(super) fn apply(&self, config: &mut Config) {
        set(&mut config.state_directory, &self.state_directory);
    }
}

impl EventsFlag {
    pub(super) fn apply(&self, events: &mut Events) {
        set(&mut events.to, &self.events);
    }
}

fn set<T: Clone>(target: &mut T, flag: &Option<T>) {
    if let Some(value) = flag {
        target.clone_from(value);
    }
}
