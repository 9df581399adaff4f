//! What an SDK's packet can be asked for, apart from what takes more than a look at a field (sums,
//! lists, payload), which SDKs write themselves.

use anyhow::Result;

use super::layout::Layout;

pub(super) struct Accessor {
    /// As a WIT name: `src-port`. A language writes it in its own case.
    pub(super) name: &'static str,
    pub(super) doc: &'static str,
    pub(super) value: Value,
    pub(super) there: There,
}

/// What the accessor gives.
#[derive(Clone, Copy)]
pub(super) enum Value {
    /// The number in the field of this name.
    Number(&'static str),
    /// A MAC address, of the fields that have this name with `-hi` (32 bits) and `-lo` (16) behind it.
    Mac(&'static str),
    /// An IP address, of the fields with `-hi` and `-lo` (64 bits each); IPv4 or IPv6 as
    /// `ip-version` says.
    Address(&'static str),
    /// `tcp-flags`, as the language has such bits.
    TcpFlags,
    /// Whether the bit of `marks` is set.
    Mark(&'static str),
}

/// When a packet has it. Where it has not, the accessor gives the language's "nothing".
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum There {
    Always,
    /// The bit of `marks` is set.
    Marked(&'static str),
    /// `ip-version` is not 0.
    IpVersion,
    /// The whole fixed IP header was there: neither `ip-version` nor `ip-len` is 0.
    Ip,
    /// As `Ip`, of IPv4, or with the mark `ip6-fragment-header`.
    IpId,
    /// As `Ip`, of IPv6.
    Ip6,
}

const ACCESSORS: &[Accessor] = &[
    always("wire-len", "Bytes of the packet as the tap saw it, a GSO super-packet being one."),
    always(
        "matched",
        "Bit i: the plugin's i-th interest, counted from 0, took this packet. Bit 0 for a plugin \
         that states none.",
    ),
    always(
        "ifindex",
        "Interface index in the tap's network namespace, in replay the capture's interface from 1.",
    ),
    always(
        "tap",
        "Number of the tap; 0 in replay. A packet that passes several taps comes once from each.",
    ),
    mark(
        "is-partial",
        "partial",
        "Headers end early, or go on past a parser bound. What is there is right.",
    ),
    mark(
        "is-malformed",
        "malformed",
        "Headers contradict themselves. What is there was read before that, and is right.",
    ),
    mark(
        "is-fragment",
        "fragment",
        "Part of a fragmented packet; only the first fragment has ports.",
    ),
    mark("is-pppoe", "pppoe", "A PPPoE session header was stepped over."),
    mac("eth-src", "Source MAC address."),
    mac("eth-dst", "Destination MAC address."),
    field(
        "eth-type",
        "eth-type",
        There::Marked("eth-type"),
        "The innermost EtherType; an 802.3 frame has none.",
    ),
    field(
        "mpls-labels",
        "mpls-count",
        There::Always,
        "MPLS labels that were stepped over on the way to the network header.",
    ),
    field("ip-version", "ip-version", There::IpVersion, "4 or 6."),
    address("src", "Source address."),
    address("dst", "Destination address."),
    ip(
        "protocol",
        "The upper-layer protocol, after IPv6 extension headers: 6 TCP, 17 UDP, and so on as IANA \
         assigns them.",
    ),
    ip("ip-len", "IP header and all that follows it, in bytes."),
    ip("ttl", "Time to live or hop limit."),
    ip(
        "tos",
        "Type of service or traffic class: DSCP in the upper six bits, ECN in the lower two.",
    ),
    field("ip-id", "ip-id", There::IpId, "Identification: IPv4's, or the IPv6 fragment header's."),
    field("flow-label", "flow-label", There::Ip6, "IPv6 flow label, 20 bits."),
    field(
        "fragment-offset",
        "frag-offset",
        There::Always,
        "Where a fragment's bytes belong; 0 for the first and for what is no fragment.",
    ),
    field(
        "src-port",
        "src-port",
        There::Marked("ports"),
        "Source port of TCP, UDP, UDP-Lite or SCTP.",
    ),
    field("dst-port", "dst-port", There::Marked("ports"), "Destination port, as the source port."),
    Accessor {
        name: "tcp-flags",
        doc: "TCP flags.",
        value: Value::TcpFlags,
        there: There::Marked("tcp-flags"),
    },
    field("tcp-seq", "tcp-seq", There::Marked("tcp-seq"), "TCP sequence number."),
    field(
        "tcp-ack",
        "tcp-ack",
        There::Marked("tcp-ack"),
        "TCP acknowledgment number; significant only with the flag ACK.",
    ),
    field(
        "tcp-window",
        "tcp-window",
        There::Marked("tcp-window"),
        "TCP window as in the header, not scaled.",
    ),
    field("icmp-type", "icmp-type", There::Marked("icmp"), "ICMP or ICMPv6 type."),
    field("icmp-code", "icmp-code", There::Marked("icmp"), "ICMP or ICMPv6 code."),
];

const fn field(
    name: &'static str,
    field: &'static str,
    there: There,
    doc: &'static str,
) -> Accessor {
    Accessor { name, doc, value: Value::Number(field), there }
}

const fn always(name: &'static str, doc: &'static str) -> Accessor {
    field(name, name, There::Always, doc)
}

const fn ip(name: &'static str, doc: &'static str) -> Accessor {
    field(name, name, There::Ip, doc)
}

const fn mark(name: &'static str, mark: &'static str, doc: &'static str) -> Accessor {
    Accessor { name, doc, value: Value::Mark(mark), there: There::Always }
}

const fn mac(name: &'static str, doc: &'static str) -> Accessor {
    Accessor { name, doc, value: Value::Mac(name), there: There::Marked(name) }
}

const fn address(name: &'static str, doc: &'static str) -> Accessor {
    Accessor { name, doc, value: Value::Address(name), there: There::Ip }
}

/// All of them, once it is sure that they speak of what the layout has.
pub(super) fn of(layout: &Layout) -> Result<&'static [Accessor]> {
    for accessor in ACCESSORS {
        match accessor.value {
            Value::Number(field) => layout.field(field).map(drop)?,
            Value::Mac(field) | Value::Address(field) => {
                layout.field(&format!("{field}-hi"))?;
                layout.field(&format!("{field}-lo"))?;
            }
            Value::TcpFlags => layout.field("tcp-flags").map(drop)?,
            Value::Mark(mark) => layout.mark(mark).map(drop)?,
        }
        if let There::Marked(mark) = accessor.there {
            layout.mark(mark)?;
        }
    }
    Ok(ACCESSORS)
}
