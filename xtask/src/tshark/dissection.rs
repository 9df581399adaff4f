//! A tshark dissection in the terms of our JSON: the outermost IP header and what follows it.

use super::{
    Fields,
    pdml::{Packet, Protocol},
};

/// What our parser follows on the way to the network header. tshark knows more; what it finds beyond
/// those is none of our fields.
const FOLLOWED: [&str; 13] = [
    "geninfo",
    "frame",
    "eth",
    "sll",
    "null",
    "loop",
    "raw",
    "llc",
    "vlan",
    "ieee8021ad",
    "mpls",
    "pppoes",
    "ppp",
];

/// What tshark made of one packet.
#[derive(Default)]
pub(super) struct Dissection {
    pub(super) fields: Fields,
    /// The protocol that tshark followed and our parser doesn't, where there is IP beyond it.
    pub(super) beyond: Option<String>,
    /// Why a difference is no fault of our parser.
    pub(super) excuse: Option<&'static str>,
}

pub(super) fn dissect(packet: &Packet) -> Dissection {
    let mut dissection = Dissection::default();
    let fields = &mut dissection.fields;
    let mut protocols = packet.protocols.iter();
    let mut vlans = Vec::new();
    while let Some(protocol) = protocols.next() {
        match protocol.name.as_str() {
            "frame" => frame(protocol, fields),
            "ip" => {
                ipv4(protocol, fields);
                transport(protocols.next(), fields);
                break;
            }
            "ipv6" => {
                ipv6(protocol, fields);
                transport(protocols.next(), fields);
                break;
            }
            name if FOLLOWED.contains(&name) => link(protocol, fields, &mut vlans),
            name => {
                let ip = protocols.any(|inner| matches!(inner.name.as_str(), "ip" | "ipv6"));
                dissection.beyond = ip.then(|| name.to_owned());
                break;
            }
        }
    }
    if !vlans.is_empty() {
        fields.insert("vlans", format!("[{}]", vlans.join(",")));
    }
    dissection.excuse = excuse(packet);
    dissection
}

fn excuse(packet: &Packet) -> Option<&'static str> {
    let named = |name| packet.protocols.iter().find(|protocol| protocol.name == name);
    let time = named("frame").and_then(|frame| frame.field("frame.time_epoch"));
    let super_packet = named("ipv6").is_some_and(|ipv6| {
        ipv6.field("ipv6.plen") == Some("0") && ipv6.field("ipv6.opt.jumbo").is_none()
    });
    if named("isl").is_some() {
        Some("in an ISL tunnel, which tshark recognises in a destination address")
    } else if time.is_some_and(|time| nanoseconds(time).is_none()) {
        Some("a fraction of a second that tshark takes for negative")
    } else if super_packet {
        Some("a BIG TCP packet without a length, which tshark 4.0 takes for empty")
    } else {
        None
    }
}

fn frame(protocol: &Protocol, fields: &mut Fields) {
    set(fields, "len", protocol.field("frame.len"));
    set(fields, "caplen", protocol.field("frame.cap_len"));
    // A simple packet block has no time.
    let time = protocol.field("frame.time_epoch").unwrap_or("0.0");
    fields.insert("ts_ns", nanoseconds(time).unwrap_or_else(|| time.to_owned()));
}

/// Fractions of more than a second have ten digits.
fn nanoseconds(time: &str) -> Option<String> {
    let (seconds, fraction) = time.split_once('.')?;
    let (seconds, fraction) = (seconds.parse::<u64>().ok()?, fraction.parse::<u64>().ok()?);
    Some((seconds * 1_000_000_000 + fraction).to_string())
}

fn link(protocol: &Protocol, fields: &mut Fields, vlans: &mut Vec<String>) {
    for (key, name) in [("eth_src", "eth.src"), ("eth_src", "sll.src.eth"), ("eth_dst", "eth.dst")]
    {
        if !fields.contains_key(key) {
            set(fields, key, protocol.field(name));
        }
    }
    vlans.extend(protocol.all(&["vlan.id", "ieee8021ad.id"]).map(str::to_owned));
    let names =
        ["eth.type", "sll.etype", "sll.gretype", "vlan.etype", "ieee8021ah.etype", "llc.type"];
    if let Some(ether_type) = protocol.all(&names).last() {
        fields.insert("eth_type", decimal(ether_type));
    } else if protocol.field("vlan.len").is_some() {
        fields.remove("eth_type");
    }
}

fn ipv4(protocol: &Protocol, fields: &mut Fields) {
    for (key, name) in [
        ("ip_version", "ip.version"),
        ("src", "ip.src"),
        ("dst", "ip.dst"),
        ("protocol", "ip.proto"),
        ("ttl", "ip.ttl"),
        ("tos", "ip.dsfield"),
        ("ip_len", "ip.len"),
        ("ip_id", "ip.id"),
        ("ip_flags", "ip.flags"),
    ] {
        set(fields, key, protocol.field(name));
    }
    fragment_offset(protocol.field("ip.frag_offset"), fields);
}

/// tshark counts in units of 8 bytes, as the header does.
fn fragment_offset(shown: Option<&str>, fields: &mut Fields) {
    if let Some(units) = shown.and_then(|shown| shown.parse::<u32>().ok()) {
        fields.insert("frag_offset", (units * 8).to_string());
    }
}

fn ipv6(protocol: &Protocol, fields: &mut Fields) {
    for (key, name) in [
        ("ip_version", "ipv6.version"),
        ("src", "ipv6.src"),
        ("dst", "ipv6.dst"),
        ("ttl", "ipv6.hlim"),
        ("tos", "ipv6.tclass"),
        ("flow_label", "ipv6.flow"),
        ("ip_id", "ipv6.fraghdr.ident"),
        ("ip_flags", "ipv6.fraghdr.more"),
    ] {
        set(fields, key, protocol.field(name));
    }
    fragment_offset(protocol.field("ipv6.fraghdr.offset"), fields);
    // The jumbo payload option counts where the header says 0.
    let payload = protocol.field("ipv6.plen").and_then(|len| len.parse::<u64>().ok());
    let jumbo = protocol.field("ipv6.opt.jumbo").and_then(|len| len.parse::<u64>().ok());
    if let Some(len) = jumbo.filter(|_| payload == Some(0)).or(payload) {
        fields.insert("ip_len", (len + 40).to_string());
    }
    set(fields, "protocol", protocol.all(NEXT_HEADERS).last());
}

const NEXT_HEADERS: &[&str] = &[
    "ipv6.nxt",
    "ipv6.hopopts.nxt",
    "ipv6.routing.nxt",
    "ipv6.fraghdr.nxt",
    "ipv6.dstopts.nxt",
    "ah.next_header",
    "mip6.proto",
];

/// What comes right after the IP header, and nothing after that.
fn transport(protocol: Option<&Protocol>, fields: &mut Fields) {
    let Some(protocol) = protocol else { return };
    match protocol.name.as_str() {
        "tcp" | "udp" | "udplite" | "sctp" => {
            ports(protocol, fields);
            tcp(protocol, fields);
        }
        "icmp" | "icmpv6" => icmp(protocol, fields),
        _ => {}
    }
}

fn ports(protocol: &Protocol, fields: &mut Fields) {
    set(fields, "src_port", protocol.all(&["tcp.srcport", "udp.srcport", "sctp.srcport"]).next());
    set(fields, "dst_port", protocol.all(&["tcp.dstport", "udp.dstport", "sctp.dstport"]).next());
}

fn tcp(protocol: &Protocol, fields: &mut Fields) {
    for (key, name) in [
        ("tcp_flags", "tcp.flags"),
        ("tcp_seq", "tcp.seq_raw"),
        ("tcp_ack", "tcp.ack_raw"),
        ("tcp_window", "tcp.window_size_value"),
    ] {
        set(fields, key, protocol.field(name));
    }
}

fn icmp(protocol: &Protocol, fields: &mut Fields) {
    set(fields, "icmp_type", protocol.all(&["icmp.type", "icmpv6.type"]).next());
    set(fields, "icmp_code", protocol.all(&["icmp.code", "icmpv6.code"]).next());
}

fn set(fields: &mut Fields, key: &'static str, value: Option<&str>) {
    if let Some(value) = value {
        fields.insert(key, decimal(value));
    }
}

/// Numbers that are shown as hexadecimal, as decimal; anything else as it is.
fn decimal(shown: &str) -> String {
    let hexadecimal =
        shown.strip_prefix("0x").and_then(|digits| u64::from_str_radix(digits, 16).ok());
    hexadecimal.map_or_else(|| shown.to_owned(), |number| number.to_string())
}
