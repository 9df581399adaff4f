//! The control socket: what `ringtap status` says of instances that run, ended and were killed, and
//! that no peer of the socket does harm.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::{
        fs::{PermissionsExt, symlink},
        net::UnixStream,
    },
    path::{Path as FilePath, PathBuf},
    process::Command,
};

use ringtap_lab::{
    Family, Lab, LabConfig, Side,
    traffic::{self, Path},
};
use ringtap_net::{create_veth, delete_link, interface_named};
use ringtap_tests::{
    Ended, ForeignProgram, Metrics, PATIENCE, PluginDirectory, Running, binary, config_file,
    finish, lab, ringtap, until,
};
use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

const NOBODY: &str = "65534";

/// The limit that the protocol sets.
const MAX_REQUEST_BYTES: usize = 64 << 10;

/// A control directory that others may enter, as /run/ringtap.
struct Control(TempDir);

impl Control {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Self(directory)
    }

    fn as_str(&self) -> &str {
        self.0.path().to_str().unwrap()
    }

    fn socket(&self, running: &Running) -> PathBuf {
        self.0.path().join(format!("{}.sock", running.id()))
    }

    fn sockets(&self) -> usize {
        fs::read_dir(self.0.path()).unwrap().count()
    }

    /// `ringtap run` with its socket here.
    fn run(&self, lab: &Lab, side: Side, arguments: &[&str]) -> Running {
        let all = [&["--control", self.as_str()], arguments].concat();
        Running::start_on(lab, side, &all)
    }

    fn status(&self, arguments: &[&str]) -> Ended {
        finish(Command::new(binary()).args(["status", "--control", self.as_str()]).args(arguments))
    }

    /// The instances that answer.
    fn instances(&self) -> Vec<Value> {
        let ended = self.status(&["--json"]);
        assert_eq!(ended.code, Some(0), "{:#?}", ended.log);
        let json: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(json["unanswered"], json!([]));
        json["instances"].as_array().unwrap().clone()
    }

    fn instance(&self) -> Value {
        let mut instances = self.instances();
        assert_eq!(instances.len(), 1, "{instances:#?}");
        instances.remove(0)
    }
}

fn send(lab: &Lab, from: Side, count: u64) {
    assert_eq!(traffic::udp(lab, Path::new(from, Family::V4), count, 100).unwrap(), count);
}

/// Holds what `status` says against what `/metrics` shows, number by number.
fn assert_same(status: &Value, metrics: &Metrics) {
    let number = |value: &Value| value.as_u64().unwrap();
    for tap in status["taps"].as_array().unwrap() {
        let label = |name: &str| tap[name].as_str().unwrap().to_owned();
        let (interface, hook, direction) = (label("interface"), label("hook"), label("direction"));
        let labels = [
            ("interface", interface.as_str()),
            ("hook", hook.as_str()),
            ("direction", direction.as_str()),
        ];
        for bucket in ["seen", "uninterested", "sampled_out", "published"] {
            let counted = metrics.sum(&format!("ringtap_packets_{bucket}_total"), &labels);
            assert_eq!(number(&tap[bucket]), counted, "{bucket} of {tap}");
        }
        for (reason, lost) in tap["lost"].as_object().unwrap() {
            let [interface, hook, direction] = labels;
            let labels = [interface, hook, direction, ("reason", reason.as_str())];
            assert_eq!(number(lost), metrics.sum("ringtap_packets_lost_total", &labels));
        }
        assert_eq!((&tap["closes"], &tap["in_flight"]), (&json!(true), &json!(0)));
        assert_eq!(tap["attached"], json!(true));
    }
    for plugin in status["plugins"].as_array().unwrap() {
        let name = plugin["name"].as_str().unwrap();
        let counts = ["published", "shed", "failed", "delivered"].map(|key| number(&plugin[key]));
        assert_eq!(counts, metrics.records(name), "{name}");
        assert_eq!((&plugin["closes"], &plugin["in_flight"]), (&json!(true), &json!(0)));
        assert_eq!(plugin["state"], metrics.state(name));
    }
}

#[test]
fn status_and_metrics_agree_once_traffic_is_quiet() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let control = Control::new();
    let plugins = PluginDirectory::new(&["counts", "traps", "refuses-init"]);
    let directory = TempDir::new().unwrap();
    let config = config_file(&directory, "[plugins.traps]\non_failure = \"quarantine\"");
    let arguments = ["--config", &config, "--plugins", plugins.as_str()];
    let running = control.run(&lab, Side::Near, &arguments);
    for from in Side::BOTH {
        send(&lab, from, 500);
    }
    let metrics = running.settled(&["counts"]);
    let status = control.instance();
    assert_same(&status, &metrics);
    assert_eq!(status["pid"], running.id());
    let taps = status["taps"].as_array().unwrap();
    let seen: Vec<_> = taps.iter().map(|tap| tap["seen"].as_u64().unwrap()).collect();
    assert_eq!(seen, [500, 500]);
    assert_eq!(taps[0]["how"], "TCX link");

    let of = |name: &str| {
        let plugins = status["plugins"].as_array().unwrap();
        plugins.iter().find(|plugin| plugin["name"] == name).unwrap().clone()
    };
    assert_eq!(
        (&of("counts")["delivered"], &of("counts")["state"]),
        (&json!(1000), &json!("running"))
    );
    assert_eq!(of("counts")["last_reload"]["outcome"], "loaded");
    let refused = of("refuses-init");
    assert_eq!((&refused["state"], &refused["published"]), (&json!("quarantined"), &json!(0)));
    assert!(refused["reason"].is_string());
    let trapped = of("traps");
    assert_eq!(trapped["state"], "quarantined");
    assert!(trapped["reason"].as_str().unwrap().contains("`on-packets` trapped"), "{trapped}");

    let text = control.status(&[]).stdout;
    let row = "near0 tc ingress                      500 =            0 +           0 +         0 +           500\n";
    assert!(text.contains(row), "{text}");
    assert!(text.contains("\n  TCX link, for "), "{text}");
    assert!(text.contains("every packet is accounted for\n"), "{text}");
    assert!(text.contains("\n  quarantined: "), "{text}");
    running.terminate().assert_clean();
    assert_eq!(control.sockets(), 0);
}

#[test]
fn every_instance_answers_and_a_killed_one_leaves_nothing_for_long() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let control = Control::new();
    let near = control.run(&lab, Side::Near, &[]);
    let far = control.run(&lab, Side::Far, &[]);
    let pids = || control.instances().iter().map(|one| one["pid"].clone()).collect::<Vec<_>>();
    let mut both = [near.id(), far.id()];
    both.sort();
    assert_eq!(pids(), both);
    let one = control.status(&["--pid", &far.id().to_string()]);
    assert!(one.stdout.contains("far0 tc egress"), "{}", one.stdout);
    assert!(!one.stdout.contains("near0"), "{}", one.stdout);

    let (socket, far_id) = (control.socket(&far), far.id());
    far.kill();
    assert!(socket.exists());
    assert_eq!(pids(), [near.id()]);
    assert!(!socket.exists(), "status removes what a dead process left");
    let gone = control.status(&["--pid", &far_id.to_string()]);
    assert_eq!((gone.code, gone.stdout.as_str()), (Some(3), ""));

    let socket = control.socket(&near);
    near.kill();
    assert!(socket.exists());
    let next = control.run(&lab, Side::Near, &[]);
    assert!(!socket.exists(), "the next start removes what a dead process left");
    assert_eq!(pids(), [next.id()]);
    next.terminate().assert_clean();
}

#[test]
fn nobody_there_is_said_with_the_place_and_a_way_out() {
    let control = Control::new();
    let ended = control.status(&[]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""));
    let told = ["no instance is running", control.as_str(), "sudo ringtap run", "--control DIR"];
    assert!(ended.says(&told), "{:#?}", ended.log);
    let json = control.status(&["--json"]);
    let nothing = "{\"instances\":[],\"unanswered\":[]}\n";
    assert_eq!((json.code, json.stdout.as_str()), (Some(3), nothing));
}

#[test]
fn without_a_socket_everything_else_runs() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let control = Control::new();
    let running = Running::start(&lab, &["--control", "none"]);
    send(&lab, Side::Far, 10);
    running.settled(&["flow-log", "top-talkers"]);
    assert_eq!(control.status(&[]).code, Some(3));
    let ended = finish(Command::new(binary()).args(["status", "--control", "none"]));
    assert_eq!(ended.code, Some(3));
    assert!(ended.says(&["no control socket to ask"]), "{:#?}", ended.log);
    running.terminate().assert_clean();
}

/// A place that others could have prepared is refused, and the run goes on without a socket.
#[test]
fn a_hostile_directory_is_refused_and_never_followed() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("theirs")).unwrap();
    std::os::unix::fs::chown(at("theirs"), Some(65534), None).unwrap();
    fs::create_dir(at("open")).unwrap();
    fs::set_permissions(at("open"), fs::Permissions::from_mode(0o777)).unwrap();
    fs::create_dir(at("mine")).unwrap();
    symlink(at("mine"), at("link")).unwrap();
    fs::write(at("file"), "").unwrap();
    for (name, why) in [
        ("theirs", "belongs to uid 65534"),
        ("open", "(mode 0777): `chmod go-w"),
        ("link", "a symbolic link, which is not followed"),
        ("file", "is no directory"),
        ("no/parent", "can't make the control directory"),
    ] {
        let path = at(name);
        let running = Running::start(&lab, &["--control", path.to_str().unwrap()]);
        let line = running.log_line("`ringtap status` won't find this instance");
        assert!(line.contains("WARN") && line.contains(why), "{line}");
        send(&lab, Side::Far, 10);
        running.settled(&["flow-log"]);
        running.terminate().assert_clean();
    }
    assert_eq!(fs::read_dir(at("mine")).unwrap().count(), 0);
}

/// A line and what is answered.
fn exchange(stream: &mut UnixStream, bytes: &[u8]) -> Value {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(bytes).unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line:?}: {error}"))
}

/// Whether the other side closes, without having said anything.
fn is_closed(stream: &mut UnixStream) -> bool {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    matches!(stream.read(&mut [0; 1]), Ok(0))
}

#[test]
fn peers_that_break_the_rules_cost_nothing() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let control = Control::new();
    let running = control.run(&lab, Side::Near, &[]);
    let socket = control.socket(&running);
    let connect = || UnixStream::connect(&socket).unwrap();

    let mut good = connect();
    for _ in 0..2 {
        let answer = exchange(&mut good, b"{\"command\":\"status\"}\n");
        assert_eq!((&answer["protocol"], &answer["ok"]["pid"]), (&json!(1), &json!(running.id())));
    }
    let unknown = exchange(&mut good, b"{\"command\":\"reboot\"}\n");
    let told = unknown["error"].as_str().unwrap();
    assert!(
        told.contains("unknown variant `reboot`") && told.ends_with("with one of status"),
        "{told}"
    );
    let garbage = exchange(&mut connect(), b"\x00\xff\x1b[2J{{{\n");
    assert!(garbage["error"].as_str().unwrap().starts_with("this is no request"), "{garbage}");
    let long = exchange(&mut connect(), &vec![b'x'; MAX_REQUEST_BYTES + 1]);
    assert_eq!(long["error"], format!("a request has at most {MAX_REQUEST_BYTES} bytes"));
    let just = [&vec![b'x'; MAX_REQUEST_BYTES][..], b"\n"].concat();
    let told = exchange(&mut connect(), &just);
    assert!(told["error"].as_str().unwrap().starts_with("this is no request"), "{told}");

    let mut half = connect();
    half.write_all(b"{\"command\":").unwrap();
    half.shutdown(std::net::Shutdown::Write).unwrap();
    assert!(is_closed(&mut half), "half a line has no answer");
    // One that says nothing is closed in time, and so is one that never ends its line.
    let (mut silent, mut slow) = (connect(), connect());
    slow.write_all(b"{").unwrap();
    assert!(is_closed(&mut silent) && is_closed(&mut slow));
    assert_eq!(control.instance()["pid"], running.id());
    running.terminate().assert_clean();
}

#[test]
fn a_hundred_connections_delay_a_status_and_no_more() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let control = Control::new();
    let running = control.run(&lab, Side::Near, &[]);
    let socket = control.socket(&running);
    let mut held: Vec<_> = (0..100).map(|_| UnixStream::connect(&socket).unwrap()).collect();
    let told = exchange(held.last_mut().unwrap(), b"");
    assert_eq!(
        (&told["retry"], &told["error"]),
        (&json!(true), &json!("8 others are asking: try again"))
    );
    send(&lab, Side::Far, 10);
    let metrics = running.settled(&["flow-log", "top-talkers"]);
    assert_same(&control.instance(), &metrics);
    drop(held);
    // Peers that ask and never read what they are answered.
    let mut deaf: Vec<_> = (0..8).map(|_| UnixStream::connect(&socket).unwrap()).collect();
    for peer in &mut deaf {
        peer.set_nonblocking(true).unwrap();
        while peer.write_all(b"{\"command\":\"status\"}\n").is_ok() {}
    }
    assert_eq!(control.instance()["pid"], running.id());
    drop(deaf);
    running.terminate().assert_clean();
}

/// Somebody else's process in place of a socket, and one that has stopped.
#[test]
fn an_instance_that_does_not_answer_is_named_and_the_others_are_shown() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let control = Control::new();
    let running = control.run(&lab, Side::Near, &[]);
    let stopped = control.run(&lab, Side::Far, &[]);
    let socket = control.socket(&stopped);
    stopped.signal(Signal::STOP);
    fs::write(control.0.path().join("1.sock"), "").unwrap();
    let ended = control.status(&["--json"]);
    stopped.signal(Signal::CONT);
    assert_eq!(ended.code, Some(0), "{:#?}", ended.log);
    let json: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(json["instances"].as_array().unwrap().len(), 1);
    assert_eq!(json["instances"][0]["pid"], running.id());
    let first = control.0.path().join("1.sock");
    let unanswered = json!([
        { "at": first, "reason": "this is no control socket" },
        { "at": socket, "reason": "it does not answer" },
    ]);
    assert_eq!(json["unanswered"], unanswered);
    assert!(ended.says(&["WARN", socket.to_str().unwrap(), "it does not answer"]));
    stopped.terminate().assert_clean();
    running.terminate().assert_clean();
}

/// A command as nobody; or `None`, said aloud, where there is no setpriv.
fn as_nobody(program: &FilePath) -> Option<Command> {
    if let Err(error) = Command::new("setpriv").arg("--version").output() {
        ringtap_tests::skip(format_args!("setpriv (util-linux) does not start: {error}"));
        return None;
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]).arg(program);
    Some(command)
}

#[test]
fn other_users_may_not_ask() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let control = Control::new();
    let running = control.run(&lab, Side::Near, &[]);
    let socket = control.socket(&running);
    let mode = |path: &FilePath| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&socket), 0o600);
    // Where nobody finds it, whatever the checkout's rights.
    let place = Control::new();
    let copy = place.0.path().join("ringtap");
    fs::copy(binary(), &copy).unwrap();
    let ask = || {
        let Some(mut command) = as_nobody(&copy) else { return };
        let ended = finish(command.args(["status", "--control", control.as_str()]));
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""), "{:#?}", ended.log);
        let refused = [
            "WARN",
            socket.to_str().unwrap(),
            "it is another user's: ask as that user or with sudo",
        ];
        let told = ["uid 65534 may not ask: only root and uid 0 may"];
        assert_eq!(ended.says(&refused), mode(&socket) == 0o600, "{:#?}", ended.log);
        assert_eq!(ended.says(&told), mode(&socket) == 0o666, "{:#?}", ended.log);
        assert!(ended.says(&["no instance answered, looking in"]), "{:#?}", ended.log);
    };
    ask();
    // Whoever gets past the mode is told apart by the kernel.
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o666)).unwrap();
    ask();
    assert_eq!(control.instance()["pid"], running.id());
    running.terminate().assert_clean();
}

#[test]
fn a_watch_goes_on_until_the_instance_ends() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let control = Control::new();
    let running = control.run(&lab, Side::Near, &[]);
    let arguments = ["status", "--control", control.as_str(), "--watch", "100ms"];
    let mut watch = ringtap(&lab, Side::Near);
    watch.args(arguments);
    let watch = Running::spawn(&lab, Side::Near, watch);
    until("rates", || watch.stdout().contains(" packets/s; "));
    let mut json = ringtap(&lab, Side::Near);
    json.args(arguments).arg("--json");
    let json = Running::spawn(&lab, Side::Near, json);
    until("three lines", || json.stdout().lines().count() > 2);
    json.signal(Signal::INT);
    let json = json.ended();
    assert_eq!(json.code, Some(0), "{:#?}", json.log);
    for line in json.stdout.lines() {
        let look: Value = serde_json::from_str(line).unwrap();
        assert_eq!(look["instances"][0]["pid"], running.id());
    }
    running.terminate().assert_clean();
    let watch = watch.ended();
    assert_eq!(watch.code, Some(0), "{:#?}", watch.log);
    assert!(watch.says(&["no instance is left"]), "{:#?}", watch.log);
}

#[test]
fn interests_are_told_with_their_bits_and_what_is_left_of_them() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let (control, directory) = (Control::new(), TempDir::new().unwrap());
    let plugins = PluginDirectory::new(&["interest-two", "interest-web"]);
    let own = "[plugins.interest-web]\nfilter = \"dst host 10.0.0.2\"\nsample = \"1/100\"\n";
    let config = config_file(&directory, own);
    let running =
        control.run(&lab, Side::Near, &["--config", &config, "--plugins", plugins.as_str()]);
    send(&lab, Side::Far, 10);
    running.metrics_when("ten records", |m| m.records("interest-two") == [10, 0, 0, 10]);
    let status = control.instance();
    let table = &status["interests"];
    assert_eq!((&table["bits"], &table["bits_capacity"]), (&json!(4), &json!(256)));
    assert_eq!(table["strays"], json!(0));
    assert!(table["generation"].as_u64().unwrap() >= 2, "{table}");
    let metrics = running.metrics();
    assert_eq!(metrics.sum("ringtap_interest_rules", &[]), 4);
    assert_eq!(metrics.sum("ringtap_records_stray_total", &[]), 0);

    let interest = |name: &str, filter: &str, one_in: u32, bits: u32| {
        json!({
            "name": name,
            "filter": filter,
            "sample_one_in": one_in,
            "sample_by": "packet",
            "payload": 0,
            "bits": bits,
        })
    };
    let narrowed = "(tcp dst port 443) and (dst host 10.0.0.2)";
    let [two, web] = &status["plugins"].as_array().unwrap()[..] else { panic!("{status}") };
    let both = json!([interest("udp", "udp", 1, 1), interest("icmp", "icmp or icmp6", 1, 2)]);
    assert_eq!(two["interests"], both);
    assert_eq!(web["interests"], json!([interest("web", narrowed, 100, 1)]));
    let tap = &status["taps"][0];
    assert_eq!(tap["sight"], json!({ "state": "clear", "behind": [], "passed": null }));

    let text = control.status(&[]).stdout;
    assert!(text.contains("; interests take 4 of 256 bits, generation "), "{text}");
    let line =
        format!("  gets web: {narrowed}; a sample of 1/100 by packet; headers only; 1 bit\n");
    assert!(text.contains(&line), "{text}");
    running.terminate().assert_clean();
}

#[test]
fn a_tap_that_sees_nothing_because_of_another_program_is_told() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let control = Control::new();
    let running = control.run(&lab, Side::Near, &["--bundled", "top-talkers"]);
    let sight = || {
        let status = control.instance();
        let taps = status["taps"].as_array().unwrap();
        taps.iter().find(|tap| tap["direction"] == "egress").unwrap()["sight"].clone()
    };
    assert_eq!(sight()["state"], "clear");
    let ending = ForeignProgram::ending(&lab, Side::Near, true);
    let name = format!("program {}, by TCX", ending.id);
    assert_eq!(sight(), json!({ "state": "behind", "behind": [name], "passed": null }));
    send(&lab, Side::Near, 50);
    assert_eq!(sight(), json!({ "state": "blind", "behind": [name], "passed": 50 }));
    let text = control.status(&[]).stdout;
    let line = format!("\n  blind: 50 packets passed, and none came through {name}\n");
    assert!(text.contains(&line), "{text}");
    drop(ending);
    assert_eq!(sight()["state"], "clear");
    running.terminate().assert_clean();
}

#[test]
fn taps_that_come_and_go_under_one_name_are_one_row() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let control = Control::new();
    let running = control.run(&lab, Side::Near, &["--bundled", "top-talkers", "-i", "spare0"]);
    for round in 1..=2 {
        let add = || {
            create_veth("spare0", "spare1", lab.namespace(Side::Near)).unwrap();
            interface_named("spare0").unwrap().unwrap().index
        };
        let index = lab.inside(Side::Near, add).unwrap();
        let of_spare = || {
            let taps = control.instance()["taps"].as_array().unwrap().clone();
            taps.into_iter().filter(|tap| tap["interface"] == "spare0").collect::<Vec<_>>()
        };
        let is_on = |tap: &Value| tap["attached"] == true && tap["ifindex"] == index;
        until("both taps", || of_spare().iter().filter(|tap| is_on(tap)).count() == 2);
        assert_eq!(of_spare().len(), 2, "round {round}");
        lab.inside(Side::Near, || delete_link(index)).unwrap().unwrap();
        until("no tap", || of_spare().iter().all(|tap| tap["attached"] == false));
        assert_eq!(of_spare().len(), 2, "round {round}");
    }
    running.terminate().assert_clean();
}
