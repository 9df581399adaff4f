use std::{path::Path, time::Duration};

use ringtap_interest::{Narrowing, SampleBy, Sampling};
use ringtap_pipeline::name::PluginName;
use ringtap_plugin::{Capability, Grants, Share};

use super::{
    limits::{Cpu, SeriesExpiry},
    *,
};

fn parse(text: &str) -> Config {
    schema::parse(Path::new("c.toml"), text).unwrap_or_else(|error| panic!("{error}"))
}

/// What is said of a text, line by line.
fn problems(text: &str) -> Vec<String> {
    let error = schema::parse(Path::new("c.toml"), text).unwrap_err();
    error.to_string().lines().map(str::to_owned).collect()
}

#[test]
fn the_example_says_everything_and_holds_the_defaults() {
    assert_eq!(parse(EXAMPLE), Config::default());
    // Those that would change something are commented out: they must be right all the same.
    let commented = [
        "bundled",
        "control",
        "user",
        "cache_directory",
        "state_directory",
        "[plugins.top",
        "memory",
        "filter =",
        "sample =",
        "sample_by",
        "payload",
        "interfaces = [\"eth0",
        "grants",
        "mask",
        "on_failure",
        "max_restarts",
        "trial_batches",
        "trial_time",
    ];
    let set = commented.iter().fold(EXAMPLE.to_owned(), |text, key| {
        text.replace(&format!("\n# {key}"), &format!("\n{key}"))
    });
    let config = parse(&set);
    assert_eq!(config.plugins.bundled, Some(Bundled::by_default()));
    assert_eq!(config.control, Place::At("/run/ringtap".into()));
    assert_eq!(config.user, Some(UserName("ringtap".to_owned())));
    assert_eq!(config.cache, Place::At("/var/cache/ringtap".into()));
    assert_eq!(config.state_directory, Place::At("/var/lib/ringtap".into()));
    let name = PluginName::new("top-talkers").unwrap();
    let limits = Limits { memory: 128 << 20, ..Limits::default() };
    assert_eq!(config.limits_of(&name), limits);
    let narrowing = Narrowing {
        filter: Some("(not port 22) and (iface eth0)".parse().unwrap()),
        sampling: Some(Sampling::new(100, SampleBy::Packet).unwrap()),
        payload: Some(0),
    };
    assert_eq!(config.own[&name].narrowing, narrowing);
    assert_eq!(config.own[&name].grants, Some(Grants::default()));
}

#[test]
fn every_key_is_taken() {
    let config = parse(
        r#"
        interfaces = ["eth0", "veth*"]
        listen = "[::1]:1"
        control = "/c"
        user = "ringtap"
        cache_directory = "/k"
        state_directory = "/s"
        plugin_directory = "/p"
        bundled = ["flow-log"]
        [taps]
        ingress = "xdp-generic"
        egress = "none"
        attach = "link"
        ring_size = "64KiB"
        drain_interval = "20ms"
        latency = "low"
        readers = "per-cpu"
        timestamps = "coarse"
        [limits]
        memory = "1GiB"
        call_deadline = "5ms"
        init_deadline = "2s"
        queue_records = 2_048
        when_full = "sample"
        cpu = "20%"
        max_series = 0x10
        series_expiry = "1h"
        log_rate = 1
        log_burst = 2
        event_rate = 3
        event_burst = 4
        max_table_elements = 5
        max_instances = 6
        max_handles = 7
        host_call_bytes = "1MiB"
        max_kv = "4KiB"
        [plugins."a.b"]
        max_series = 7
        when_full = "drop-oldest"
        cpu = "100%"
        series_expiry = "never"
        filter = "udp port 53"
        sample = "1/100"
        sample_by = "flow"
        payload = 1500
        interfaces = ["eth0", "br-lan.1"]
        grants = ["kv", "payload:1500", "log"]
        [events]
        to = "/e.jsonl"
        queue = 1
        [log]
        filter = "warn,ringtap_tap=debug"
        format = "json"
        "#,
    );
    let limits = Limits {
        memory: 1 << 30,
        call_deadline: Duration::from_millis(5),
        init_deadline: Duration::from_secs(2),
        queue_records: 2048,
        when_full: WhenFull::Sample,
        cpu: Cpu(Share::new(20)),
        max_series: 16,
        series_expiry: SeriesExpiry(Some(Duration::from_secs(3600))),
        log_rate: 1,
        log_burst: 2,
        event_rate: 3,
        event_burst: 4,
        max_table_elements: 5,
        max_instances: 6,
        max_handles: 7,
        host_call_bytes: 1 << 20,
        max_kv: 4 << 10,
    };
    let own = LimitOverrides {
        when_full: Some(WhenFull::DropOldest),
        cpu: Some(Cpu(None)),
        max_series: Some(7),
        series_expiry: Some(SeriesExpiry(None)),
        ..LimitOverrides::default()
    };
    let narrowing = Narrowing {
        filter: Some("(udp port 53) and (iface eth0 or iface br-lan.1)".parse().unwrap()),
        sampling: Some(Sampling::new(100, SampleBy::Flow).unwrap()),
        payload: Some(1500),
    };
    let grants = Some(Grants::from_iter([Capability::Log, Capability::Kv]));
    let wanted = Config {
        interfaces: ["eth0", "veth*"].map(|text| text.parse().unwrap()).into(),
        listen: Listen::At("[::1]:1".parse().unwrap()),
        control: Place::At("/c".into()),
        user: Some(UserName("ringtap".to_owned())),
        cache: Place::At("/k".into()),
        state_directory: Place::At("/s".into()),
        taps: Taps {
            ingress: Ingress::XdpGeneric,
            egress: Egress::None,
            attach: Attach::Link,
            ring_size: 64 << 10,
            drain_interval: Some(Duration::from_millis(20)),
            latency: taps::Latency::Low,
            readers: taps::Readers::PerCpu,
            timestamps: taps::Timestamps::Coarse,
        },
        plugins: Plugins {
            directory: PluginDirectory(Some("/p".into())),
            bundled: Some("flow-log".parse().unwrap()),
        },
        limits,
        own: [(
            PluginName::new("a.b").unwrap(),
            Own { limits: own, narrowing, grants, ..Own::default() },
        )]
        .into(),
        events: Events { to: EventsTo::File("/e.jsonl".into()), queue: 1 },
        log: Log { filter: "warn,ringtap_tap=debug".parse().unwrap(), format: LogFormat::Json },
    };
    assert_eq!(config, wanted);
}

#[test]
fn every_problem_names_its_place_its_key_and_what_was_expected() {
    let text = r#"
listne = "127.0.0.1:1"
listen = 9464
interfaces = ["eth0", "a b", 7, "way-too-long-for-linux"]
plugin_directory = "plugins"
bundled = ["top-talker"]
[taps]
ingress = "xpd"
egress = "xdp"
ring_size = "3MiB"
drain_interval = "5"
"é" = 1
[limits]
memory = "8GiB"
call_deadline = "0s"
queue_records = 5
max_series = -1
cpu = "0%"
series_expiry = "30s"
event_rate = 0
host_call_bytes = "1KiB"
[plugins]
"a/b" = {}
directory = "/p"
[plugin.c]
[events]
to = ""
[log]
filter = "inof"
format = true
color = "never"
"#;
    let wanted = [
        r#"c.toml:2:1: listne: no such key; did you mean "listen"?"#,
        r#"c.toml:3:10: listen: found 9464, expected a string: IP:PORT such as "127.0.0.1:9464" or "[::1]:9464", or "none""#,
        r#"c.toml:4:23: interfaces: found "a b", expected an interface's name or a glob such as "veth*""#,
        r#"c.toml:4:30: interfaces: found 7, expected a string: an interface's name or a glob such as "veth*""#,
        r#"c.toml:4:33: interfaces: found "way-too-long-for-linux", expected an interface's name or a glob such as "veth*": names have at most 15 bytes"#,
        r#"c.toml:5:20: plugin_directory: found "plugins", expected an absolute path"#,
        r#"c.toml:6:12: bundled: found "top-talker", expected one of flow-log, protocol-mix, scan-watch, tcp-health, top-talkers"#,
        r#"c.toml:8:11: taps.ingress: found "xpd", expected one of auto, xdp, xdp-native, xdp-generic, tc, none (did you mean "xdp"?)"#,
        r#"c.toml:9:10: taps.egress: found "xdp", expected one of tc, none"#,
        r#"c.toml:10:13: taps.ring_size: found "3MiB", expected a power of two from "4KiB" to "1GiB""#,
        r#"c.toml:11:18: taps.drain_interval: found "5", expected a duration with its unit, from "1ms" to "1s""#,
        r#"c.toml:12:1: taps.é: no such key; known here: ingress, egress, attach, ring_size, drain_interval, latency, readers, timestamps"#,
        r#"c.toml:14:10: limits.memory: found "8GiB", expected a size from "64KiB" to "4GiB""#,
        r#"c.toml:15:17: limits.call_deadline: found "0s", expected a duration with its unit, from "1ms" to "1m""#,
        r#"c.toml:16:17: limits.queue_records: found 5, expected a whole number from 1024 to 16777216"#,
        r#"c.toml:17:14: limits.max_series: found -1, expected a whole number from 0 to 1000000"#,
        r#"c.toml:18:7: limits.cpu: found "0%", expected a share of one core, from "1%" to "100%""#,
        r#"c.toml:19:17: limits.series_expiry: found "30s", expected "never" or a duration with its unit, from "1m" to "30days""#,
        r#"c.toml:20:14: limits.event_rate: found 0, expected a whole number from 1 to 1000000000"#,
        r#"c.toml:21:19: limits.host_call_bytes: found "1KiB", expected a size from "64KiB" to "1GiB""#,
        r#"c.toml:23:1: plugins.a/b: "a/b" is no plugin name: use 1 to 64 characters of a-z, A-Z, 0-9, '-', '_' and '.', the first a letter or digit"#,
        r#"c.toml:24:13: plugins.directory: found "/p", expected a plugin's table, [plugins.NAME]; `plugin_directory` and `bundled` stand before the first table"#,
        r#"c.toml:25:2: plugin: no such key; did you mean "plugins"?"#,
        r#"c.toml:27:6: events.to: found "", expected "stdout", a file's path, or "none""#,
        r#"c.toml:29:10: log.filter: found "inof", expected off, error, warn, info, debug or trace, or such as "info,ringtap_tap=debug""#,
        r#"c.toml:30:10: log.format: found true, expected a string: one of text, json"#,
        r#"c.toml:31:1: log.color: no such key; known here: filter, format"#,
    ];
    let found = problems(text);
    for (found, wanted) in found.iter().zip(wanted) {
        assert_eq!(found, wanted);
    }
    assert_eq!(found.len(), wanted.len());
}

#[test]
fn what_would_narrow_nothing_is_told_like_the_rest() {
    let text = r#"
[plugins.a]
filter = "tcp dst port 443x"
sample = "1/0"
sample_by = "flows"
payload = 1501
[plugins.b]
filter = "tcp and udp"
sample = "10/100"
payload = "64"
[plugins.c]
sample_by = "flow"
sampel = "1/2"
"#;
    let wanted = [
        r#"c.toml:3:10: plugins.a.filter: found "tcp dst port 443x", expected a filter: "#,
        r#"c.toml:4:10: plugins.a.sample: found "1/0", expected "1/N", such as "1/100", with N from 1 to 1000000"#,
        r#"c.toml:5:13: plugins.a.sample_by: found "flows", expected one of packet, flow"#,
        r#"c.toml:6:11: plugins.a.payload: found 1501, expected a whole number from 0 to 1500"#,
        r#"c.toml:8:10: plugins.b.filter: found "tcp and udp", expected a filter: no packet can match: protocol 6 (tcp) and protocol 17 (udp) exclude each other, in: >>tcp and udp<<"#,
        r#"c.toml:9:10: plugins.b.sample: found "10/100", expected "1/N", such as "1/100", with N from 1 to 1000000"#,
        r#"c.toml:10:11: plugins.b.payload: found "64", expected a whole number from 0 to 1500"#,
        r#"c.toml:12:1: plugins.c.sample_by: says nothing without `sample`"#,
        r#"c.toml:13:1: plugins.c.sampel: no such key; did you mean "sample"?"#,
    ];
    let found = problems(text);
    for (found, wanted) in found.iter().zip(wanted) {
        assert!(found.starts_with(wanted), "{found}");
    }
    assert!(found[0].ends_with(", in: tcp dst port >>443x<<"), "{}", found[0]);
    assert_eq!(found.len(), wanted.len());
}

#[test]
fn what_grants_nothing_is_told_like_the_rest() {
    let text = r#"
[plugins.a]
grants = ["lgo", "metric", "log", "log", "files", "payload:1501", "paylod:1", "payload", 7]
[plugins.b]
grants = ["payload:64", "payload:64"]
[plugins.c]
payload = 64
grants = ["payload:128"]
[plugins.d]
grants = "log"
[plugins.e]
interfaces = ["eth0", "eth*", "eth0 or tcp", "not", "eth0", ""]
[plugins.f]
interfaces = []
[plugins.g]
filter = "iface eth1"
interfaces = ["eth0"]
[plugins.h]
input = "a"
interfaces = ["eth0"]
"#;
    let names = "expected one of log, clock, interfaces, metrics, events, random, kv, payload:N";
    let name = "expected an interface's name, such as \"eth0\"; globs are not taken here";
    let payload = "expected payload:N with N from 0 to 1500";
    let wanted = [
        format!(r#"3:11: plugins.a.grants: found "lgo", {names} (did you mean "log"?)"#),
        format!(r#"3:18: plugins.a.grants: found "metric", {names} (did you mean "metrics"?)"#),
        r#"3:35: plugins.a.grants: found "log", expected "log" once"#.to_owned(),
        format!(r#"3:42: plugins.a.grants: found "files", {names}"#),
        format!(r#"3:51: plugins.a.grants: found "payload:1501", {payload}"#),
        format!(r#"3:67: plugins.a.grants: found "paylod:1", {names} (did you mean "payload:N"?)"#),
        format!(r#"3:79: plugins.a.grants: found "payload", {payload}"#),
        format!(r#"3:90: plugins.a.grants: found 7, expected a string: {}"#, &names[9..]),
        r#"5:25: plugins.b.grants: found "payload:64", expected "payload" once"#.to_owned(),
        r#"7:1: plugins.c.payload: found 64, and `grants` has "payload:128": both mean the same, leave one out"#.to_owned(),
        r#"10:10: plugins.d.grants: found "log", expected an array of strings"#.to_owned(),
        format!(r#"12:23: plugins.e.interfaces: found "eth*", {name}"#),
        format!(r#"12:31: plugins.e.interfaces: found "eth0 or tcp", {name}"#),
        format!(r#"12:46: plugins.e.interfaces: found "not", {name}"#),
        r#"12:53: plugins.e.interfaces: found "eth0", expected "eth0" once"#.to_owned(),
        format!(r#"12:61: plugins.e.interfaces: found "", {name}"#),
        "14:1: plugins.f.interfaces: names none: leave it out for all interfaces".to_owned(),
        "17:1: plugins.g.interfaces: does not go together with `filter`: no packet can match: "
            .to_owned(),
        "20:1: plugins.h.interfaces: the plugin that is its `input` says which records it gets"
            .to_owned(),
    ];
    let found = problems(text);
    for (found, wanted) in found.iter().zip(&wanted) {
        let begins = found.strip_prefix("c.toml:").is_some_and(|found| found.starts_with(wanted));
        assert!(begins, "{found}\n{wanted}");
    }
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
}

#[test]
fn payload_is_granted_in_either_place() {
    let payload = |text: &str| {
        let config = parse(&format!("[plugins.a]\n{text}"));
        config.own.into_values().next().unwrap().narrowing.payload
    };
    assert_eq!(payload("grants = [\"payload:64\"]"), Some(64));
    assert_eq!(payload("grants = [\"payload:64\"]\npayload = 64"), Some(64));
    assert_eq!(payload("grants = []\npayload = 64"), Some(64));
    assert_eq!(payload("grants = []"), None);
}

#[test]
fn samples_have_bounds() {
    let sampling = |sample: &str| {
        let config = parse(&format!("[plugins.a]\nsample = \"{sample}\""));
        config.own.values().next().unwrap().narrowing.sampling.unwrap()
    };
    assert_eq!(sampling("1/1"), Sampling::ALL);
    assert_eq!(sampling("1/1000000").one_in(), 1_000_000);
    for bad in ["", "1", "1/", "1/-1", "1/+5", "1/1000001", "1/99999999999", "2/4", "0.1"] {
        assert_eq!(problems(&format!("[plugins.a]\nsample = \"{bad}\"")).len(), 1, "{bad}");
    }
}

#[test]
fn a_text_that_is_not_toml_is_only_told_that() {
    let wanted = [
        "c.toml:1:10: string values must be quoted, expected literal string",
        "c.toml:3:5: unclosed table, expected `]`",
    ];
    assert_eq!(problems("listen = \ntypo = 1\n[tap"), wanted);
    let twice = "listen = \"none\"\nlisten = \"none\"";
    assert_eq!(problems(twice), ["c.toml:2:1: duplicate key"]);
    assert_eq!(problems("taps = 1"), ["c.toml:1:8: taps: found 1, expected a table: [taps]"]);
}

#[test]
fn bundled_plugins_run_unless_a_directory_or_a_list_says_otherwise() {
    let bundled = |text: &str| {
        let names = parse(text).plugins.bundled();
        names.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    };
    assert_eq!(bundled(""), "flow-log,top-talkers");
    assert_eq!(bundled("plugin_directory = \"/p\""), "");
    assert_eq!(bundled("bundled = []"), "");
    let both = "plugin_directory = \"/p\"\nbundled = [\"top-talkers\"]";
    assert_eq!(bundled(both), "top-talkers");
}

#[test]
fn patterns_match_names_and_know_whether_they_are_one() {
    let pattern = |text: &str| text.parse::<InterfacePattern>().unwrap();
    assert!(pattern("veth*").matches("veth0") && !pattern("veth*").matches("eth0"));
    assert_eq!(pattern("eth0.100").literal(), Some("eth0.100"));
    assert_eq!(pattern("eth[0-3]").literal(), None);
    for text in ["", "a/b", "eth[", "sixteen-bytes-xx"] {
        assert!(text.parse::<InterfacePattern>().is_err(), "{text}");
    }
}

#[test]
fn only_loopback_is_not_warned_about() {
    let warnings = |text: &str| parse(&format!("listen = \"{text}\"")).warnings();
    for quiet in ["127.0.0.1:1", "127.1.2.3:1", "[::1]:1", "none"] {
        assert_eq!(warnings(quiet), [""; 0], "{quiet}");
    }
    let wanted = "0.0.0.0:9464 is not a loopback address: whoever reaches it can read addresses and \
                  traffic volumes at /metrics, without a password";
    assert_eq!(warnings("0.0.0.0:9464"), [wanted]);
    assert_eq!(warnings("[::]:9464").len(), 1);
}
