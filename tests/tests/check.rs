//! `ringtap check`: what would keep `run` from working is named, with what to do about it.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt, process::Command};

use ringtap_lab::{LabConfig, Side};
use ringtap_tests::{
    BadPlugin, Ended, ForeignProgram, PluginDirectory, Running, binary, bundled, config_file,
    finish, lab, ringtap,
};

const FINE: i32 = 0;
const SETUP: i32 = 2;
const HOST: i32 = 3;

/// `ringtap check` on this host, about nothing but the configuration and the plugins.
fn check(arguments: &[&str]) -> Ended {
    finish(Command::new(binary()).args(["check", "--listen", "none"]).args(arguments))
}

/// The lines that begin so.
fn lines<'a>(ended: &'a Ended, beginning: &str) -> Vec<&'a str> {
    ended.stdout.lines().filter(|line| line.starts_with(beginning)).collect()
}

fn has(ended: &Ended, beginning: &str, words: &[&str]) -> bool {
    lines(ended, beginning).iter().any(|line| words.iter().all(|word| line.contains(word)))
}

/// Which of the two codes depends on what else this host lacks.
fn assert_failed(ended: &Ended) {
    assert!(matches!(ended.code, Some(SETUP | HOST)), "{ended:#?}");
}

#[test]
fn every_line_begins_with_its_verdict_and_the_last_one_sums_up() {
    let ended = check(&["-i", "lo"]);
    let all: Vec<_> = ended.stdout.lines().collect();
    let (summary, findings) = all.split_last().unwrap();
    let count = |beginning| findings.iter().filter(|line| line.starts_with(beginning)).count();
    let (ok, notes, problems) = (count("ok   "), count("note "), count("FAIL "));
    assert_eq!(ok + notes + problems, findings.len(), "{ended:#?}");
    assert_eq!(*summary, format!("summary: ok {ok}, notes {notes}, problems {problems}"));
    assert_eq!(ended.code, Some(if problems == 0 { FINE } else { HOST }), "{ended:#?}");
    assert!(has(&ended, "ok   plugin flow-log (bundled): ", &["flow-log"]), "{ended:#?}");
    assert!(has(&ended, "ok   plugin top-talkers (bundled): ", &["top-talkers"]), "{ended:#?}");
}

#[test]
fn an_interface_that_is_not_there_is_named_with_those_that_are() {
    let ended = check(&["-i", "nowhere0"]);
    assert_eq!(ended.code, Some(HOST), "{ended:#?}");
    assert!(has(&ended, "FAIL interfaces: ", &["no interface \"nowhere0\"", "lo"]), "{ended:#?}");
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended =
        finish(Command::new(binary()).args(["check", "-i", "lo", "--listen", address.as_str()]));
    assert_eq!(ended.code, Some(HOST), "{ended:#?}");
    assert!(has(&ended, "FAIL listen: ", &[&address, "is in use"]), "{ended:#?}");
}

#[test]
fn a_malformed_configuration_is_told_by_file_line_and_key() {
    let directory = tempfile::tempdir().unwrap();
    let file = config_file(&directory, "interfaces = [\"lo\"]\n[taps]\ningress = \"xpd\"\n");
    let ended = check(&["--config", &file]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(SETUP), ""), "{ended:#?}");
    assert!(ended.says(&[&format!("{file}:3:11: taps.ingress: "), "\"xdp\"?"]), "{ended:#?}");
}

#[test]
fn a_configuration_that_can_not_be_read_is_told() {
    let missing = check(&["--config", "/nowhere/ringtap.toml"]);
    assert_eq!(missing.code, Some(SETUP), "{missing:#?}");
    assert!(missing.says(&["can't read the config file /nowhere/ringtap.toml"]), "{missing:#?}");
    let directory = tempfile::tempdir().unwrap();
    let file = config_file(&directory, "");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    let writable = check(&["--config", &file]);
    assert_eq!(writable.code, Some(SETUP), "{writable:#?}");
    assert!(writable.says(&["chmod go-w"]), "{writable:#?}");
}

#[test]
fn each_bad_plugin_is_told_beside_the_good_ones() {
    let directory = PluginDirectory::new(&[]);
    directory.put("good.wasm", &fs::read(bundled("flow-log")).unwrap());
    let bad = BadPlugin::all();
    for BadPlugin { name, content, .. } in &bad {
        directory.put(&format!("{name}.wasm"), content);
    }
    directory.put("a b.wasm", b"");
    let ended = check(&["-i", "lo", "--plugins", directory.as_str()]);
    assert_failed(&ended);
    assert!(has(&ended, "ok   plugin good (", &["flow-log"]), "{ended:#?}");
    for BadPlugin { name, why, .. } in &bad {
        assert!(has(&ended, &format!("FAIL plugin {name} ("), &[why]), "{name}: {ended:#?}");
    }
    assert!(has(&ended, "FAIL plugins: ", &["\"a b\" is no plugin name"]), "{ended:#?}");
}

#[test]
fn interests_that_are_not_granted_are_told_by_plugin_and_cause() {
    let plugins = PluginDirectory::new(&["interest-two", "interest-iface", "interest-payload"]);
    for name in ["good", "elsewhere", "not-asked"] {
        plugins.install(name, "interest-web");
    }
    let directory = tempfile::tempdir().unwrap();
    let text = "[plugins.interest-two]\nfilter = \"tcp\"\n\
                [plugins.elsewhere]\nfilter = \"iface nowhere0\"\n\
                [plugins.interest-payload]\npayload = 1\n\
                [plugins.not-asked]\npayload = 64\n\
                [plugins.missing]\nfilter = \"tcp\"\n";
    let config = config_file(&directory, text);
    let ended = check(&["-i", "lo", "--plugins", plugins.as_str(), "--config", &config]);
    assert_failed(&ended);
    for fine in ["good", "interest-payload", "not-asked"] {
        assert!(has(&ended, &format!("ok   plugin {fine} ("), &[]), "{fine}: {ended:#?}");
    }
    for (plugin, why) in [
        ("interest-two", "protocol 17 (udp) and protocol 6 (tcp) exclude each other, in: "),
        ("interest-iface", "interest `near` names the interface \"near0\", which is not tapped"),
        ("elsewhere", "what is configured for the plugin names the interface \"nowhere0\""),
    ] {
        assert!(has(&ended, &format!("FAIL plugin {plugin} ("), &[why]), "{plugin}: {ended:#?}");
    }
    let unused = "`payload` of [plugins.not-asked] has no effect: it asks for no payload";
    assert!(has(&ended, "note plugins: ", &[unused]), "{ended:#?}");
    let missing = "[plugins.missing] is of no use: there is no such plugin";
    assert!(has(&ended, "note plugins: ", &[missing]), "{ended:#?}");
}

#[test]
fn a_filter_in_the_configuration_that_is_none_is_pointed_into() {
    let directory = tempfile::tempdir().unwrap();
    let text = "[plugins.web]\nfilter = \"tcp and port 99999\"\nsample_by = \"flow\"\n";
    let file = config_file(&directory, text);
    let ended = check(&["--config", &file]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(SETUP), ""), "{ended:#?}");
    let place = format!("{file}:2:10: plugins.web.filter: ");
    assert!(ended.says(&[&place, ", in: tcp and port >>99999<<"]), "{ended:#?}");
    let by = format!("{file}:3:1: plugins.web.sample_by: says nothing without `sample`");
    assert!(ended.says(&[&by]), "{ended:#?}");
}

#[test]
fn an_event_file_that_can_not_be_is_told() {
    let ended = check(&["-i", "lo", "--events", "/nowhere/events.jsonl"]);
    assert_eq!(ended.code, Some(HOST), "{ended:#?}");
    let words = ["/nowhere/events.jsonl can't be written", "--events"];
    assert!(has(&ended, "FAIL events: ", &words), "{ended:#?}");
}

#[test]
fn in_a_good_place_nothing_is_wrong_and_nothing_is_left() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let ended = finish(ringtap(&lab, Side::Near).args(["check", "-i", "near0"]));
    assert_eq!(ended.code, Some(FINE), "{ended:#?}");
    assert_eq!(lines(&ended, "FAIL"), [""; 0]);
    let free = "asked for; free for TC ingress and TC egress";
    assert!(has(&ended, "ok   interface near0: ", &[free]), "{ended:#?}");
    assert!(has(&ended, "ok   taps: ", &[]), "{ended:#?}");
    let port = lab.inside(Side::Near, || TcpListener::bind("127.0.0.1:9464")).unwrap();
    assert!(port.is_ok(), "the port was not given back: {port:?}");
}

#[test]
fn a_program_of_somebody_else_is_named() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let foreign = ForeignProgram::xdp(&lab, Side::Near);
    let owner = format!("program {} (\"{}\"), generic", foreign.id, ForeignProgram::NAME);
    let check = |ingress| {
        finish(ringtap(&lab, Side::Near).args(["check", "-i", "near0", "--ingress", ingress]))
    };
    let xdp = check("xdp");
    assert_eq!(xdp.code, Some(HOST), "{xdp:#?}");
    assert!(has(&xdp, "FAIL interface near0: ", &[&owner, "`--ingress auto`"]), "{xdp:#?}");
    let tc = check("tc");
    assert_eq!(tc.code, Some(FINE), "{tc:#?}");
    assert!(has(&tc, "note interface near0: XDP also runs ", &[&owner]), "{tc:#?}");
}

#[test]
fn taps_of_others_are_noted_and_those_of_the_dead_can_be_removed() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let check =
        || finish(ringtap(&lab, Side::Near).args(["check", "-i", "near0", "--listen", "none"]));
    let link = Running::start(&lab, &["--bundled", "none"]);
    let seen = check();
    assert_eq!(seen.code, Some(FINE), "{seen:#?}");
    let words = ["(\"ringtap_egress\") of another ringtap, by TCX, after the tap"];
    assert!(has(&seen, "note interface near0: TC egress also runs ", &words), "{seen:#?}");
    drop(link);
    // Killed, it leaves its filters behind.
    drop(Running::start(&lab, &["--bundled", "none", "--attach", "netlink"]));
    let orphans = check();
    assert_eq!(orphans.code, Some(FINE), "{orphans:#?}");
    let orphan = ["is a tap that a dead process left: `ringtap detach`"];
    assert!(has(&orphans, "note interface near0: the bpf filter ", &orphan), "{orphans:#?}");
    assert_eq!(
        lines(&check(), "note interface near0: "),
        lines(&orphans, "note interface near0: ")
    );
    finish(ringtap(&lab, Side::Near).arg("detach"));
    assert_eq!(lines(&check(), "note interface near0: "), [""; 0]);
}

#[test]
fn missing_capabilities_are_named() {
    let copy = for_everybody();
    let program = copy.path().join("ringtap");
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "65534", "--clear-groups"]).arg(program);
    command.args(["check", "-i", "lo", "--listen", "none", "--bundled", "none"]);
    let ended = finish(&mut command);
    if ended.says(&["setpriv: "]) {
        return eprintln!("SKIPPED: becoming another user takes CAP_SETUID: {:?}", ended.log);
    }
    assert_eq!(ended.code, Some(HOST), "{ended:#?}");
    let words = ["CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON", "run as root", "setcap"];
    assert!(has(&ended, "FAIL capabilities: missing ", &words), "{ended:#?}");
}

/// The binary where any user may run it.
fn for_everybody() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::copy(binary(), directory.path().join("ringtap")).unwrap();
    directory
}
