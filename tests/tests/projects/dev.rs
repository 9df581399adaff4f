use std::{
    fs::{self, File},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use ringtap_lab::{LabConfig, Side};
use ringtap_tests::{METRICS_PORT, Running, get, lab, until};
use rustix::process::{Pid, Signal, kill_process};

use crate::support::{made, quick, replace, ringtap};

/// A build takes its time on a machine under load.
const BUILD: Duration = Duration::from_secs(300);

fn within(what: &str, text: impl Fn() -> String, wanted: &str) {
    let deadline = Instant::now() + BUILD;
    while !text().contains(wanted) {
        assert!(Instant::now() < deadline, "{what}: no {wanted:?} in {}", text());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Ended when it is dropped, whatever the test came to.
struct Dev(Child);

impl Dev {
    fn interrupt(&mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.0), Signal::INT).unwrap();
        self.0.wait().unwrap().code()
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        // It may be gone already.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Processes with that folder in their command lines.
fn processes_of(folder: &Path) -> Vec<String> {
    let folder = folder.to_str().unwrap();
    let command_line = |entry: fs::DirEntry| fs::read_to_string(entry.path().join("cmdline")).ok();
    let lines = fs::read_dir("/proc").unwrap().flatten().filter_map(command_line);
    lines.filter(|line| line.contains(folder)).collect()
}

#[test]
fn a_save_is_built_and_what_it_changes_is_shown() {
    let Some(language) = quick() else { return };
    let (parent, folder) = made("mine", language);
    let (out, err) = (parent.path().join("out"), parent.path().join("err"));
    let mut command: Command = ringtap(parent.path());
    command.args(["plugin", "dev", "--capture"]).arg(folder.join("tests/mixed/packets.pcap"));
    command.arg(&folder).env("RINGTAP_CACHE", ringtap_tests::code_cache()).stdin(Stdio::null());
    command.stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
    let mut dev = Dev(command.spawn().unwrap());
    let stdout = || fs::read_to_string(&out).unwrap();
    let stderr = || fs::read_to_string(&err).unwrap();

    within("at first", stdout, "mine: what it makes of ");
    within("at first", stdout, "  + mine_packets_total{protocol=\"tcp\",plugin=\"mine\"} 249\n");

    assert_ne!(replace(&folder, "\"tcp\"", "\"TCP\""), 0);
    within("after a save", stdout, "mine: what changed since the last build\n");
    within(
        "after a save",
        stdout,
        "  - mine_packets_total{protocol=\"tcp\",plugin=\"mine\"} 249\n",
    );
    within(
        "after a save",
        stdout,
        "  + mine_packets_total{protocol=\"TCP\",plugin=\"mine\"} 249\n",
    );

    replace(&folder, "\"TCP\"", "\"TCP");
    within("after a mistake", stderr, "== mine: the build failed; what was there goes on\n");
    assert!(folder.join("build/plugins/mine.wasm").is_file());

    replace(&folder, "\"TCP", "\"tcp\"");
    within(
        "set right",
        stdout,
        "  + mine_packets_total{protocol=\"tcp\",plugin=\"mine\"} 249\n  + ",
    );
    assert_eq!(dev.interrupt(), Some(0), "{}", stderr());
    until("nothing is left", || processes_of(&folder).is_empty());
}

#[test]
fn a_live_runtime_takes_what_was_built() {
    let Some(language) = quick() else { return };
    let Some(lab) = lab(LabConfig::default()) else { return };
    let (_parent, folder) = made("mine", language);
    let mut command = ringtap_tests::ringtap(&lab, Side::Near);
    command.args(["plugin", "dev", "-i", Side::Near.interface()]).arg(&folder);
    let dev = Running::spawn(&lab, Side::Near, command);
    let names = || {
        let answer = get(&lab, Side::Near, METRICS_PORT, "/metrics");
        answer.map(|(_, text)| text).unwrap_or_default()
    };
    within("at first", names, "ringtap_plugin_state{plugin=\"mine\",state=\"running\"} 1\n");
    assert_eq!(dev.terminate().code, Some(0));
    until("nothing is left", || processes_of(&folder).is_empty());
}
