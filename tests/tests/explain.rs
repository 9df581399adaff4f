//! `ringtap explain`: what filters become, why packets are taken or not, and what is no packet.

use std::{fs, process::Command};

use etherparse::PacketBuilder;
use ringtap_tests::{Ended, PluginDirectory, binary, capture, config_file, finish};
use serde_json::{Value, json};
use tempfile::TempDir;

fn explain(arguments: &[&str]) -> Ended {
    finish(Command::new(binary()).arg("explain").args(arguments))
}

fn json(arguments: &[&str]) -> Value {
    let ended = explain(&[arguments, &["--json"]].concat());
    assert_eq!(ended.code, Some(0), "{:#?}", ended.log);
    serde_json::from_str(&ended.stdout).unwrap()
}

/// A SYN to port 80 from 10.0.0.1 to 10.0.0.2.
fn syn() -> Vec<u8> {
    let mut frame = Vec::new();
    let packet = PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
        .ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64)
        .tcp(40000, 80, 1, 1024)
        .syn();
    packet.write(&mut frame, &[]).unwrap();
    frame
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn filters_become_rules_and_bits() {
    let ended = explain(&["tcp dst port 443 or 80", "udp port 53"]);
    let wanted = "\
filter 1: tcp dst port 443 or 80
  takes packets that fit
    bit 0: protocol 6 (tcp), destination port 80 or 443
  1 of the table's 256 bits

filter 2: udp port 53
  takes packets that fit one of
    bit 1: protocol 17 (udp), source port 53
    bit 2: protocol 17 (udp), destination port 53
  2 of the table's 256 bits

all filters: 3 of the 256 bits
looked up in a packet: protocol, destination port, source port
";
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), wanted), "{:#?}", ended.log);
}

#[test]
fn a_bad_filter_is_pointed_at() {
    let ended = explain(&["tcp", "tcp prot 5"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    let wanted = [
        "ringtap: filter 2: expected `and`, `or` or the end, found `prot`",
        "  tcp prot 5",
        "      ^^^^",
    ];
    assert_eq!(ended.log, wanted);
}

#[test]
fn filters_that_need_more_bits_than_there_are_are_refused() {
    let rules = |range: std::ops::Range<u32>| {
        let rules: Vec<_> = range.map(|n| format!("(src port {} and ttl {n})", 2 * n)).collect();
        rules.join(" or ")
    };
    let (one, two) = (rules(0..200), format!("tcp and ({})", rules(0..57)));
    assert_eq!(explain(&[&one]).code, Some(0));
    let ended = explain(&[&one, &two]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert!(ended.says(&["57 rules", "56 of 256 are left"]), "{:#?}", ended.log);
}

#[test]
fn a_packet_is_told_what_took_it_or_turned_it_away() {
    let text = hex(&syn());
    let filters = ["tcp dst port 443", "iface eth0 and inbound", "udp or vlan"];
    let ended = explain(
        &[&filters[..], &["--packet", &text, "--interface", "eth0", "--direction", "in"]].concat(),
    );
    let wanted = "
packet 1: IPv4 tcp 10.0.0.1:40000 > 10.0.0.2:80 [syn], 54 bytes, interface eth0, inbound
  filter 1: turned away by destination port 80
  filter 2: matched by bit 1
  filter 3: turned away by each of its rules
    bit 2: turned away by protocol 6 (tcp)
    bit 3: turned away by having no VLAN
";
    assert_eq!(ended.code, Some(0), "{:#?}", ended.log);
    assert!(ended.stdout.ends_with(wanted), "{}", ended.stdout);

    let outward = json(&["inbound", "--packet", &text, "--direction", "out"]);
    let away = json!([{ "dimension": "direction", "packet_has": "direction outbound" }]);
    assert_eq!(outward["packets"][0]["filters"][0]["rules"][0]["turned_away_by"], away);
    assert_eq!(outward["packets"][0]["filters"][0]["matched"], json!(false));
}

#[test]
fn hexadecimal_digits_come_as_people_have_them() {
    let packet = |text: &str| json(&["tcp", "--packet", text])["packets"].clone();
    let stream = packet(&hex(&syn()));
    assert_eq!(stream[0]["filters"][0]["matched"], json!(true));
    let bytes: Vec<_> = syn().iter().map(|byte| format!("{byte:02X}")).collect();
    assert_eq!(packet(&bytes.join(":")), stream);
    let lines = syn();
    let lines = lines.chunks(16).enumerate().map(|(number, line)| {
        let words: Vec<_> = line.chunks(2).map(hex).collect();
        format!("\t0x{:04x}:  {}\n", 16 * number, words.join(" "))
    });
    assert_eq!(packet(&lines.collect::<String>()), stream);
}

#[test]
fn what_is_no_packet_is_refused() {
    let long = "00".repeat((16 << 10) + 1);
    for (text, why) in [
        ("", "--packet has no bytes"),
        (" : ", "--packet has no bytes"),
        ("45 0x", "'x' at character 5 is no hexadecimal digit"),
        ("450", "--packet has 3 digits, and two make a byte"),
        (&long, "more than 16384 bytes"),
    ] {
        let ended = explain(&["tcp", "--packet", text]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{why}");
        assert!(ended.says(&[why]), "{:#?}", ended.log);
    }
}

/// However much of a packet is there, it is judged by that.
#[test]
fn a_truncated_frame_is_judged_by_what_is_there() {
    let whole = syn();
    for length in 1..whole.len() {
        let told = json(&["tcp dst port 80", "--packet", &hex(&whole[..length])]);
        let packet = &told["packets"][0];
        // Ports are the first four bytes of TCP.
        assert_eq!(packet["filters"][0]["matched"], json!(length >= 38), "{length}: {packet}");
        let words = packet["packet"].as_str().unwrap();
        let told = ["headers are cut off", "headers contradict themselves or the length"];
        assert!(told.iter().any(|told| words.contains(told)), "{length}: {words}");
    }
}

#[test]
fn packets_of_a_capture_are_told_up_to_a_limit() {
    let demo = capture("demo.pcap");
    let demo = demo.to_str().unwrap();
    let told = json(&["udp port 53", "--capture", demo]);
    assert_eq!(told["packets"].as_array().unwrap().len(), 10);
    assert_eq!(told["more"], json!(320));
    let all = json(&["udp port 53", "--capture", demo, "--limit", "1000"]);
    assert_eq!((all["packets"].as_array().unwrap().len(), &all["more"]), (330, &json!(0)));
    for packet in all["packets"].as_array().unwrap() {
        let words = packet["packet"].as_str().unwrap();
        let dns = words.contains("udp") && (words.contains(":53 >") || words.contains(":53,"));
        assert_eq!(packet["filters"][0]["matched"], json!(dns), "{words}");
    }
    let third = json(&["tcp", "--capture", demo, "--number", "3"]);
    assert_eq!(
        third["packets"],
        json!([{
            "number": 3,
            "packet": all["packets"][2]["packet"],
            "filters": [{ "matched": true, "rules": [
                { "bit": 0, "matched": true, "turned_away_by": [] },
            ] }],
        }])
    );
    let text = explain(&["tcp", "--capture", demo, "--limit", "2"]).stdout;
    assert!(text.ends_with("\n328 more: see --limit and --number\n"), "{text}");
}

#[test]
fn a_capture_that_can_not_be_read_is_refused() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.into_os_string().into_string().unwrap()
    };
    let refused = |arguments: &[&str], why: &str| {
        let ended = explain(&[&["tcp"], arguments].concat());
        assert_eq!(ended.code, Some(4), "{why}: {:#?}", ended.log);
        assert!(ended.says(&[why]), "{:#?}", ended.log);
        ended.stdout
    };
    let missing = folder.path().join("missing");
    assert_eq!(refused(&["--capture", missing.to_str().unwrap()], "can't open"), "");
    assert_eq!(
        refused(&["--capture", &file("text", b"no capture")], "is not a pcap or pcapng"),
        ""
    );
    let demo = fs::read(capture("demo.pcap")).unwrap();
    let demo_file = file("demo", &demo);
    let beyond = ["--capture", &demo_file, "--number", "331"];
    assert_eq!(refused(&beyond, "has no packet 331: it ends after packet 330"), "");
    // What comes before the damage is told.
    let told = refused(&["--capture", &file("cut", &demo[..200])], "ends too early");
    assert!(told.contains("\npacket 1: IPv4 udp "), "{told}");
}

/// Two plugins, one of them narrowed, and one that asks for payload.
fn configured(arguments: &[&str]) -> Ended {
    let plugins = PluginDirectory::new(&["interest-two", "interest-web", "interest-payload"]);
    let directory = TempDir::new().unwrap();
    let own = "[plugins.interest-web]\nfilter = \"dst host 10.0.0.2\"\nsample = \"1/100\"\n\
               [plugins.interest-payload]\npayload = 16\n";
    let config = config_file(&directory, own);
    explain(&[&["--config", &config, "--plugins", plugins.as_str()], arguments].concat())
}

#[test]
fn without_a_filter_the_interests_of_plugins_are_told() {
    let told = configured(&["--packet", &hex(&syn())]);
    let wanted = "\
plugin interest-payload, interest udp
  asks for: udp; headers and 64 bytes of payload
  gets:     udp; headers and 16 bytes of payload
  takes packets that fit
    bit 0: protocol 17 (udp)
  1 of the table's 256 bits

plugin interest-two, interest udp
  asks for: udp; headers only
  gets:     udp; headers only
  takes packets that fit
    bit 1: protocol 17 (udp)
  1 of the table's 256 bits

plugin interest-two, interest icmp
  asks for: icmp or icmp6; headers only
  gets:     icmp or icmp6; headers only
  takes packets that fit one of
    bit 2: kind IPv4, protocol 1 (icmp)
    bit 3: kind IPv6, protocol 58 (icmp6)
  2 of the table's 256 bits

plugin interest-web, interest web
  asks for: tcp dst port 443; headers only
  gets:     (tcp dst port 443) and (dst host 10.0.0.2); a sample of 1/100 by packet; headers only
  takes packets that fit
    bit 4: protocol 6 (tcp), destination port 443, IPv4 destination 10.0.0.2
  1 of the table's 256 bits

all filters: 5 of the 256 bits
looked up in a packet: kind, protocol, destination port, IPv4 destination
";
    assert!(told.stdout.starts_with(wanted), "{}\n{:#?}", told.stdout, told.log);
    let packet = "
packet 1: IPv4 tcp 10.0.0.1:40000 > 10.0.0.2:80 [syn], 54 bytes
  plugin interest-payload, interest udp: turned away by protocol 6 (tcp)
  plugin interest-two, interest udp: turned away by protocol 6 (tcp)
  plugin interest-two, interest icmp: turned away by each of its rules
    bit 2: turned away by protocol 6 (tcp)
    bit 3: turned away by kind IPv4, protocol 6 (tcp)
  plugin interest-web, interest web: turned away by destination port 80
";
    assert!(told.stdout.ends_with(packet), "{}", told.stdout);
    assert_eq!(told.code, Some(0), "{:#?}", told.log);

    let told = configured(&["--json", "--capture", capture("demo.pcap").to_str().unwrap()]);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    let web = &told["filters"][3];
    assert_eq!((&web["plugin"], &web["interest"]), (&json!("interest-web"), &json!("web")));
    let granted = json!({
        "filter": "(tcp dst port 443) and (dst host 10.0.0.2)",
        "sample_one_in": 100,
        "sample_by": "packet",
        "payload": 0,
    });
    assert_eq!((&web["granted"], &web["asked"]["sample_one_in"]), (&granted, &json!(1)));
    for packet in told["packets"].as_array().unwrap() {
        let two = &packet["filters"][1];
        assert_eq!((&two["plugin"], &two["interest"]), (&json!("interest-two"), &json!("udp")));
        let is_udp = packet["packet"].as_str().unwrap().contains(" udp ");
        assert_eq!(two["matched"], json!(is_udp), "{packet}");
    }
}

#[test]
fn a_plugin_alone_is_explained_and_one_that_is_refused_is_said() {
    let plugins = PluginDirectory::new(&["interest-payload"]);
    let file = plugins.path().join("interest-payload.wasm");
    let file = file.to_str().unwrap();
    let refused = explain(&["--config", "none", "--plugin", file]);
    assert_eq!(refused.code, Some(4), "{:#?}", refused.log);
    let why = "plugin interest-payload is refused: interest `udp`: it asks for 64 payload bytes";
    assert!(refused.stdout.starts_with(why), "{}", refused.stdout);
    assert!(refused.says(&["ringtap: refused: interest-payload"]), "{:#?}", refused.log);

    let bundled = explain(&["--config", "none", "--bundled", "flow-log"]);
    let wanted = "plugin flow-log, interest everything\n  asks for: every packet; headers only\n";
    assert!(bundled.stdout.starts_with(wanted), "{bundled:#?}");
    let none = explain(&["--config", "none", "--bundled", "none"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(2), ""));
    assert!(none.says(&["no FILTER is given, and there is no plugin"]), "{:#?}", none.log);
    assert_eq!(explain(&["tcp", "--plugin", file]).code, Some(2));
}
