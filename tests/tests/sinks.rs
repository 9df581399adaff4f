//! Where things go: `/metrics` before a real Prometheus, events as JSON lines, and what happens when
//! nobody takes them.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path as FilePath,
    process::{Child, Command, Stdio},
};

use ringtap_lab::{
    Family, Lab, LabConfig, Side,
    traffic::{self, Path},
};
use ringtap_net::interface_named;
use ringtap_tests::{
    METRICS_PORT, PluginDirectory, Running, finish, get, lab, ringtap, tcx_programs, until,
    until_some,
};
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

/// Datagrams both ways; how many packets that are.
fn send(lab: &Lab, count: u64) -> u64 {
    let send = |from| traffic::udp(lab, Path::new(from, Family::V4), count, 100).unwrap();
    Side::BOTH.map(send).iter().sum()
}

/// A runtime that sends the events of `emits-packets` to a file.
fn start_with_events(lab: &Lab, plugins: &PluginDirectory, to: &FilePath) -> Running {
    let to = to.to_str().unwrap();
    Running::start(lab, &["--plugins", plugins.as_str(), "--events", to])
}

/// Events that were emitted, written, refused, once none is under way.
fn events(running: &Running) -> [u64; 3] {
    let read = |metrics: &ringtap_tests::Metrics| {
        ["emitted", "written", "refused"]
            .map(|what| metrics.sum(&format!("ringtap_events_{what}_total"), &[]))
    };
    let all_over = |metrics: &ringtap_tests::Metrics| {
        let [emitted, written, refused] = read(metrics);
        emitted == written + refused
    };
    read(&running.metrics_when("every event is written or refused", all_over))
}

fn lines(path: &FilePath) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn promtool_has_nothing_to_say_about_metrics() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let guests = ["counts", "refuses-init", "floods-metrics", "traps"];
    let plugins = PluginDirectory::new(&guests);
    plugins.put("floods-metrics.toml", b"series = 3");
    let running = Running::start(&lab, &["--ingress", "xdp", "--plugins", plugins.as_str()]);
    send(&lab, 100);
    running.settled(&["counts"]);
    let exposition = running.exposition();
    let mut promtool = Command::new("promtool");
    promtool.args(["check", "metrics"]).stdin(Stdio::piped());
    let child = promtool.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            return ringtap_tests::skip(format_args!(
                "promtool (prometheus) does not start: {error}"
            ));
        }
    };
    child.stdin.take().unwrap().write_all(exposition.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
    running.terminate().assert_clean();
}

/// A Prometheus server on the near side. Killed when it is dropped.
struct Prometheus {
    child: Child,
    _directory: TempDir,
}

const PROMETHEUS_PORT: u16 = 9090;

impl Prometheus {
    fn start(lab: &Lab) -> Option<Self> {
        let directory = TempDir::new().unwrap();
        let config = directory.path().join("prometheus.yml");
        let text = format!(
            "scrape_configs:\n- job_name: ringtap\n  scrape_interval: 200ms\n  scrape_timeout: 200ms\n  \
             static_configs:\n  - targets: ['127.0.0.1:{METRICS_PORT}']\n"
        );
        fs::write(&config, text).unwrap();
        let mut prometheus = lab.command(Side::Near, "prometheus").unwrap();
        prometheus
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", directory.path().join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{PROMETHEUS_PORT}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        match prometheus.spawn() {
            Ok(child) => Some(Self { child, _directory: directory }),
            Err(error) => {
                ringtap_tests::skip(format_args!("prometheus does not start: {error}"));
                None
            }
        }
    }

    /// The value of a query with one result.
    fn query(lab: &Lab, query: &str) -> Option<String> {
        let path = format!("/api/v1/query?query={query}");
        let (_, body) = get(lab, Side::Near, PROMETHEUS_PORT, &path).ok()?;
        let answer: Value = serde_json::from_str(&body).ok()?;
        Some(answer.pointer("/data/result/0/value/1")?.as_str()?.to_owned())
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn a_real_prometheus_reads_what_was_sent() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let plugins = PluginDirectory::new(&["counts"]);
    let running = Running::start(&lab, &["--plugins", plugins.as_str()]);
    let Some(_prometheus) = Prometheus::start(&lab) else { return };
    until("the target is up", || Prometheus::query(&lab, "up").as_deref() == Some("1"));
    let sent = send(&lab, 321).to_string();
    for query in [
        "sum(ringtap_packets_seen_total)",
        "ringtap_plugin_delivered_total%7Bplugin=%22counts%22%7D",
        "guest_packets_total%7Bplugin=%22counts%22,protocol=%2217%22%7D",
    ] {
        until(query, || Prometheus::query(&lab, query).as_ref() == Some(&sent));
    }
    running.terminate().assert_clean();
}

#[test]
fn every_event_is_a_line_of_the_file() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("events.jsonl");
    let plugins = PluginDirectory::new(&["emits-packets", "stops"]);
    let running = start_with_events(&lab, &plugins, &file);
    let sent = send(&lab, 500);
    running.settled(&["emits-packets", "stops"]);
    assert_eq!(events(&running), [sent, sent, 0]);
    let mut numbers: Vec<_> =
        lines(&file).iter().map(|event| event["n"].as_u64().unwrap()).collect();
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(0..sent), "each packet once");

    // Moved away, as logrotate does: from the signal on, lines go to a new file.
    let rotated = directory.path().join("events.jsonl.1");
    fs::rename(&file, &rotated).unwrap();
    running.signal(Signal::HUP);
    running.log_line("reopened the events file");
    let more = send(&lab, 50);
    running.settled(&["emits-packets"]);
    assert_eq!(events(&running), [sent + more, sent + more, 0]);
    running.terminate().assert_clean();
    assert_eq!(lines(&rotated).len() as u64, sent);
    let last = lines(&file);
    let stopped = last.iter().find(|event| event["kind"] == "stopped").unwrap();
    assert_eq!((&stopped["plugin"], &stopped["records"]), (&"stops".into(), &(sent + more).into()));
    assert_eq!(last.len() as u64, more + 1);
}

#[test]
fn a_full_disk_costs_events_and_nothing_else() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let plugins = PluginDirectory::new(&["counts", "emits-packets"]);
    let running = start_with_events(&lab, &plugins, FilePath::new("/dev/full"));
    let mut sent = send(&lab, 500);
    running.settled(&["counts", "emits-packets"]);
    assert_eq!(events(&running), [sent, 0, sent]);
    let said = running.log_line("events can't be written and are refused");
    assert!(said.contains("/dev/full") && said.contains("No space left"), "{said}");
    sent += send(&lab, 500);
    let metrics = running.settled(&["counts", "emits-packets"]);
    assert_eq!(metrics.records("counts"), [sent, 0, 0, sent]);
    assert_eq!(events(&running), [sent, 0, sent]);
    let complaints = running.log();
    let complaints = complaints.iter().filter(|line| line.contains("events can't be written"));
    assert_eq!(complaints.count(), 1, "said once, not with every event");
    running.terminate().assert_clean();
}

#[test]
fn an_events_file_that_cannot_be_is_said_before_anything_is_tapped() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let directory = TempDir::new().unwrap();
    for (to, said) in [
        (directory.path().to_path_buf(), "is a directory: name a file for events"),
        (directory.path().join("no/such/place"), "can't open the events file"),
    ] {
        let mut command = ringtap(&lab, Side::Near);
        command.args(["run", "-i", "near0", "--events"]).arg(&to);
        let ended = finish(&mut command);
        assert_eq!(ended.code, Some(1), "{:#?}", ended.log);
        assert!(ended.says(&[said, to.to_str().unwrap()]), "{:#?}", ended.log);
        assert!(!ended.says(&["tapping"]), "{:#?}", ended.log);
    }
}

#[test]
fn a_port_in_use_is_said_before_anything_is_tapped() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let address = ("127.0.0.1", METRICS_PORT);
    let taken = lab.inside(Side::Near, || std::net::TcpListener::bind(address));
    let _taken = taken.unwrap().unwrap();
    let mut command = ringtap(&lab, Side::Near);
    let ended = finish(command.args(["run", "-i", "near0", "--ingress", "xdp"]));
    assert_eq!(ended.code, Some(1), "{:#?}", ended.log);
    assert!(ended.says(&["127.0.0.1:9464"]), "{:#?}", ended.log);
    assert!(!ended.says(&["tapping"]), "{:#?}", ended.log);
    assert_eq!(tcx_programs(&lab, Side::Near), [0, 0]);
    let near = lab.inside(Side::Near, || interface_named("near0")).unwrap().unwrap().unwrap();
    assert_eq!(near.xdp, None);
}

/// `ringtap run --events stdout | head -1`
#[test]
fn a_reader_that_has_seen_enough_ends_the_run() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let plugins = PluginDirectory::new(&["emits-packets"]);
    let mut command = ringtap(&lab, Side::Near);
    command.args(["run", "-i", "near0", "--events", "stdout", "--plugins"]).arg(plugins.path());
    let directory = TempDir::new().unwrap();
    let log = directory.path().join("log");
    command.stdout(Stdio::piped()).stderr(fs::File::create(&log).unwrap());
    let mut child = command.spawn().unwrap();
    let says = |text: &str| fs::read_to_string(&log).unwrap().contains(text);
    until("it runs", || says("serving http://"));
    send(&lab, 1);
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    reader.read_line(&mut first).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&first).unwrap()["kind"], "packet");
    drop(reader);
    let status = until_some("its end", || {
        send(&lab, 1);
        child.try_wait().unwrap()
    });
    assert_eq!(status.code(), Some(0), "{}", fs::read_to_string(&log).unwrap());
    assert!(says("the reader of standard output went away"));
    assert!(says("emits-packets: "), "the ledger at the end");
    assert_eq!(tcx_programs(&lab, Side::Near), [0, 0]);
}

#[test]
fn health_names_what_is_wrong() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let plugins = PluginDirectory::new(&["counts"]);
    let running = Running::start(&lab, &["--plugins", plugins.as_str()]);
    let health = || get(&lab, Side::Near, METRICS_PORT, "/healthz").unwrap();
    assert_eq!(health().0, 200);
    plugins.put("bad.toml", b"for a test");
    plugins.install("bad", "refuses-init");
    running.metrics_when("it was refused", |metrics| metrics.state("bad") == "quarantined");
    let (status, body) = health();
    assert_eq!(status, 503);
    assert!(body.contains("plugin bad is quarantined") && body.contains("for a test"), "{body}");
    plugins.remove("bad.wasm");
    until("all is well", || health().0 == 200);
    assert_eq!(get(&lab, Side::Near, METRICS_PORT, "/nope").unwrap().0, 404);
    running.terminate().assert_clean();
}
