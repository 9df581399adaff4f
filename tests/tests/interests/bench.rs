use std::{cell::Cell, fs, process::Command};

use ringtap_lab::{Lab, LabConfig, Side, traffic};
use ringtap_tests::{Ended, Metrics, PluginDirectory, Running, binary, config_file, finish, lab};
use serde_json::Value;
use tempfile::TempDir;

/// Frames that a veth takes without losing any, whoever reads at the other end.
const AT_ONCE: usize = 500;

/// A runtime with TC taps on the near side of a lab. All that passes there is sent by the bench.
pub(crate) struct Bench {
    pub(crate) lab: Lab,
    pub(crate) plugins: PluginDirectory,
    pub(crate) running: Running,
    folder: TempDir,
    sent: Cell<u64>,
}

/// What the taps together have counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taps {
    pub(crate) uninterested: u64,
    pub(crate) sampled_out: u64,
    pub(crate) published: u64,
}

impl Bench {
    /// With these plugins and what the configuration says of them. Events go to a file.
    pub(crate) fn new(plugins: PluginDirectory, config: &str) -> Option<Self> {
        Self::on(&["near0"], plugins, config)
    }

    /// As [`Bench::new`], on interfaces of one's choice, `near0` among them.
    pub(crate) fn on(interfaces: &[&str], plugins: PluginDirectory, config: &str) -> Option<Self> {
        let lab = lab(LabConfig::default())?;
        let folder = TempDir::new().unwrap();
        let events = folder.path().join("events");
        // No test may fail for the sink's sake.
        let config = format!("{config}\n[events]\nto = {events:?}\nqueue = 1048576\n");
        let config = config_file(&folder, &config);
        let control = folder.path().to_str().unwrap();
        let mut arguments = vec!["--config", &config, "--plugins", plugins.as_str()];
        arguments.extend(["--control", control]);
        arguments.extend(interfaces.iter().skip(1).flat_map(|name| ["-i", *name]));
        let running = Running::start(&lab, &arguments);
        running.log_line("tapping near0 (asked for): tc ingress");
        running.log_line("tapping near0 (asked for): tc egress");
        Some(Self { lab, plugins, running, folder, sent: Cell::new(0) })
    }

    /// Send frames from a side, so many times each.
    pub(crate) fn send(&self, from: Side, frames: &[(usize, Vec<u8>)]) {
        let copies = |(times, frame): &(usize, Vec<u8>)| vec![frame.clone(); *times];
        let frames: Vec<_> = frames.iter().flat_map(copies).collect();
        for frames in frames.chunks(AT_ONCE) {
            self.note_sent(traffic::frames(&self.lab, from, frames).unwrap());
            self.running.metrics_when("all that was sent is seen", |now| self.is_seen(now));
        }
    }

    fn is_seen(&self, metrics: &Metrics) -> bool {
        metrics.sum("ringtap_packets_seen_total", &[]) == self.sent.get()
    }

    /// Take note of what was sent by other means.
    pub(crate) fn note_sent(&self, packets: u64) {
        self.sent.set(self.sent.get() + packets);
    }

    /// Wait until the taps have seen all that was sent, and what these plugins are to have is
    /// delivered to them. Nothing may be lost, shed or failed.
    pub(crate) fn delivered(&self, plugins: &[(&str, u64)]) -> (Metrics, Taps) {
        let metrics = self.running.metrics_when(&format!("{plugins:?} is delivered"), |metrics| {
            self.is_seen(metrics)
                && plugins.iter().all(|(plugin, count)| metrics.records(plugin)[3] == *count)
        });
        metrics.assert_ledgers_close();
        assert_eq!(metrics.sum("ringtap_packets_lost_total", &[]), 0);
        for (plugin, count) in plugins {
            assert_eq!(metrics.records(plugin), [*count, 0, 0, *count], "{plugin}");
        }
        let taps = Taps::of(&metrics);
        (metrics, taps)
    }

    /// What `ringtap status` says of it.
    pub(crate) fn status(&self) -> Value {
        let mut command = Command::new(binary());
        let command = command.arg("status").arg("--control").arg(self.folder.path()).arg("--json");
        let ended = finish(command);
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        let mut status: Value = serde_json::from_str(&ended.stdout).unwrap();
        status["instances"][0].take()
    }

    /// Bits of the tables that are taken, and the filters of each plugin's interests.
    pub(crate) fn wanted(&self) -> (u64, Vec<(String, Vec<String>)>) {
        let status = self.status();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let filters = |plugin: &Value| {
            let interests = plugin["interests"].as_array().unwrap();
            interests.iter().map(|interest| text(&interest["filter"])).collect()
        };
        let plugins = status["plugins"].as_array().unwrap();
        let plugins = plugins.iter().map(|plugin| (text(&plugin["name"]), filters(plugin)));
        (status["interests"]["bits"].as_u64().unwrap(), plugins.collect())
    }

    /// End it, and check that since then these plugins had no more.
    pub(crate) fn finish(self, plugins: &[(&str, u64)]) -> (Ended, Vec<Value>) {
        assert_eq!(self.status()["interests"]["strays"], 0);
        let Self { running, folder, .. } = self;
        let ended = running.terminate();
        ended.assert_clean();
        for (plugin, count) in plugins {
            let all = format!("{plugin}: {count} records = 0 shed + 0 failed + {count} delivered");
            assert!(ended.says(&[&all]), "{all}, and not {:#?}", ended.log);
        }
        let events = fs::read_to_string(folder.path().join("events")).unwrap();
        let events = events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (ended, events)
    }
}

impl Taps {
    pub(crate) fn of(metrics: &Metrics) -> Self {
        let sum = |bucket| metrics.sum(&format!("ringtap_packets_{bucket}_total"), &[]);
        Self {
            uninterested: sum("uninterested"),
            sampled_out: sum("sampled_out"),
            published: sum("published"),
        }
    }
}
