//! How rings are read, as `[taps]` says: by one thread or by one for each CPU, at intervals or all the
//! time, stamped by either clock.

use std::fs;

use ringtap_lab::{
    Family, LabConfig, Side,
    traffic::{self, Path},
};
use ringtap_tests::{PluginDirectory, Running, config_file, lab};
use tempfile::TempDir;

/// Threads of a process by this name.
fn threads(process: u32, name: &str) -> usize {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let is_one = |task: &fs::DirEntry| {
        fs::read_to_string(task.path().join("comm")).is_ok_and(|comm| comm.trim_end() == name)
    };
    tasks.map(Result::unwrap).filter(is_one).count()
}

/// 300 packets each way reach the plugin, whatever the taps are told, by so many readers.
fn assert_nothing_is_lost(taps: &str, readers: usize) {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let (directory, plugins) = (TempDir::new().unwrap(), PluginDirectory::new(&["counts"]));
    let config = config_file(&directory, &format!("[taps]\n{taps}\n"));
    let running = Running::start(&lab, &["--config", &config, "--plugins", plugins.as_str()]);
    assert_eq!(threads(running.id(), "ring-reader"), readers, "{taps}");
    for from in Side::BOTH {
        assert_eq!(traffic::udp(&lab, Path::new(from, Family::V4), 300, 10).unwrap(), 300);
    }
    assert_eq!(running.settled(&["counts"]).records("counts"), [600, 0, 0, 600], "{taps}");
    running.terminate().assert_clean();
}

#[test]
fn one_reader_reads_every_ring() {
    assert_nothing_is_lost("drain_interval = \"1ms\"", 1);
}

#[test]
fn each_cpu_has_a_reader_where_that_is_asked_for() {
    // Those that are online, whichever of them we may run on.
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap();
    let cpus = processors.lines().filter(|line| line.starts_with("processor")).count();
    assert_nothing_is_lost("readers = \"per-cpu\"", cpus);
}

#[test]
fn low_latency_and_the_coarse_clock_lose_nothing() {
    assert_nothing_is_lost("latency = \"low\"\ntimestamps = \"coarse\"", 1);
}
