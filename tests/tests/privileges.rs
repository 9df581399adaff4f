//! As somebody who is not root: what works, and what is said about what does not.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path as FilePath, PathBuf},
    process::Command,
};

use ringtap_lab::{
    Family, Lab, LabConfig, Side,
    traffic::{self, Path},
};
use ringtap_tests::{PluginDirectory, Running, binary, capture, finish, guest, lab};
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

/// What anybody else owns is not run, though it can be read.
#[test]
fn a_plugin_of_somebody_else_is_refused() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let plugins = PluginDirectory::new(&["counts"]);
    chown(plugins.path().join("counts.wasm"), Some(NOBODY), None).unwrap();
    let running = Running::start(&lab, &["--plugins", plugins.as_str()]);
    assert_eq!(running.metrics().state("counts"), "refused");
    running.log_line("belongs to user 65534: it must belong to root or to user 0");
    running.terminate().assert_clean();
}
