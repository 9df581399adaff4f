use std::{
    fs::{self, File},
    io::Read,
    os::unix::fs::PermissionsExt,
    path::Path,
    thread::JoinHandle,
};

use ringtap_pipeline::{
    event::{EventCounts, EventSender, Value},
    name::PluginName,
};

use super::*;

fn event(kind: &str, fields: Vec<(&str, Value)>) -> Event {
    Event {
        plugin: PluginName::new("flow-log").unwrap(),
        kind: kind.to_owned(),
        time_ns: u64::MAX,
        fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    }
}

fn line(kind: &str) -> String {
    format!("{{\"time_ns\":18446744073709551615,\"kind\":\"{kind}\",\"plugin\":\"flow-log\"}}\n")
}

fn counts(emitted: u64, written: u64, refused: u64) -> EventCounts {
    EventCounts { emitted, written, refused }
}

/// A sink that runs.
struct Running {
    events: EventSender,
    control: Arc<Control>,
    thread: JoinHandle<Ended>,
}

impl Running {
    fn file(path: &Path) -> Self {
        let retry_after = Duration::ZERO;
        let config = Config { retry_after, ..Config::new(Target::File(path.to_owned())) };
        Self::start(|ledger| JsonLines::new(config, ledger).unwrap())
    }

    fn start(make: impl FnOnce(Arc<EventLedger>) -> JsonLines) -> Self {
        let (events, input) = EventSender::channel(1024, true);
        let sink = make(Arc::clone(events.ledger()));
        let control = sink.control();
        Self { events, control, thread: std::thread::spawn(|| sink.run(input, || {})) }
    }

    fn send(&self, kind: &str) {
        self.events.send(event(kind, vec![]));
    }

    /// Poll until the ledger reads so.
    fn until(&self, wanted: EventCounts) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.events.ledger().read() != wanted {
            assert!(Instant::now() < deadline, "{:?}", self.events.ledger().read());
            std::thread::yield_now();
        }
    }

    fn end(self) -> (Ended, EventCounts) {
        let ledger = Arc::clone(self.events.ledger());
        drop(self.events);
        (self.thread.join().unwrap(), ledger.read())
    }
}

#[test]
fn a_line_has_the_host_s_keys_and_then_the_fields() {
    let fields = vec![
        ("text", Value::Text("a\"\n\u{1}é".into())),
        ("steers", Value::Text("\u{9b}2J\u{202e}x\u{7f}\u{e0041}🦀".into())),
        ("int", Value::Int(i64::MIN)),
        ("uint", Value::Uint(u64::MAX)),
        ("float", Value::Float(0.1)),
        ("whole", Value::Float(3.0)),
        ("nan", Value::Float(f64::NAN)),
        ("inf", Value::Float(f64::INFINITY)),
        ("truth", Value::Truth(true)),
        ("bytes", Value::Bytes(vec![0, 0xab, 0xff])),
    ];
    let wanted = r#"{"time_ns":18446744073709551615,"kind":"flow","plugin":"flow-log","text":"a\"\n\u0001é","steers":"\u009b2J\u202ex\u007f\udb40\udc41🦀","int":-9223372036854775808,"uint":18446744073709551615,"float":0.1,"whole":3.0,"nan":null,"inf":null,"truth":true,"bytes":"00abff"}"#;
    assert_eq!(super::line(&event("flow", fields)), wanted);
}

#[test]
fn a_file_is_made_for_few_eyes_and_appended_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    for kind in ["a", "b"] {
        let sink = Running::file(&path);
        sink.send(kind);
        assert_eq!(sink.end(), (Ended::Input, counts(1, 1, 0)));
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), line("a") + &line("b"));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o137, 0);
}

#[test]
fn a_line_that_an_earlier_process_left_unfinished_spoils_none_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    fs::write(&path, "{\"time_").unwrap();
    let sink = Running::file(&path);
    sink.send("a");
    sink.send("b");
    sink.end();
    let wanted = format!("{{\"time_\n{}{}", line("a"), line("b"));
    assert_eq!(fs::read_to_string(&path).unwrap(), wanted);
}

#[test]
fn lines_arrive_while_the_sink_runs_and_a_rotated_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (path, rotated) = (folder.path().join("events.jsonl"), folder.path().join("events.1"));
    let sink = Running::file(&path);
    sink.send("a");
    sink.until(counts(1, 1, 0));
    fs::rename(&path, &rotated).unwrap();
    sink.control.reopen();
    let deadline = Instant::now() + Duration::from_secs(20);
    while !path.exists() {
        assert!(Instant::now() < deadline, "not reopened");
        std::thread::yield_now();
    }
    sink.send("b");
    assert_eq!(sink.end().1, counts(2, 2, 0));
    assert_eq!(fs::read_to_string(&rotated).unwrap(), line("a"));
    assert_eq!(fs::read_to_string(&path).unwrap(), line("b"));
}

#[test]
fn a_full_disk_costs_events_and_counts_them() {
    let sink = Running::file(Path::new("/dev/full"));
    sink.send("a");
    sink.until(counts(1, 0, 1));
    sink.send("b");
    assert_eq!(sink.end(), (Ended::Input, counts(2, 0, 2)));
}

/// A sink to a pipe that holds 64 KiB, and the end that reads.
fn piped(patience: Duration) -> (Running, io::PipeReader) {
    let (reader, writer) = io::pipe().unwrap();
    let config = Config { retry_after: Duration::ZERO, patience, ..Config::new(Target::Stdout) };
    let sink = Running::start(|ledger| {
        let destination = Destination::from(File::from(std::os::fd::OwnedFd::from(writer)));
        JsonLines { destination, ..JsonLines::new(config, ledger).unwrap() }
    });
    (sink, reader)
}

#[test]
fn after_a_line_was_torn_the_next_one_starts_afresh() {
    let (sink, mut reader) = piped(Duration::ZERO);
    sink.control.shut_down();
    let long = "x".repeat(200_000);
    sink.events.send(event("a", vec![("long", Value::Text(long))]));
    sink.until(counts(1, 0, 1));
    let mut torn = vec![0; 64 * 1024];
    reader.read_exact(&mut torn).unwrap();
    sink.send("b");
    sink.send("c");
    assert_eq!(sink.end(), (Ended::Input, counts(3, 2, 1)));
    let mut rest = String::new();
    reader.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, format!("\n{}{}", line("b"), line("c")));
}

#[test]
fn a_reader_that_is_slow_gets_everything() {
    let (sink, mut reader) = piped(Duration::ZERO);
    let sent = 5_000;
    let feeder = {
        let events = sink.events.clone();
        std::thread::spawn(move || (0..sent).for_each(|_| events.send(event("a", vec![]))))
    };
    let mut text = String::new();
    let reading = std::thread::spawn(move || {
        reader.read_to_string(&mut text).unwrap();
        text
    });
    feeder.join().unwrap();
    assert_eq!(sink.end(), (Ended::Input, counts(sent, sent, 0)));
    assert_eq!(reading.join().unwrap(), line("a").repeat(sent as usize));
}

#[test]
fn a_reader_that_left_is_told_of_and_later_events_are_refused() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let (events, input) = EventSender::channel(16, true);
    let sink = JsonLines::new(Config::new(Target::Stdout), Arc::clone(events.ledger())).unwrap();
    let destination = Destination::from(File::from(std::os::fd::OwnedFd::from(writer)));
    let sink = JsonLines { destination, ..sink };
    let (tell, told) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || sink.run(input, move || tell.send(()).unwrap()));
    events.send(event("a", vec![]));
    told.recv_timeout(Duration::from_secs(20)).unwrap();
    events.send(event("b", vec![]));
    let ledger = Arc::clone(events.ledger());
    drop(events);
    assert_eq!(thread.join().unwrap(), Ended::ReaderGone);
    assert_eq!(ledger.read(), counts(2, 0, 2));
}

#[test]
fn a_target_that_can_t_be_opened_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let open = |path: &Path| {
        let config = Config::new(Target::File(path.to_owned()));
        JsonLines::new(config, Arc::default()).unwrap_err().to_string()
    };
    let shown = folder.path().display();
    assert_eq!(open(folder.path()), format!("{shown} is a directory: name a file for events"));
    let missing = folder.path().join("missing/events.jsonl");
    let wanted = format!("can't open the events file {shown}/missing/events.jsonl for appending");
    assert_eq!(open(&missing), wanted);
}

#[test]
fn the_ledger_is_told_as_metrics() {
    let (events, _input) = EventSender::channel(1, false);
    events.send(event("a", vec![]));
    events.send(event("b", vec![]));
    let mut families = ringtap_pipeline::metrics::Families::default();
    ringtap_pipeline::metrics::Collect::collect(
        &Stats::new(Arc::clone(events.ledger()), "jsonl"),
        &mut families,
    );
    let text = crate::prometheus::render(&families);
    let samples: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let wanted = [
        "ringtap_events_emitted_total 2",
        "ringtap_events_refused_total{sink=\"jsonl\"} 1",
        "ringtap_events_written_total{sink=\"jsonl\"} 0",
    ];
    assert_eq!(samples, wanted);
}
