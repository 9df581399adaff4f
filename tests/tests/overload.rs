//! Too much traffic, too little room, plugins that can't keep up: what is lost is counted where it
//! was lost, and every sum closes.

use std::cell::Cell;

use ringtap_lab::{Lab, LabConfig, Side, traffic};
use ringtap_tests::{Flow, Metrics, PluginDirectory, Running, config_file, lab};
use tempfile::TempDir;

/// Room for a dozen records, looked at once in a second.
const SMALL_RING: &str = "[taps]\nring_size = \"4KiB\"\ndrain_interval = \"1s\"\n";

/// A runtime with TC taps on the near side of a lab.
struct Bench {
    lab: Lab,
    running: Running,
    sent: Cell<u64>,
    _plugins: PluginDirectory,
    _folder: TempDir,
}

impl Bench {
    fn new(plugins: PluginDirectory, config: &str) -> Option<Self> {
        let lab = lab(LabConfig::default())?;
        let folder = TempDir::new().unwrap();
        let config = config_file(&folder, config);
        let running = Running::start(&lab, &["--config", &config, "--plugins", plugins.as_str()]);
        Some(Self { lab, running, sent: Cell::new(0), _plugins: plugins, _folder: folder })
    }

    /// Send a frame out of the near side, where the sender itself runs the tap.
    fn burst(&self, count: usize, frame: Vec<u8>) {
        let sent = traffic::frames(&self.lab, Side::Near, &vec![frame; count]).unwrap();
        self.sent.set(self.sent.get() + sent);
    }

    /// Wait until all that was sent has an end, and so has what was meant for these plugins. `meant`
    /// says for some of them how much that is, of what was published.
    fn closed(&self, plugins: &[&str], meant: impl Fn(u64) -> Vec<(&'static str, u64)>) -> Metrics {
        let is_closed = |metrics: &Metrics| {
            let published = metrics.sum("ringtap_packets_published_total", &[]);
            let has_ended = |plugin: &&str| {
                let [meant, ends @ ..] = metrics.records(plugin);
                meant == ends.iter().sum::<u64>()
            };
            metrics.sum("ringtap_packets_seen_total", &[]) == self.sent.get()
                && plugins.iter().all(has_ended)
                && meant(published)
                    .iter()
                    .all(|(plugin, count)| metrics.records(plugin)[0] == *count)
        };
        let metrics = self.running.metrics_when("every packet and record has an end", is_closed);
        metrics.assert_ledgers_close();
        metrics
    }

    /// End it, and check that its last words are those numbers.
    fn finish(self, metrics: &Metrics, plugins: &[&str]) {
        let ended = self.running.terminate();
        ended.assert_clean();
        let [seen, uninterested, sampled_out, lost, published] = buckets(metrics);
        let tap = format!(
            "{seen} packets seen = {uninterested} uninterested + {sampled_out} sampled out + {lost} \
             lost + {published} published"
        );
        assert!(ended.says(&["near0 tc egress: ", &tap]), "{tap}, and not {:#?}", ended.log);
        for plugin in plugins {
            let [meant, shed, failed, delivered] = metrics.records(plugin);
            let all = format!(
                "{plugin}: {meant} records = {shed} shed + {failed} failed + {delivered} delivered"
            );
            assert!(ended.says(&[&all]), "{all}, and not {:#?}", ended.log);
        }
    }
}

/// What the taps saw, and where it went.
fn buckets(metrics: &Metrics) -> [u64; 5] {
    ["seen", "uninterested", "sampled_out", "lost", "published"]
        .map(|bucket| metrics.sum(&format!("ringtap_packets_{bucket}_total"), &[]))
}

fn flow() -> Flow {
    Flow::new(Side::Near, 40000, 9000)
}

#[test]
fn a_ring_too_small_loses_what_is_wanted_and_nothing_else_is_called_lost() {
    let config = format!("{SMALL_RING}[plugins.counts]\nfilter = \"udp\"\nsample = \"1/2\"\n");
    let Some(bench) = Bench::new(PluginDirectory::new(&["counts"]), &config) else { return };
    for _ in 0..4 {
        bench.burst(500, flow().udp(b""));
        bench.burst(250, flow().tcp(b""));
    }
    let metrics = bench.closed(&["counts"], |published| vec![("counts", published)]);
    let [seen, uninterested, sampled_out, lost, published] = buckets(&metrics);
    assert_eq!((seen, uninterested), (3000, 1000));
    assert!(lost > 0 && published > 0, "{lost} lost, {published} published");
    // Of two thousand, by chance.
    assert!((700..=1300).contains(&sampled_out), "{sampled_out} sampled out");
    let full = [("reason", "ring_full")];
    assert_eq!(metrics.sum("ringtap_packets_lost_total", &full), lost);
    assert_eq!(metrics.records("counts"), [published, 0, 0, published]);
    assert_eq!(metrics.sum("guest_records_total", &[]), published);
    assert_eq!(metrics.sum("guest_packets_total", &[]), 2 * published);
    assert_eq!(metrics.sum("guest_sequence_errors_total", &[]), 0);
    bench.finish(&metrics, &["counts"]);
}

#[test]
fn a_ring_too_small_for_payload_loses_whole_packets() {
    let config = format!("{SMALL_RING}[plugins.interest-payload]\npayload = 1500\n");
    let plugins = PluginDirectory::new(&["interest-payload"]);
    let Some(bench) = Bench::new(plugins, &config) else { return };
    bench.burst(2000, flow().udp(&[7; 500]));
    bench.burst(1000, flow().tcp(&[7; 500]));
    let metrics =
        bench.closed(&["interest-payload"], |published| vec![("interest-payload", published)]);
    let [seen, uninterested, sampled_out, lost, published] = buckets(&metrics);
    assert_eq!((seen, uninterested, sampled_out), (3000, 1000, 0));
    assert!(lost > 0 && published > 0, "{lost} lost, {published} published");
    assert_eq!(metrics.records("interest-payload"), [published, 0, 0, published]);
    assert_eq!(metrics.sum("guest_payload_bytes_total", &[]), 64 * published);
    bench.finish(&metrics, &["interest-payload"]);
}

#[test]
fn a_queue_too_small_sheds_what_the_plugin_cannot_take() {
    let plugins = PluginDirectory::new(&["slow", "counts"]);
    plugins.put("slow.toml", b"rounds = 20000000");
    let config =
        "[plugins.slow]\nfilter = \"udp\"\nqueue_records = 1024\ncall_deadline = \"10s\"\n";
    let Some(bench) = Bench::new(plugins, config) else { return };
    bench.running.metrics_when("something is shed", |metrics| {
        bench.burst(2000, flow().udp(b""));
        bench.burst(100, flow().tcp(b""));
        metrics.records("slow")[1] > 0
    });
    let metrics = bench.closed(&["slow", "counts"], |published| {
        vec![("slow", published / 21 * 20), ("counts", published)]
    });
    let [seen, uninterested, _, lost, published] = buckets(&metrics);
    assert_eq!((uninterested, lost, published), (0, 0, seen));
    let [meant, shed, failed, delivered] = metrics.records("slow");
    assert_eq!((meant, failed), (seen / 21 * 20, 0));
    assert!(shed > 0 && delivered > 0, "{shed} shed, {delivered} delivered");
    assert_eq!(metrics.sum("guest_records_total", &[("plugin", "slow")]), delivered);
    assert_eq!(metrics.records("counts"), [seen, 0, 0, seen]);
    assert_eq!(metrics.sum("guest_sequence_errors_total", &[]), 0);
    bench.finish(&metrics, &["slow", "counts"]);
}

/// One that overruns its deadline and one that traps: what they held has failed, and what comes
/// later is shed.
#[test]
fn the_records_of_the_dead_are_counted_too() {
    let plugins = PluginDirectory::new(&["slow", "traps", "counts"]);
    plugins.put("slow.toml", b"rounds = 1000000000000");
    plugins.put("traps.toml", b"nth = 2");
    let config = "[plugins.slow]\nfilter = \"udp\"\non_failure = \"quarantine\"\n\
                  [plugins.traps]\nfilter = \"tcp\"\non_failure = \"quarantine\"\n";
    let Some(bench) = Bench::new(plugins, config) else { return };
    let dead = ["slow", "traps"];
    bench.running.metrics_when("both are dead", |metrics| {
        bench.burst(20, flow().udp(b""));
        bench.burst(30, flow().tcp(b""));
        dead.iter().all(|plugin| metrics.state(plugin) == "quarantined")
    });
    bench.burst(200, flow().udp(b""));
    bench.burst(300, flow().tcp(b""));
    let metrics = bench.closed(&["slow", "traps", "counts"], |published| {
        vec![("slow", published / 5 * 2), ("traps", published / 5 * 3), ("counts", published)]
    });
    let seen = bench.sent.get();
    assert_eq!(metrics.records("counts"), [seen, 0, 0, seen]);
    for (plugin, parts) in dead.iter().zip([2, 3]) {
        let [meant, shed, failed, delivered] = metrics.records(plugin);
        assert_eq!(meant, seen / 5 * parts, "{plugin}");
        assert!(failed > 0 && shed >= 100 * parts, "{plugin}: {shed} shed, {failed} failed");
        assert_eq!(delivered > 0, *plugin == "traps", "{plugin}: {delivered} delivered");
    }
    bench.finish(&metrics, &["slow", "traps", "counts"]);
}

#[test]
fn under_all_of_it_at_once_the_healthy_one_has_all_that_was_published() {
    let plugins = PluginDirectory::new(&["slow", "traps", "counts", "interest-web"]);
    plugins.put("slow.toml", b"rounds = 100000000");
    plugins.put("traps.toml", b"nth = 2");
    let config = "[taps]\nring_size = \"64KiB\"\ndrain_interval = \"50ms\"\n\
                  [plugins.slow]\nqueue_records = 1024\ncall_deadline = \"10s\"\n\
                  [plugins.traps]\nsample = \"1/2\"\n[plugins.counts]\nfilter = \"udp or tcp\"\n";
    let Some(bench) = Bench::new(plugins, config) else { return };
    bench.running.metrics_when("all that can go wrong has", |metrics| {
        bench.burst(2000, flow().udp(b""));
        bench.burst(1000, flow().tcp(b""));
        let [_, shed, failed, _] = metrics.records("traps");
        metrics.sum("ringtap_packets_lost_total", &[]) > 0
            && metrics.records("slow")[1] > 0
            && shed > 0
            && failed > 0
    });
    let all = ["slow", "traps", "counts", "interest-web"];
    let metrics = bench.closed(&all, |published| vec![("slow", published), ("counts", published)]);
    let [seen, uninterested, sampled_out, lost, published] = buckets(&metrics);
    assert_eq!((uninterested, sampled_out, lost + published), (0, 0, seen));
    assert_eq!(metrics.records("counts"), [published, 0, 0, published]);
    assert_eq!(metrics.sum("guest_records_total", &[("plugin", "counts")]), published);
    assert_eq!(metrics.sum("guest_sequence_errors_total", &[]), 0);
    assert_eq!(metrics.records("interest-web"), [0; 4]);
    // How much chance left to `traps` is known when all has ended.
    bench.finish(&metrics, &["slow", "counts", "interest-web"]);
}
