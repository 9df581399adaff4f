//! `ringtap replay` over captures: the same packets every time, the same packets in every format,
//! and all that comes before an error.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use ringtap_tests::{Ended, Metrics, binary, capture, code_cache, finish, guest};
use serde_json::Value;
use tempfile::TempDir;

/// Packets of `demo.pcap`, as `capinfos` counts them too.
const DEMO_PACKETS: u64 = 330;

fn replay(captures: &[&Path], arguments: &[&str]) -> Ended {
    finish(Command::new(binary()).arg("replay").args(captures).args(arguments))
}

fn json(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The packets of a capture that can be read to its end.
fn packets(name: &str) -> Vec<Value> {
    let ended = replay(&[&capture(name)], &["--bundled", "none", "--print", "packets"]);
    ended.assert_clean();
    json(&ended.stdout)
}

/// Without what a link type adds, and with the time to the microsecond.
fn above_the_link(mut packet: Value) -> Value {
    let map = packet.as_object_mut().unwrap();
    for key in ["len", "caplen", "eth_src", "eth_dst", "eth_type", "direction", "vlans"] {
        map.remove(key);
    }
    let microseconds = map["ts_ns"].as_u64().unwrap() / 1000;
    map["ts_ns"] = microseconds.into();
    packet
}

#[test]
fn packets_are_as_they_were_read_when_they_were_checked() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/nano.jsonl");
    let golden = json(&fs::read_to_string(golden).unwrap());
    let found = packets("nano.pcap");
    assert_eq!(found.len(), golden.len());
    for (found, golden) in found.iter().zip(&golden) {
        assert_eq!(found, golden);
    }
}

#[test]
fn the_order_of_bytes_makes_no_difference() {
    let as_microseconds = |mut packet: Value| {
        packet["ts_ns"] = (packet["ts_ns"].as_u64().unwrap() / 1000 * 1000).into();
        packet
    };
    let nano: Vec<_> = packets("nano.pcap").into_iter().map(as_microseconds).collect();
    assert_eq!(packets("swapped.pcap"), nano);
}

/// These captures hold the same packets behind different link headers.
#[test]
fn above_the_link_layer_all_formats_agree() {
    let raw = packets("raw.pcap");
    assert_eq!(raw.len(), 23);
    for packet in &raw {
        assert_eq!(packet["len"], packet["ip_len"], "nothing but IP");
    }
    let raw: Vec<_> = raw.into_iter().map(above_the_link).collect();
    for (name, header) in
        [("null.pcap", 4), ("loop.pcap", 4), ("cooked.pcap", 16), ("cooked2.pcap", 20)]
    {
        let found = packets(name);
        for packet in &found {
            let ip_len = packet["ip_len"].as_u64().unwrap();
            assert_eq!(packet["len"], ip_len + header, "{name}: {packet}");
        }
        let found: Vec<_> = found.into_iter().map(above_the_link).collect();
        assert_eq!(found, raw, "{name}");
    }
    // Ethernet has frames more: ARP, and IP behind MPLS and PPPoE.
    let is_ip = |packet: &Value| packet["eth_type"] == 0x0800 || packet["eth_type"] == 0x86dd;
    let ethernet = packets("nano.pcap").into_iter().filter(is_ip).zip(1..);
    let ethernet = ethernet.map(|(mut packet, number)| {
        packet["n"] = number.into();
        above_the_link(packet)
    });
    assert_eq!(ethernet.collect::<Vec<_>>(), raw);
}

#[test]
fn a_second_run_says_the_same() {
    let captures = ["mixed.pcapng", "demo.pcap"].map(capture);
    let captures = captures.each_ref().map(|path| path.as_path());
    let run = |arguments: &[&str]| {
        let ended = replay(&captures, arguments);
        ended.assert_clean();
        ended.stdout
    };
    for arguments in [&["--print", "packets"][..], &["--bundled", "flow-log"]] {
        let first = run(arguments);
        assert!(!first.is_empty());
        assert_eq!(run(arguments), first, "{arguments:?}");
    }
}

/// Packets are numbered on from one capture to the next, those that are passed over included.
#[test]
fn captures_are_read_one_after_the_other() {
    // Frame 50, from an interface of a link type that is not supported.
    const PASSED_OVER: u64 = DEMO_PACKETS + 50;
    let captures = ["demo.pcap", "mixed.pcapng"].map(capture);
    let captures = captures.each_ref().map(|path| path.as_path());
    let ended = replay(&captures, &["--bundled", "none", "--print", "packets"]);
    ended.assert_clean();
    let said =
        "mixed.pcapng: 1 packets of interface wlan0 were passed over: 127 (IEEE802_11_RADIOTAP)";
    assert!(ended.says(&[said]), "{:#?}", ended.log);
    let packets = json(&ended.stdout);
    let numbers = packets.iter().map(|packet| packet["n"].as_u64().unwrap());
    assert!(numbers.eq((1..=DEMO_PACKETS + 102).filter(|number| *number != PASSED_OVER)));
    let (demo, mixed) = packets.split_at(DEMO_PACKETS as usize);
    assert!(demo.iter().all(|packet| packet.get("iface").is_none()));
    let of = |name: &str| mixed.iter().filter(|packet| packet["iface"] == name).count();
    assert_eq!((of("eth0"), of("tun0"), mixed.len()), (78, 23, 101));
}

#[test]
fn the_bundled_plugins_account_for_every_packet() {
    let packets = packets("demo.pcap");
    assert_eq!(packets.len() as u64, DEMO_PACKETS);
    let mut pairs = BTreeMap::<_, (u64, u64)>::new();
    for packet in packets.iter().filter(|packet| packet.get("src").is_some()) {
        let address = |key: &str| packet[key].as_str().unwrap().to_owned();
        let (count, bytes) = pairs.entry((address("src"), address("dst"))).or_default();
        *count += 1;
        *bytes += packet["len"].as_u64().unwrap();
    }
    let in_ip: u64 = pairs.values().map(|(packets, _)| packets).sum();
    let bytes_in_ip: u64 = pairs.values().map(|(_, bytes)| bytes).sum();
    assert_eq!(in_ip, DEMO_PACKETS - 1, "one is ARP");

    let directory = TempDir::new().unwrap();
    let events = directory.path().join("events");
    let demo = capture("demo.pcap");
    let arguments = ["--print", "metrics", "--events", events.to_str().unwrap()];
    let ended = replay(&[&demo], &arguments);
    ended.assert_clean();
    let metrics = Metrics::parse(&ended.stdout);
    metrics.assert_ledgers_close();
    for plugin in ["flow-log", "top-talkers"] {
        assert_eq!(metrics.records(plugin), [DEMO_PACKETS, 0, 0, DEMO_PACKETS]);
    }
    for ((src, dst), (packets, bytes)) in &pairs {
        let labels = [("src", src.as_str()), ("dst", dst.as_str())];
        assert_eq!(metrics.sum("top_talkers_packets_total", &labels), *packets, "{labels:?}");
        assert_eq!(metrics.sum("top_talkers_bytes_total", &labels), *bytes, "{labels:?}");
    }
    assert_eq!(metrics.sum("top_talkers_packets_total", &[]), in_ip);

    let flows = json(&fs::read_to_string(&events).unwrap());
    let sum = |key: &str| flows.iter().map(|flow| flow[key].as_u64().unwrap()).sum::<u64>();
    assert!(flows.iter().all(|flow| flow["kind"] == "flow" && flow["plugin"] == "flow-log"));
    assert_eq!((sum("packets"), sum("bytes")), (in_ip, bytes_in_ip));
    assert_eq!(metrics.sum("flow_log_flows_total", &[]), flows.len() as u64);
    assert_eq!(metrics.sum("ringtap_events_written_total", &[]), flows.len() as u64);
}

#[test]
fn what_comes_before_the_end_of_a_truncated_capture_is_delivered() {
    let whole = fs::read(capture("demo.pcap")).unwrap();
    let directory = TempDir::new().unwrap();
    let cut = directory.path().join("cut.pcap");
    // Within the header of the first packet, within the last packet, and within the file's header.
    for (length, left) in [(30, 0), (whole.len() - 1, DEMO_PACKETS - 1), (10, 0)] {
        fs::write(&cut, &whole[..length]).unwrap();
        let events = directory.path().join("events");
        let plugin = guest("counts");
        let events_to =
            ["--events", events.to_str().unwrap(), "--plugin", plugin.to_str().unwrap()];
        let printed = replay(&[&cut], &[&events_to[..], &["--print", "packets"]].concat());
        assert_eq!(printed.code, Some(4), "{:#?}", printed.log);
        assert!(printed.says(&["ringtap: ", cut.to_str().unwrap()]), "{:#?}", printed.log);
        assert_eq!(json(&printed.stdout).len() as u64, left);
        let counted = replay(&[&cut], &[&events_to[..], &["--print", "metrics"]].concat());
        assert_eq!(counted.code, Some(4));
        let metrics = Metrics::parse(&counted.stdout);
        assert_eq!(metrics.records("counts"), [left, 0, 0, left]);
        assert_eq!(metrics.sum("guest_packets_total", &[]), left);
    }
}

#[test]
fn what_is_no_capture_is_refused_by_name() {
    let directory = TempDir::new().unwrap();
    let text = directory.path().join("notes.txt");
    fs::write(&text, "this is no capture, but long enough to be one").unwrap();
    let missing = directory.path().join("missing.pcap");
    for path in [&text, &missing, &directory.path().to_path_buf()] {
        let ended = replay(&[path], &["--bundled", "none"]);
        assert_eq!(ended.code, Some(4), "{:#?}", ended.log);
        assert!(ended.says(&["ringtap: ", path.to_str().unwrap()]), "{:#?}", ended.log);
    }
}

#[test]
fn a_plugin_that_cannot_run_makes_a_replay_fail() {
    let demo = capture("demo.pcap");
    let refused = guest("refuses-init");
    let ended = replay(&[&demo], &["--plugin", refused.to_str().unwrap()]);
    assert_eq!(ended.code, Some(4), "{:#?}", ended.log);
    assert!(ended.says(&["ringtap: plugin refuses-init: refused to start: told to refuse"]));
}

/// The guest that emits packets says what `--print packets` says.
#[test]
fn plugins_see_what_is_printed() {
    let demo = capture("demo.pcap");
    let plugin = guest("emits-packets");
    let ended = replay(&[&demo], &["--plugin", plugin.to_str().unwrap()]);
    ended.assert_clean();
    let (events, packets) = (json(&ended.stdout), packets("demo.pcap"));
    assert_eq!(events.len(), packets.len());
    for (event, packet) in events.iter().zip(&packets) {
        assert_eq!(event["n"].as_u64().unwrap() + 1, packet["n"].as_u64().unwrap());
        assert_eq!(event["time_ns"], packet["ts_ns"]);
        for key in [
            "hook",
            "len",
            "eth_src",
            "eth_dst",
            "eth_type",
            "ip_version",
            "src",
            "dst",
            "protocol",
            "ttl",
            "tos",
            "ip_len",
            "src_port",
            "dst_port",
            "tcp_flags",
            "tcp_seq",
            "icmp_type",
            "icmp_code",
            "fragment",
            "partial",
            "malformed",
        ] {
            assert_eq!(event.get(key), packet.get(key), "{key} of {packet}");
        }
    }
}

/// `ringtap replay … --print packets | head -1`
#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let mut command = Command::new(binary());
    command.args(["replay", "--config", "none", "--bundled", "top-talkers", "--print", "packets"]);
    command.arg("--cache").arg(code_cache());
    // More than a pipe holds.
    command.args(std::iter::repeat_n(capture("demo.pcap"), 20));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    reader.read_line(&mut first).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&first).unwrap()["n"], 1);
    drop(reader);
    let output = child.wait_with_output().unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{log}");
    let all = 20 * DEMO_PACKETS;
    let ledger = format!("top-talkers: {all} records = 0 shed + 0 failed + {all} delivered");
    assert!(log.contains(&ledger), "{log}");
}

/// `ticks` takes no packets at all, `interest-web` finds none that it wants, and `counts` has all.
#[test]
fn the_time_of_a_capture_is_the_same_for_every_plugin() {
    let demo = capture("demo.pcap");
    let ticks = || {
        let plugins = ["ticks", "interest-web", "counts"].map(guest);
        let plugins = plugins.iter().flat_map(|file| ["--plugin", file.to_str().unwrap()]);
        let arguments: Vec<_> = plugins.chain(["--print", "metrics"]).collect();
        let ended = replay(&[&demo, &demo], &arguments);
        ended.assert_clean();
        let metrics = Metrics::parse(&ended.stdout);
        metrics.assert_ledgers_close();
        assert_eq!(metrics.records("interest-web")[0], 0);
        metrics.sum("guest_ticks_total", &[("plugin", "ticks")])
    };
    // What it asks for is 10 ms, and time is told every 100 ms.
    let packets = packets("demo.pcap");
    let mut told = Vec::<u64>::new();
    let times = packets.iter().map(|packet| packet["ts_ns"].as_u64().unwrap());
    for time in times.clone() {
        if told.last().is_none_or(|last| time >= last + 100_000_000) {
            told.push(time);
        }
    }
    let end = times.max().filter(|end| told.last() != Some(end));
    // The second time the capture has nothing that is later.
    let expected = (told.len() - 1 + end.iter().count()) as u64;
    assert!(expected > 1);
    for _ in 0..2 {
        assert_eq!(ticks(), expected);
    }
}
