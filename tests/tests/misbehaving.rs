//! What becomes of plugins that misbehave, and that their neighbour does not notice.

use ringtap_lab::{
    Family, Lab, LabConfig, Side,
    traffic::{self, Path},
};
use ringtap_tests::{Ended, Metrics, PluginDirectory, Running, config_file, lab};
use tempfile::TempDir;

/// `counts` and others that are up to something, on the near side of a lab.
struct Bench {
    lab: Lab,
    running: Running,
    guests: Vec<&'static str>,
    _plugins: PluginDirectory,
    _directory: TempDir,
}

impl Bench {
    /// `guests` with their configs, and the limits that the operator sets.
    fn new(guests: &[(&'static str, &str)], limits: &str) -> Option<Self> {
        let lab = lab(LabConfig::default())?;
        let plugins = PluginDirectory::new(&["counts"]);
        for (name, config) in guests {
            plugins.put(&format!("{name}.toml"), config.as_bytes());
            plugins.install(name, name);
        }
        let directory = TempDir::new().unwrap();
        // The dead stay dead, or their counts would never be the same.
        let quarantine =
            |(name, _): &(&str, &str)| format!("\n[plugins.{name}]\non_failure = \"quarantine\"");
        let has_none = |(name, _): &&(&str, &str)| !limits.contains(&format!("[plugins.{name}]"));
        let own: String = guests.iter().filter(has_none).map(quarantine).collect();
        let config = config_file(&directory, &format!("{limits}{own}"));
        let running = Running::start(&lab, &["--config", &config, "--plugins", plugins.as_str()]);
        let guests = guests.iter().map(|(name, _)| *name).collect();
        Some(Self { lab, running, guests, _plugins: plugins, _directory: directory })
    }

    /// Send both ways. Returns how many packets.
    fn send(&self, count: u64) -> u64 {
        Side::BOTH
            .map(|from| traffic::udp(&self.lab, Path::new(from, Family::V4), count, 100).unwrap())
            .iter()
            .sum()
    }

    /// Wait for all plugins to be in that state.
    fn all(&self, state: &str) -> Metrics {
        self.running.metrics_when(&format!("all are {state}"), |metrics| {
            self.guests.iter().all(|guest| metrics.state(guest) == state)
        })
    }

    /// Wait for the log to say this of the plugin.
    fn says(&self, plugin: &str, what: &str) {
        self.running.says(&[&format!("plugin={plugin}"), what]);
    }

    /// Check that `counts` has had all that was sent, and that the ledgers of all plugins close.
    fn finish(self, sent: u64) -> (Metrics, Ended) {
        let metrics = self.running.settled(&["counts"]);
        assert_eq!(metrics.state("counts"), "running");
        assert_eq!(metrics.records("counts"), [sent, 0, 0, sent]);
        assert_eq!(metrics.sum("guest_packets_total", &[("plugin", "counts")]), sent);
        assert_eq!(metrics.sum("guest_sequence_errors_total", &[]), 0);
        let ended = self.running.terminate();
        ended.assert_clean();
        assert!(!ended.says(&["bug in ringtap"]), "{:#?}", ended.log);
        (metrics, ended)
    }
}

#[test]
fn those_that_break_the_rules_of_starting_are_refused() {
    let guests = [
        ("describe-calls-host", ""),
        ("refuses-init", "with this reason"),
        ("never-returns", "call = \"init\""),
        ("grows-memory", "call = \"init\""),
        ("recurses", "call = \"init\""),
        ("traps", "call = \"init\""),
    ];
    let Some(bench) = Bench::new(&guests, "[limits]\ninit_deadline = \"200ms\"") else { return };
    let sent = bench.send(500);
    bench.all("quarantined");
    for (plugin, reason) in [
        ("describe-calls-host", "describe may call no capability"),
        ("refuses-init", "refused to start: told to refuse: with this reason"),
        ("never-returns", "used up its 200ms of CPU time"),
        ("grows-memory", "refused memory over its limit"),
        ("recurses", "call stack exhausted"),
        ("traps", "trapped"),
    ] {
        bench.says(plugin, reason);
    }
    let (metrics, _) = bench.finish(sent);
    for (plugin, _) in guests {
        assert_eq!(metrics.records(plugin), [0; 4], "{plugin}");
        // The call that failed counts for nothing.
        assert!(!metrics.has("guest_batches_total", &[("plugin", plugin)]), "{plugin}");
    }
}

#[test]
fn those_that_are_of_no_shape_or_of_two_are_refused() {
    let guests = [("two-roles", ""), ("wrong-filter", ""), ("wrong-state", "")];
    let Some(bench) = Bench::new(&guests, "") else { return };
    let sent = bench.send(500);
    bench.all("quarantined");
    for (plugin, reason) in [
        ("two-roles", "exports both `aggregate` and `filter`"),
        ("wrong-filter", "is a component of another world: a function has another type"),
        ("wrong-state", "is a component of another world: "),
    ] {
        bench.says(plugin, reason);
    }
    bench.finish(sent);
}

#[test]
fn those_that_fail_over_packets_lose_their_own_records_and_no_others() {
    let guests = [
        ("never-returns", "nth = 2"),
        ("grows-memory", "nth = 2"),
        ("recurses", "nth = 2"),
        ("traps", "nth = 2"),
        ("floods-metrics", "series = 100000000"),
        ("floods-events", "rows = 100000000"),
    ];
    let Some(bench) = Bench::new(&guests, "[limits]\nmemory = \"16MiB\"") else { return };
    let first = bench.send(1);
    bench.running.metrics_when("the first batch is with all", |metrics| {
        let had = |guest: &&str| metrics.records(guest)[2..].iter().sum::<u64>() > 0;
        bench.guests.iter().all(had)
    });
    let sent = first + bench.send(500);
    bench.all("quarantined");
    let sent = sent + bench.send(500);
    for (plugin, reason) in [
        ("never-returns", "used up its 50ms of CPU time"),
        ("grows-memory", "refused memory over its limit"),
        ("recurses", "call stack exhausted"),
        ("traps", "trapped"),
        ("floods-metrics", "used up its 50ms of CPU time"),
        ("floods-events", "used up its 50ms of CPU time"),
    ] {
        bench.says(plugin, reason);
    }
    bench.says("traps", "told to trap");
    let (metrics, _) = bench.finish(sent);
    for (plugin, _) in guests {
        let [published, shed, failed, delivered] = metrics.records(plugin);
        assert_eq!(published, sent, "{plugin}");
        assert!(failed > 0 && shed >= 1000, "{plugin}: {shed} shed, {failed} failed");
        assert_eq!(delivered, published - shed - failed);
    }
    // A call that fails leaves no trace: not the batch it had counted, and no series or rows.
    assert_eq!(metrics.sum("guest_batches_total", &[("plugin", "traps")]), 1);
    assert!(!metrics.has("guest_flood_total", &[]));
    assert_eq!(metrics.sum("ringtap_events_emitted_total", &[]), 0);
}

#[test]
fn those_that_fail_between_packets_are_ended_too() {
    let guests = [
        ("never-returns", "call = \"tick\""),
        ("grows-memory", "call = \"tick\""),
        ("recurses", "call = \"tick\""),
        ("traps", "call = \"tick\""),
    ];
    let Some(bench) = Bench::new(&guests, "[limits]\nmemory = \"16MiB\"") else { return };
    bench.all("quarantined");
    let sent = bench.send(500);
    let (metrics, _) = bench.finish(sent);
    for (plugin, _) in guests {
        assert_eq!(metrics.records(plugin), [sent, sent, 0, 0], "{plugin}");
    }
}

#[test]
fn those_that_fail_at_the_end_keep_nobody_from_ending() {
    let guests = [
        ("never-returns", "call = \"stop\""),
        ("grows-memory", "call = \"stop\""),
        ("recurses", "call = \"stop\""),
        ("traps", "call = \"stop\""),
    ];
    let Some(bench) = Bench::new(&guests, "[limits]\ninit_deadline = \"200ms\"") else { return };
    let sent = bench.send(500);
    bench.running.settled(&bench.guests);
    let (metrics, _) = bench.finish(sent);
    for (plugin, _) in guests {
        assert_eq!(metrics.records(plugin), [sent, 0, 0, sent], "{plugin}");
    }
}

#[test]
fn floods_are_held_to_their_limits() {
    let guests = [
        ("floods-events", "rows = 2000"),
        ("floods-logs", "lines = 1000"),
        ("floods-metrics", "series = 100"),
    ];
    let limits = "[limits]\ncall_deadline = \"10s\"\nmax_series = 50\n\
                  event_rate = 1\nevent_burst = 3000";
    let Some(bench) = Bench::new(&guests, limits) else { return };
    let sent = bench.send(100);
    let metrics = bench.running.settled(&bench.guests);
    for guest in &bench.guests {
        assert_eq!(
            (metrics.state(guest).as_str(), metrics.records(guest)),
            ("running", [sent, 0, 0, sent])
        );
    }
    // Nobody takes events here, and all are accounted for.
    let batches = |plugin| {
        let labels = [("plugin", plugin), ("call", "on-packets")];
        metrics.sum("ringtap_plugin_calls_total", &labels)
    };
    let rows = 2000 * batches("floods-events");
    let of = [("plugin", "floods-events")];
    let suppressed = metrics.sum("ringtap_plugin_events_suppressed_total", &of);
    assert!(suppressed < rows && rows - suppressed >= 3000.min(rows), "{suppressed} of {rows}");
    assert_eq!(metrics.sum("ringtap_events_emitted_total", &[]), rows - suppressed);
    assert_eq!(metrics.sum("ringtap_events_refused_total", &[]), rows - suppressed);
    // One of the 50 is the counter of what was refused. The others have one each, the rest is summed.
    let flood = [("plugin", "floods-metrics")];
    assert_eq!(metrics.sum("guest_refused_total", &flood), 0);
    assert_eq!(metrics.sum("guest_flood_total", &flood), 100 * batches("floods-metrics"));
    let overflow = [flood[0], ("n", "(overflow)")];
    let over = 100 * batches("floods-metrics") - 49;
    assert_eq!(metrics.sum("guest_flood_total", &overflow), over);
    assert_eq!(metrics.sum("ringtap_plugin_series_overflow_total", &flood), over);
    assert_eq!(metrics.sum("ringtap_plugin_series", &flood), 51);
    let batches = batches("floods-logs");
    let (_, ended) = bench.finish(sent);
    let lines = ended.log.iter().filter(|line| line.contains("plugin=floods-logs"));
    assert!((lines.count() as u64) < 1000 * batches);
    let suppressed =
        metrics.sum("ringtap_plugin_log_suppressed_total", &[("plugin", "floods-logs")]);
    assert!((1..1000 * batches).contains(&suppressed), "{suppressed} of {batches} batches");
    assert!(ended.says(&["log lines were dropped: too many at once", "plugin=floods-logs"]));
}

/// A plugin that can't keep up loses its own records, and says how many.
#[test]
fn the_slow_one_sheds() {
    let guests = [("slow", "rounds = 20000000")];
    let limits = "[plugins.slow]\ncall_deadline = \"10s\"\nqueue_records = 1024";
    let Some(bench) = Bench::new(&guests, limits) else { return };
    let sent = std::cell::Cell::new(0);
    bench.running.metrics_when("something was shed", |metrics| {
        sent.set(sent.get() + bench.send(500));
        metrics.records("slow")[1] > 0
    });
    let sent = sent.get();
    let metrics = bench.running.settled(&["slow"]);
    let [published, shed, failed, delivered] = metrics.records("slow");
    assert_eq!((published, failed), (sent, 0));
    assert!(shed > 0 && delivered > 0, "{shed} shed, {delivered} delivered");
    assert_eq!(metrics.sum("guest_records_total", &[("plugin", "slow")]), delivered);
    bench.finish(sent);
}

/// Without a role a plugin still has its ticks, and one that only listens has the last word.
#[test]
fn the_quiet_ones_are_left_alone() {
    let Some(bench) = Bench::new(&[("ticks", ""), ("stops", "")], "") else { return };
    let sent = bench.send(500);
    bench.running.metrics_when("ticks", |metrics| metrics.sum("guest_ticks_total", &[]) > 3);
    bench.running.settled(&["counts", "stops"]);
    let (metrics, _) = bench.finish(sent);
    // It takes no records, so none is meant for it.
    assert_eq!(metrics.records("ticks"), [0; 4]);
    assert_eq!(metrics.records("stops"), [sent, 0, 0, sent]);
    for plugin in ["ticks", "stops"] {
        assert_eq!(metrics.state(plugin), "running");
    }
}
