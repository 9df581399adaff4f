//! Plugins are replaced, refused and unloaded while traffic runs, and no record is lost by it.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    time::Instant,
};

use ringtap_lab::{
    Family, Lab, LabConfig, Side,
    traffic::{self, Path},
};
use ringtap_net::interface_named;
use ringtap_tests::{Metrics, PluginDirectory, Running, Sender, lab, until};

/// A runtime with XDP and TC taps on the near side, which follows a directory.
struct Bench {
    lab: Lab,
    plugins: PluginDirectory,
    running: Running,
}

impl Bench {
    fn new(guests: &[&str]) -> Option<Self> {
        let lab = lab(LabConfig::default())?;
        let plugins = PluginDirectory::new(guests);
        let arguments = ["--ingress", "xdp", "--plugins", plugins.as_str()];
        let running = Running::start(&lab, &arguments);
        Some(Self { lab, plugins, running })
    }

    /// The program of the XDP tap, as long as it is the same.
    fn xdp(&self) -> u32 {
        let look = || interface_named("near0").unwrap().unwrap().xdp.unwrap().id;
        self.lab.inside(Side::Near, look).unwrap()
    }

    /// Wait for so many changes of `counts` to have come to an outcome.
    fn outcome(&self, outcome: &str, count: u64) -> Metrics {
        let labels = [("plugin", "counts"), ("outcome", outcome)];
        self.running.metrics_when(&format!("{count} {outcome}"), |metrics| {
            metrics.sum("ringtap_reloads_total", &labels) == count
        })
    }

    /// Check that `counts` has had all that was sent, in order, and that its taps never went.
    fn finish(self, sent: u64, xdp: u32) {
        let metrics = self.running.settled(&["counts"]);
        assert_eq!(metrics.records("counts"), [sent, 0, 0, sent]);
        assert_eq!(metrics.sum("ringtap_packets_seen_total", &[]), sent);
        assert_eq!(metrics.sum("guest_packets_total", &[("plugin", "counts")]), sent);
        assert_eq!(metrics.sum("guest_sequence_errors_total", &[]), 0);
        assert_eq!(self.xdp(), xdp, "the tap was attached anew");
        self.running.terminate().assert_clean();
    }
}

fn version(metrics: &Metrics) -> u64 {
    metrics.sum("guest_version", &[("plugin", "counts")])
}

#[test]
fn a_replacement_under_traffic_loses_nothing() {
    let Some(bench) = Bench::new(&["counts"]) else { return };
    let xdp = bench.xdp();
    let sender = Sender::start(&bench.lab);
    bench.running.metrics_when("traffic", |metrics| metrics.sum("guest_packets_total", &[]) > 0);
    assert_eq!(version(&bench.running.metrics()), 1);
    for (round, (guest, new)) in
        [("counts-v2", 2), ("counts", 1), ("counts-v2", 2)].iter().enumerate()
    {
        let before = bench.running.metrics();
        let changed = Instant::now();
        bench.plugins.install("counts", guest);
        let after = bench.running.metrics_when("the new version", |now| version(now) == *new);
        println!("version {new} answered {:?} after its file was there", changed.elapsed());
        // Taps went on counting, and the counters of the old version are the new one's.
        for counter in ["ringtap_packets_seen_total", "guest_packets_total"] {
            assert!(after.sum(counter, &[]) >= before.sum(counter, &[]), "{counter}");
        }
        bench.outcome("replaced", round as u64 + 1);
        bench.running.metrics_when("traffic for the new version", |now| {
            now.sum("guest_packets_total", &[]) > after.sum("guest_packets_total", &[])
        });
    }
    let sent = sender.stop();
    bench.finish(sent, xdp);
}

#[test]
fn what_is_broken_leaves_the_old_version_at_work() {
    let Some(bench) = Bench::new(&["counts"]) else { return };
    let xdp = bench.xdp();
    let whole = fs::read(bench.plugins.path().join("counts.wasm")).unwrap();
    let core_module = b"\0asm\x01\0\0\0";
    let broken: [(&[u8], &str); 4] = [
        (b"", "empty"),
        (b"not WebAssembly", "is no WebAssembly"),
        (core_module, "core module"),
        (&whole[..whole.len() / 2], "ends in the middle"),
    ];
    let sender = Sender::start(&bench.lab);
    for ((content, reason), count) in broken.iter().zip(1..) {
        bench.plugins.put("counts.wasm", content);
        let metrics = bench.outcome("kept_old", count);
        assert_eq!((version(&metrics), metrics.state("counts").as_str()), (1, "running"));
        bench.running.says(&["the old one runs on", "counts", reason]);
    }
    // Others could have written it: kept out for that alone.
    bench.plugins.install("counts", "counts-v2");
    bench.outcome("replaced", 1);
    let path = bench.plugins.path().join("counts.wasm");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    bench.outcome("kept_old", 5);
    bench.running.log_line("can be written by others (mode 0666): chmod go-w it");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    bench.outcome("replaced", 2);
    let sent = sender.stop();
    bench.finish(sent, xdp);
}

#[test]
fn a_plugin_comes_and_goes_with_its_file() {
    let Some(bench) = Bench::new(&["counts"]) else { return };
    let xdp = bench.xdp();
    bench.plugins.install("other", "counts-v2");
    bench.running.metrics_when("the new plugin", |metrics| metrics.state("other") == "running");
    let path = Path::new(Side::Near, Family::V4);
    assert_eq!(traffic::udp(&bench.lab, path, 300, 100).unwrap(), 300);
    let metrics = bench.running.settled(&["counts", "other"]);
    assert_eq!(metrics.sum("guest_packets_total", &[("plugin", "other")]), 300);
    bench.plugins.remove("other.wasm");
    let gone = bench.running.metrics_when("no plugin `other`", |metrics| {
        metrics.sum("ringtap_reloads_total", &[("plugin", "other"), ("outcome", "removed")]) == 1
    });
    for name in ["ringtap_plugin_state", "ringtap_plugin_delivered_total", "guest_packets_total"] {
        assert!(!gone.has(name, &[("plugin", "other")]), "{name}");
    }
    assert_eq!(traffic::udp(&bench.lab, path, 200, 100).unwrap(), 200);
    bench.finish(500, xdp);
}

#[test]
fn a_change_of_its_config_is_a_change_of_the_plugin() {
    let Some(bench) = Bench::new(&["counts"]) else { return };
    let xdp = bench.xdp();
    bench.plugins.install("picky", "refuses-init");
    bench.running.log_line("told to refuse: ");
    bench.plugins.put("picky.toml", b"for this reason");
    bench.running.log_line("told to refuse: for this reason");
    bench.plugins.put("picky.toml", b"for that reason");
    bench.running.log_line("told to refuse: for that reason");

    let sender = Sender::start(&bench.lab);
    bench.plugins.put("counts.toml", b"anything");
    bench.outcome("replaced", 1);
    bench.plugins.remove("counts.toml");
    bench.outcome("replaced", 2);
    let sent = sender.stop();
    bench.finish(sent, xdp);
}

/// Kubernetes makes the files of a ConfigMap links through `..data`, and swaps that.
#[test]
fn links_that_are_swapped_are_followed() {
    let Some(bench) = Bench::new(&[]) else { return };
    let xdp = bench.xdp();
    let root = bench.plugins.path();
    for (data, guest) in [("..1", "counts"), ("..2", "counts-v2")] {
        fs::create_dir(root.join(data)).unwrap();
        fs::copy(ringtap_tests::guest(guest), root.join(data).join("counts.wasm")).unwrap();
        fs::set_permissions(root.join(data).join("counts.wasm"), fs::Permissions::from_mode(0o644))
            .unwrap();
        fs::set_permissions(root.join(data), fs::Permissions::from_mode(0o755)).unwrap();
    }
    symlink("..1", root.join("..data")).unwrap();
    symlink("..data/counts.wasm", root.join("counts.wasm")).unwrap();
    bench.running.metrics_when("the first version", |metrics| version(metrics) == 1);
    let sender = Sender::start(&bench.lab);
    symlink("..2", root.join("..data_tmp")).unwrap();
    fs::rename(root.join("..data_tmp"), root.join("..data")).unwrap();
    bench.running.metrics_when("the second version", |metrics| version(metrics) == 2);
    bench.outcome("replaced", 1);
    let sent = sender.stop();
    bench.finish(sent, xdp);
}

#[test]
fn a_burst_of_changes_ends_in_the_last_state() {
    let Some(bench) = Bench::new(&["counts"]) else { return };
    let xdp = bench.xdp();
    let sender = Sender::start(&bench.lab);
    for change in 0..49 {
        match change % 3 {
            0 => bench.plugins.put("counts.wasm", b"broken"),
            1 => bench.plugins.put("counts.toml", change.to_string().as_bytes()),
            _ => bench.plugins.install("counts", "counts"),
        }
    }
    bench.plugins.install("counts", "counts-v2");
    bench.running.metrics_when("the last version", |metrics| version(metrics) == 2);
    let sent = sender.stop();
    // The last change was seen, so the last outcome is about it, and nothing comes after.
    bench.running.log_line("outcome=\"replaced\"");
    let is_last = || {
        let log = bench.running.log();
        let outcome = log.iter().rfind(|line| line.contains("outcome="));
        outcome.is_some_and(|line| line.contains("outcome=\"replaced\""))
    };
    until("the last outcome is a replacement", is_last);
    bench.finish(sent, xdp);
}
