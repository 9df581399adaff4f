//! Interests over captures: the packets that tcpdump takes, the same sample every time, and payload
//! as tshark has it.

use std::{collections::BTreeMap, process::Command};

use ringtap_tests::{
    Ended, Metrics, PluginDirectory, Wish, binary, capture, config_file, finish, output, tool,
    wanting,
};
use serde_json::Value;
use tempfile::TempDir;

/// What they say of packets behind tags, tcpdump does not, and so they leave out those that are in
/// the captures: UDP to port 7.
const FILTERS: [&str; 24] = [
    "arp",
    "tcp",
    "icmp or icmp6",
    "ip6 and udp port 53",
    "udp port 53",
    "tcp dst port 80",
    "src port 80 and less 100",
    "greater 1000",
    "portrange 40000-50000",
    "udp and port 53 and not src portrange 40000-50000",
    "host 192.0.2.10",
    "dst host 198.51.100.2",
    "src net 192.0.2.0/30 and not port 7",
    "ip6 net 2001:db8::/125 and icmp6",
    "src host 2001:db8::80 and tcp",
    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
    "tcp[tcpflags] & tcp-ack == 0",
    "tcp[tcpflags] == tcp-syn",
    "ip proto 1",
    "ip6 proto 58",
    "tcp port 80 and (host 198.51.100.1 or host 2001:db8::80) and not src port 80",
    "udp src port 53 or tcp src port 80",
    "ip dst host 198.51.100.1 and dst port 53",
    "ip6 and portrange 51000-51006 and greater 100",
];

const DEMO_PACKETS: u64 = 330;

/// As tcpdump counts them in `demo.pcap`.
const TCP_PORT_80: u64 = 249;

/// `interest-payload` tells the payload of so many packets.
const EVENTS: usize = 8;

fn replay(name: &str, plugins: &PluginDirectory, config: &str, arguments: &[&str]) -> Ended {
    let folder = TempDir::new().unwrap();
    let config = config_file(&folder, config);
    let mut command = Command::new(binary());
    command.arg("replay").arg(capture(name)).args(["--config", &config]);
    let ended = finish(command.args(["--plugins", plugins.as_str()]).args(arguments));
    ended.assert_clean();
    ended
}

fn metrics(name: &str, plugins: &PluginDirectory, config: &str) -> Metrics {
    let ended = replay(name, plugins, config, &["--print", "metrics", "--events", "none"]);
    let metrics = Metrics::parse(&ended.stdout);
    metrics.assert_ledgers_close();
    metrics
}

fn json(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// How many packets of a capture tcpdump takes; `None`, said aloud, where it is not installed.
fn tcpdump(name: &str, filter: &str) -> Option<u64> {
    let mut command = Command::new("tcpdump");
    let command = command.args(["-n", "-t", "-r"]).arg(capture(name)).arg(filter);
    // Of a filter that can't match in a capture of this link type it makes an error.
    let none = String::from_utf8_lossy(&output(command).stderr).contains("rejects all packets");
    if none { Some(0) } else { Some(tool(command)?.lines().count() as u64) }
}

#[test]
fn filters_take_what_tcpdump_takes() {
    let plugins = PluginDirectory::new(&[]);
    for (number, filter) in FILTERS.iter().enumerate() {
        plugins.put(&format!("f{number}.wasm"), &wanting(&[Wish::new("f", filter)]));
    }
    for name in ["demo.pcap", "nano.pcap", "raw.pcap", "null.pcap"] {
        let metrics = metrics(name, &plugins, "");
        for (number, filter) in FILTERS.iter().enumerate() {
            let Some(theirs) = tcpdump(name, filter) else { return };
            let ours = metrics.records(&format!("f{number}"));
            assert_eq!(ours, [theirs, 0, 0, theirs], "{filter:?} over {name}");
        }
    }
}

/// A matter of chance, the same in every run. Half of what matches is in the sample, or so.
#[test]
fn samples_are_the_same_in_every_run() {
    let plugins = PluginDirectory::new(&["emits-packets"]);
    let sampled = |by: &str| {
        let config = format!(
            "[plugins.emits-packets]\nfilter = \"tcp port 80\"\nsample = \"1/2\"\nsample_by = {by:?}"
        );
        let first = replay("demo.pcap", &plugins, &config, &[]);
        let second = replay("demo.pcap", &plugins, &config, &[]);
        assert_eq!(first.stdout, second.stdout, "{by}");
        let metrics = metrics("demo.pcap", &plugins, &config);
        let bucket = |bucket| metrics.sum(&format!("ringtap_packets_{bucket}_total"), &[]);
        let kept = json(&first.stdout);
        assert!(kept.iter().all(|packet| packet["packets"] == 2), "{by}");
        assert_eq!(bucket("published"), kept.len() as u64, "{by}");
        assert_eq!(bucket("sampled_out"), TCP_PORT_80 - bucket("published"), "{by}");
        assert_eq!(bucket("uninterested"), DEMO_PACKETS - TCP_PORT_80, "{by}");
        kept
    };
    let by_packet = sampled("packet");
    assert!((80..=170).contains(&by_packet.len()), "{} packets", by_packet.len());
    let by_flow = sampled("flow");
    assert!(by_flow.len() < TCP_PORT_80 as usize && !by_flow.is_empty());
    let whole = PluginDirectory::new(&["emits-packets"]);
    let all = json(&replay("demo.pcap", &whole, "", &[]).stdout);
    let (kept, all) = (flows(&by_flow), flows(&all));
    for (flow, packets) in kept {
        assert_eq!(all[&flow], packets, "{flow:?} was kept in part");
    }
}

/// How many packets each flow of TCP has, by its ends, whichever way they go.
fn flows(packets: &[Value]) -> BTreeMap<[(String, u64); 2], usize> {
    let mut flows = BTreeMap::new();
    for packet in packets.iter().filter(|packet| packet["protocol"] == 6) {
        let end = |address, port| {
            (packet[address].as_str().unwrap().to_owned(), packet[port].as_u64().unwrap())
        };
        let mut ends = [end("src", "src_port"), end("dst", "dst_port")];
        ends.sort();
        *flows.entry(ends).or_default() += 1;
    }
    flows
}

#[test]
fn payload_is_what_tshark_says() {
    let plugins = PluginDirectory::new(&["interest-payload"]);
    plugins.install("less", "interest-payload");
    let config = "[plugins.interest-payload]\nfilter = \"port 53\"\npayload = 1500\n\
                  [plugins.less]\nfilter = \"port 53\"\npayload = 7\n";
    let mut tshark = Command::new("tshark");
    tshark.arg("-r").arg(capture("demo.pcap"));
    tshark.args(["-Y", "udp.port == 53", "-T", "fields", "-e", "udp.payload"]);
    let Some(payload) = tool(&mut tshark) else { return };
    let payload: Vec<_> = payload.lines().collect();
    let events = json(&replay("demo.pcap", &plugins, config, &[]).stdout);
    let metrics = metrics("demo.pcap", &plugins, config);
    for (plugin, most) in [("interest-payload", 64), ("less", 7)] {
        // Two digits a byte.
        let cut = payload.iter().map(|bytes| &bytes[..bytes.len().min(2 * most)]);
        let told = events.iter().filter(|event| event["plugin"] == plugin);
        let told = told.map(|event| event["bytes"].as_str().unwrap());
        assert!(told.eq(cut.clone().take(EVENTS)), "{plugin}: {events:?}");
        let total = cut.map(|bytes| bytes.len() as u64 / 2).sum::<u64>();
        assert_eq!(metrics.sum("guest_payload_bytes_total", &[("plugin", plugin)]), total);
    }
}
