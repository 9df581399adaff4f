//! As somebody who is not root: what works, and what is said about what does not.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path as FilePath, PathBuf},
    process::Command,
};

use ringtap_lab::{
    Family, Lab, LabConfig, Side,
    traffic::{self, Path},
};
use ringtap_tests::{
    PluginDirectory, Running, binary, capture, finish, guest, lab, output, ringtap, tcx_programs,
    tool, until,
};
use tempfile::TempDir;

const NOBODY: u32 = 65534;

/// Taps need these, and no others.
const CAPABILITIES: &str = "+bpf,+net_admin,+perfmon";

/// A place where nobody finds the binary and what it works on, whatever the checkout's rights.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(TempDir::new().unwrap());
        fs::set_permissions(place.0.path(), fs::Permissions::from_mode(0o755)).unwrap();
        place.add(&binary(), "ringtap", 0o755);
        place
    }

    fn add(&self, file: &FilePath, name: &str, mode: u32) -> PathBuf {
        let path = self.0.path().join(name);
        fs::copy(file, &path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `ringtap` as nobody, in a side's namespace, with these options of setpriv.
    fn ringtap(&self, lab: &Lab, options: &[&str]) -> Option<Command> {
        if let Err(error) = Command::new("setpriv").arg("--version").output() {
            ringtap_tests::skip(format_args!("setpriv (util-linux) does not start: {error}"));
            return None;
        }
        let id = NOBODY.to_string();
        let mut command = lab.command(Side::Near, "setpriv").unwrap();
        command.args(["--reuid", &id, "--regid", &id, "--clear-groups"]).args(options);
        command.arg(self.0.path().join("ringtap")).current_dir(self.0.path());
        Some(command)
    }
}

#[test]
fn without_privileges_run_names_what_is_missing() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let place = Place::new();
    let Some(mut command) = place.ringtap(&lab, &[]) else { return };
    let ended = finish(command.args(["run", "-i", "near0"]));
    assert_eq!(ended.code, Some(3), "{:#?}", ended.log);
    assert!(ended.says(&["CAP_BPF", "CAP_NET_ADMIN", "CAP_PERFMON", "setcap"]), "{:#?}", ended.log);
    assert!(!ended.says(&["tapping"]));
}

#[test]
fn without_privileges_replay_works() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let place = Place::new();
    let demo = place.add(&capture("demo.pcap"), "demo.pcap", 0o644);
    let plugin = place.add(&guest("counts"), "counts.wasm", 0o644);
    let Some(mut command) = place.ringtap(&lab, &[]) else { return };
    let ended = finish(command.arg("replay").arg(demo).arg("--plugin").arg(plugin));
    ended.assert_clean();
    assert!(ended.says(&["counts: 330 records = 0 shed + 0 failed + 330 delivered"]));
}

#[test]
fn without_privileges_the_demo_replays_a_capture() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let place = Place::new();
    let Some(mut command) = place.ringtap(&lab, &[]) else { return };
    let ended = finish(command.args(["demo", "--duration", "10s"]));
    ended.assert_clean();
    assert!(ended.says(&["CAP_SYS_ADMIN"]), "{:#?}", ended.log);
    assert!(ended.stdout.contains("A bundled capture: 330 packets"), "{}", ended.stdout);
    assert!(ended.stdout.contains("198.51.100.2"), "what top-talkers says: {}", ended.stdout);
}

#[test]
fn with_just_the_capabilities_everything_runs() {
    for ingress in ["xdp", "tc"] {
        let Some(lab) = lab(LabConfig::default()) else { return };
        let place = Place::new();
        let granted = ["--inh-caps", CAPABILITIES, "--ambient-caps", CAPABILITIES];
        let Some(mut command) = place.ringtap(&lab, &granted) else { return };
        let plugins = PluginDirectory::new(&["counts"]);
        fs::set_permissions(plugins.path(), fs::Permissions::from_mode(0o755)).unwrap();
        command.args(["run", "-i", "near0", "--ingress", ingress, "--plugins"]);
        command.arg(plugins.path()).env("RINGTAP_CONFIG", "none");
        command.env("RINGTAP_CACHE", "none");
        let running = Running::spawn(&lab, Side::Near, command);
        running.log_line("serving http://");
        for from in Side::BOTH {
            assert_eq!(traffic::udp(&lab, Path::new(from, Family::V4), 100, 10).unwrap(), 100);
        }
        let metrics = running.settled(&["counts"]);
        assert_eq!(metrics.records("counts"), [200, 0, 0, 200]);
        // Plugins are reloaded without more rights too.
        plugins.install("counts", "counts-v2");
        running.metrics_when("the new version", |metrics| metrics.sum("guest_version", &[]) == 2);
        running.terminate().assert_clean();
    }
}

/// What the threads of a running instance may do, by their names: effective and permitted
/// capabilities.
fn threads(running: &Running, uid: u32) -> BTreeMap<String, u64> {
    let mut threads = BTreeMap::new();
    for thread in fs::read_dir(format!("/proc/{}/task", running.id())).unwrap() {
        let path = thread.unwrap().path();
        // It may have ended since.
        let Ok(status) = fs::read_to_string(path.join("status")) else { continue };
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_else(|| panic!("no {name} in {status}")).trim().to_owned()
        };
        let capabilities = |name| u64::from_str_radix(&field(name), 16).unwrap();
        let name = field("Name:");
        assert_eq!(field("NoNewPrivs:"), "1", "{name}");
        assert_eq!(capabilities("CapInh:") | capabilities("CapAmb:"), 0, "{name}");
        for ids in ["Uid:", "Gid:"] {
            let ids = field(ids);
            assert!(ids.split_whitespace().all(|id| id == uid.to_string()), "{name}: {ids}");
        }
        assert_eq!(capabilities("CapEff:"), capabilities("CapPrm:"), "{name}");
        threads.insert(name, capabilities("CapEff:"));
    }
    threads
}

// include/uapi/linux/capability.h
const CAP_DAC_READ_SEARCH: u64 = 1 << 2;
const OF_TAPS: u64 = 1 << 12 | 1 << 38 | 1 << 39;

/// Those that keep something: all others are to have nothing.
fn assert_threads(running: &Running, uid: u32, kept: u64) {
    let keep = ["ringtap", "tokio-rt-worker", "plugin-loader"];
    let threads = threads(running, uid);
    let kept_by: BTreeMap<_, _> = threads
        .iter()
        .filter(|(_, held)| **held != 0)
        .map(|(name, held)| (name.as_str(), *held))
        .collect();
    assert_eq!(kept_by, keep.map(|name| (name, kept)).into());
    for name in ["ring-reader", "events", "plugin-epoch", "plugin counts"] {
        assert!(threads.contains_key(name), "{name} is not among {threads:?}");
    }
}

/// Has its taps, and the thread that runs the plugin.
fn started(lab: &Lab, command: Command) -> Running {
    let running = Running::spawn(lab, Side::Near, command);
    running.log_line("serving http://");
    running
}

#[test]
fn root_keeps_what_taps_take_and_plugins_have_nothing() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let place = Place::new();
    let plugins = PluginDirectory::new(&["counts"]);
    let mut command = ringtap(&lab, Side::Near);
    command.args(["run", "-i", "near0", "--plugins", plugins.as_str(), "--events"]);
    command.arg(place.path("e.jsonl"));
    let running = started(&lab, command);
    assert_threads(&running, 0, OF_TAPS);
    // Where a user's process could be looked into, all of its threads would be worth as much as the
    // one that has most: what is not dumpable belongs to root in /proc.
    let of = fs::metadata(format!("/proc/{}/environ", running.id())).unwrap();
    assert_eq!(of.uid(), 0);
    running.terminate().assert_clean();
}

/// Root may read everything, until it is without that capability.
#[test]
fn what_the_configuration_needs_is_kept_too_and_said() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let place = Place::new();
    let home = place.path("home");
    let plugins = home.join("plugins");
    fs::create_dir_all(&plugins).unwrap();
    fs::copy(guest("counts"), plugins.join("counts.wasm")).unwrap();
    for path in [&plugins, &plugins.join("counts.wasm")] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).unwrap();
    }
    fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).unwrap();
    chown(&home, Some(NOBODY), Some(NOBODY)).unwrap();
    let mut command = ringtap(&lab, Side::Near);
    command.args(["run", "-i", "near0", "--plugins"]).arg(&plugins).arg("--events");
    command.arg(place.path("e.jsonl"));
    let running = started(&lab, command);
    running.log_line("keeping CAP_DAC_READ_SEARCH: without it, the plugin directory ");
    let threads = threads(&running, 0);
    assert_eq!(threads["ringtap"], OF_TAPS | CAP_DAC_READ_SEARCH);
    assert_eq!((threads["plugin counts"], threads["ring-reader"]), (0, 0));
    fs::copy(guest("counts-v2"), plugins.join("counts.wasm")).unwrap();
    running.metrics_when("the new version", |metrics| metrics.sum("guest_version", &[]) == 2);
    running.terminate().assert_clean();
}

/// Made by root for the user, which then can do all that a running instance does.
#[test]
fn as_another_user_everything_goes_on_working() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let place = Place::new();
    let plugins = PluginDirectory::new(&["counts"]);
    fs::set_permissions(plugins.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let events = place.path("events");
    fs::create_dir(&events).unwrap();
    chown(&events, Some(NOBODY), Some(NOBODY)).unwrap();
    let (control, cache) = (place.path("control"), place.path("code"));
    // Both are to be made in a directory where the user may not write.
    let start = || {
        let mut command = ringtap(&lab, Side::Near);
        command.args(["run", "-i", "near0", "-i", "late*", "--user", &NOBODY.to_string()]);
        command.args(["--plugins", plugins.as_str(), "--listen", "127.0.0.1:464", "--events"]);
        command.arg(events.join("e.jsonl")).arg("--control").arg(&control);
        command.arg("--cache").arg(&cache);
        started(&lab, command)
    };
    let running = start();
    running.log_line("(65534), with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON");
    assert_threads(&running, NOBODY, OF_TAPS);
    for made in [&control, &cache, &events.join("e.jsonl")] {
        assert_eq!(fs::metadata(made).unwrap().uid(), NOBODY, "{made:?}");
    }

    // What is asked later: a tap, a reload, which compiles, and a status.
    let mut ip = lab.command(Side::Near, "ip").unwrap();
    ip.args(["link", "add", "late0", "type", "veth", "peer", "name", "other0"]);
    if tool(&mut ip).is_none() {
        return;
    }
    running.log_line("tapping late0 (asked for): tc egress");
    plugins.install("counts", "counts-v2");
    running.log_line("plugin replaced");
    assert_eq!(fs::read_dir(&cache).unwrap().count(), 2);
    let mut by_root = ringtap(&lab, Side::Near);
    by_root.arg("status").arg("--control").arg(&control);
    let by_root = output(&mut by_root);
    assert!(String::from_utf8_lossy(&by_root.stdout).contains("late0 tc egress"), "{by_root:?}");
    let Some(mut by_user) = place.ringtap(&lab, &[]) else { return };
    by_user.args(["status", "--config", "none", "--control"]).arg(&control);
    let by_user = output(&mut by_user);
    assert!(String::from_utf8_lossy(&by_user.stdout).contains("late0 tc egress"), "{by_user:?}");
    // Nothing of it is left by a kill, and the next one finds its directories and the code.
    assert_eq!(running.kill().code, None);
    until("the TCX programs are gone", || tcx_programs(&lab, Side::Near) == [0, 0]);
    let again = start();
    assert_eq!(fs::read_dir(&control).unwrap().count(), 1);
    again.terminate().assert_clean();
    assert_eq!(fs::read_dir(&control).unwrap().count(), 0);
}

#[test]
fn a_user_that_can_not_be_is_refused() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let place = Place::new();
    let run = |command: &mut Command, more: &[&str]| {
        finish(
            command.args(["run", "-i", "near0", "--listen", "none", "--duration", "5s"]).args(more),
        )
    };
    let unknown = run(&mut ringtap(&lab, Side::Near), &["--user", "no-such-user"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.says(&["there is no user no-such-user", "--user"]), "{:#?}", unknown.log);

    let plugins = PluginDirectory::new(&["counts"]);
    fs::set_permissions(plugins.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let arguments = ["--user", "65534", "--plugins", plugins.as_str()];
    let unreadable = run(&mut ringtap(&lab, Side::Near), &arguments);
    assert_eq!(unreadable.code, Some(3));
    let said = ["can't read the plugin directory", plugins.as_str(), "Permission denied"];
    assert!(unreadable.says(&said), "{:#?}", unreadable.log);

    let events = place.path("e.jsonl");
    let arguments = ["--user", "65534", "--events", events.to_str().unwrap()];
    let unwritable = run(&mut ringtap(&lab, Side::Near), &arguments);
    assert_eq!(unwritable.code, Some(3));
    let said = ["can't write the event file", "Permission denied"];
    assert!(unwritable.says(&said), "{:#?}", unwritable.log);
    assert!(!events.exists());
    // The same is told beforehand.
    let mut check = ringtap(&lab, Side::Near);
    let check = finish(check.args(["check", "-i", "near0", "--listen", "none"]).args(arguments));
    assert_eq!(check.code, Some(3));
    assert!(
        check.stdout.contains("FAIL user: user nobody (65534) can't write the event file"),
        "{}",
        check.stdout
    );

    let Some(mut command) = place.ringtap(&lab, &[]) else { return };
    let not_root = run(&mut command, &["--user", "root"]);
    assert_eq!(not_root.code, Some(3));
    assert!(not_root.says(&["to become user root (0), start it as root"]), "{:#?}", not_root.log);
}

#[test]
fn check_says_as_whom_it_would_run() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    for (arguments, user) in [(&[][..], "root (0)"), (&["--user", "65534"], "nobody (65534)")] {
        let mut check = ringtap(&lab, Side::Near);
        check.args(["check", "-i", "near0", "--listen", "none"]).args(arguments);
        let said = finish(&mut check).stdout;
        let wanted = format!(
            "ok   privileges: runs as user {user}, with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON, once \
             the taps are on\n"
        );
        assert!(said.contains(&wanted), "{said}");
    }
}

/// What its user could have put into the cache must not run with rights that the user has not.
#[test]
fn with_file_capabilities_no_compiled_code_is_kept() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let place = Place::new();
    let mut setcap = Command::new("setcap");
    setcap.arg("cap_bpf,cap_net_admin,cap_perfmon+ep").arg(place.path("ringtap"));
    if tool(&mut setcap).is_none() {
        return;
    }
    let cache = place.path("code");
    fs::create_dir(&cache).unwrap();
    chown(&cache, Some(NOBODY), Some(NOBODY)).unwrap();
    let Some(mut command) = place.ringtap(&lab, &[]) else { return };
    command.args(["run", "-i", "near0", "--config", "none", "--control", "none"]);
    command.args(["--bundled", "flow-log", "--log", "debug", "--cache"]).arg(&cache);
    let running = started(&lab, command);
    running.log_line("no compiled code is kept: this executable has capabilities");
    assert_eq!(threads(&running, NOBODY)["ringtap"], OF_TAPS);
    assert_eq!(fs::read_dir(&cache).unwrap().count(), 0);
    running.terminate().assert_clean();
}

/// What anybody else owns is not run, though it can be read.
#[test]
fn a_plugin_of_somebody_else_is_refused() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let plugins = PluginDirectory::new(&["counts"]);
    chown(plugins.path().join("counts.wasm"), Some(NOBODY), None).unwrap();
    let running = Running::start(&lab, &["--plugins", plugins.as_str()]);
    assert_eq!(running.metrics().state("counts"), "quarantined");
    running.log_line("belongs to user 65534: it must belong to root or to user 0");
    running.terminate().assert_clean();
}
