use std::{fs, os::unix::fs::PermissionsExt};

use crate::config::{Attach, Egress, Ingress, Listen, LogFormat, Place};

use super::*;

fn cli(arguments: &str) -> Result<Cli, clap::Error> {
    let arguments = std::iter::once("ringtap").chain(arguments.split(' '));
    Cli::try_parse_from(arguments).and_then(Cli::check)
}

fn config(arguments: &str) -> Config {
    cli(arguments).unwrap().config().unwrap().config
}

/// The first line of what is said, and the exit code.
fn refusal(arguments: &str) -> (String, i32) {
    let error = cli(arguments).unwrap_err();
    (error.to_string().lines().next().unwrap_or_default().to_owned(), error.exit_code())
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_environment_variable_is_documented() {
    let mut commands = vec![Cli::command()];
    let mut variables = std::collections::BTreeSet::new();
    while let Some(command) = commands.pop() {
        let names = command.get_arguments().filter_map(|argument| argument.get_env());
        variables.extend(names.map(|name| format!("| `{}` |", name.display())));
        commands.extend(command.get_subcommands().cloned());
    }
    assert_eq!(variables.len(), 15);
    let docs = include_str!("../../../docs/configuration.md");
    let missing: Vec<_> = variables.iter().filter(|row| !docs.contains(row.as_str())).collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn with_nothing_said_run_takes_the_defaults() {
    assert_eq!(config("run --config none"), Config::default());
}

#[test]
fn every_flag_of_run_reaches_the_configuration() {
    let config = config(
        "run --config none -i eth0 -i veth* --ingress xdp-native --egress none --attach link \
         --plugins /p --bundled flow-log --listen none --control /c --state-directory /s --cache /k --user ringtap --events stdout --log debug \
         --log-format json",
    );
    let interfaces: Vec<_> = config.interfaces.iter().map(InterfacePattern::as_str).collect();
    assert_eq!(interfaces, ["eth0", "veth*"]);
    assert_eq!(config.taps.ingress, Ingress::XdpNative);
    assert_eq!((config.taps.egress, config.taps.attach), (Egress::None, Attach::Link));
    assert_eq!(config.plugins.directory.0, Some("/p".into()));
    assert_eq!(config.plugins.bundled, Some("flow-log".parse().unwrap()));
    assert_eq!((config.listen, config.events.to), (Listen::Nowhere, EventsTo::Stdout));
    assert_eq!(config.control, Place::At("/c".into()));
    assert_eq!(config.cache, Place::At("/k".into()));
    assert_eq!(config.user, Some("ringtap".parse().unwrap()));
    assert_eq!(config.state_directory, Place::At("/s".into()));
    assert_eq!(config.log.filter, "debug".parse().unwrap());
    assert_eq!(config.log.format, LogFormat::Json);
}

#[test]
fn a_flag_beats_the_file_and_the_file_the_default() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.toml");
    fs::write(&path, "listen = \"127.0.0.1:1\"\ninterfaces = [\"a\"]\n[taps]\negress = \"none\"")
        .unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let arguments = format!("run --config {} -i b --listen 127.0.0.1:2", path.display());
    let loaded = cli(&arguments).unwrap().config().unwrap();
    assert_eq!(loaded.file, Some(path));
    let config = loaded.config;
    assert_eq!(config.interfaces, ["b".parse().unwrap()]);
    assert_eq!(config.listen, Listen::At("127.0.0.1:2".parse().unwrap()));
    assert_eq!((config.taps.egress, config.taps.ingress), (Egress::None, Ingress::Auto));
}

#[test]
fn a_replay_sends_events_to_stdout_unless_packets_go_there() {
    let to = |arguments: &str| config(&format!("replay --config none {arguments}")).events.to;
    assert_eq!(to("a.pcap"), EventsTo::Stdout);
    assert_eq!(to("a.pcap --print packets"), EventsTo::Nowhere);
    assert_eq!(to("a.pcap --print packets --events /e"), EventsTo::File("/e".into()));
    let wanted = "error: --print and --events stdout both want stdout: send events to a file, or to \
                  none";
    assert_eq!(refusal("replay a.pcap --print packets --events stdout"), (wanted.to_owned(), 2));
}

#[test]
fn a_replay_takes_many_captures_and_plugins() {
    let Command::Replay(replay) = cli("replay a b --plugin p --plugin q").unwrap().command else {
        panic!("another command")
    };
    assert_eq!(replay.files, ["a", "b"].map(PathBuf::from));
    assert_eq!(replay.plugin_files, ["p", "q"].map(PathBuf::from));
}

#[test]
fn what_makes_no_sense_is_refused_with_what_was_expected() {
    let listen = "error: invalid value ':9464' for '--listen <ADDR>': expected IP:PORT such as \
                  \"127.0.0.1:9464\" or \"[::1]:9464\", or \"none\"";
    assert_eq!(refusal("run --listen :9464"), (listen.to_owned(), 2));
    let duration = "error: invalid value '10' for '--duration <TIME>': expected a duration with its \
                    unit, from \"1ms\" to \"1year\"";
    assert_eq!(refusal("demo --duration 10"), (duration.to_owned(), 2));
    let ingress = "error: invalid value 'xpd' for '--ingress <HOOK>'";
    assert_eq!(refusal("run --ingress xpd"), (ingress.to_owned(), 2));
    assert_eq!(refusal("rnu"), ("error: unrecognized subcommand 'rnu'".to_owned(), 2));
    assert_eq!(refusal("replay").1, 2);
    assert_eq!(refusal("run --help").1, 0);
}

#[test]
fn commands_without_a_configuration_read_none() {
    for arguments in ["config", "detach -i eth0", "demo --duration 10s"] {
        assert_eq!(cli(arguments).unwrap().config().unwrap().file, None, "{arguments}");
    }
}
