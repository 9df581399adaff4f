//! Rules and tables say what a naive evaluation of the filter says.

mod support;

use std::net::IpAddr;

use proptest::prelude::*;
use ringtap_capture::{Frame, Link, record};
use ringtap_interest::{
    Filter, FilterError, Interest, Keys, MAX_RULES, Reason, Tables,
    lang::{Expr, Field, Network, Node, PortProtocol, Prefix, Primitive, Side, parse},
};
use ringtap_record::{Direction, PacketRecord, mark};
use support::{Dialect, filters, packets};

const INTERFACES: [(&str, u32); 3] = [("eth0", 2), ("eth1", 3), ("eth2", 70_000)];

/// What the filter says of a record, by pcap-filter(7) and the documentation of the language alone.
fn naive(expr: &Expr, packet: &PacketRecord) -> bool {
    match &expr.node {
        Node::Everything => true,
        Node::And(parts) => parts.iter().all(|part| naive(part, packet)),
        Node::Or(parts) => parts.iter().any(|part| naive(part, packet)),
        Node::Not(inner) => !naive(inner, packet),
        Node::Primitive(primitive) => holds(primitive, packet),
    }
}

fn holds(primitive: &Primitive, packet: &PacketRecord) -> bool {
    let protocol = packet.l3_header_complete().then_some(packet.protocol);
    match primitive {
        Primitive::Address { side, within, prefix } => {
            let (src, dst) = addresses(packet);
            within.is_none_or(|network| is(network, packet))
                && sided(*side, is_in(src, *prefix), is_in(dst, *prefix))
        }
        Primitive::Port { side, protocol: wanted, ports } => {
            let protocols = match wanted {
                Some(PortProtocol::Tcp) => vec![6],
                Some(PortProtocol::Udp) => vec![17],
                Some(PortProtocol::Sctp) => vec![132],
                None => vec![6, 17, 132],
            };
            packet.has(mark::PORTS)
                && protocol.is_some_and(|number| protocols.contains(&number))
                && sided(*side, ports.contains(&packet.src_port), ports.contains(&packet.dst_port))
        }
        Primitive::Protocol { within, number } => {
            within.is_none_or(|network| is(network, packet)) && protocol == Some(*number)
        }
        Primitive::Network(network) => is(*network, packet),
        Primitive::Vlan(id) => match (packet.vlan_tags().first(), id) {
            (Some(tag), Some(id)) => tag & 0xfff == *id,
            (tag, None) => tag.is_some(),
            (None, Some(_)) => false,
        },
        Primitive::TcpByte { mask, comparison } => {
            packet.ip_version == 4
                && packet.has(mark::TCP_FLAGS)
                && comparison.holds(u32::from(packet.tcp_flags as u8 & mask))
        }
        Primitive::TcpFlags { set, clear } => {
            let flags = packet.tcp_flags as u8;
            packet.has(mark::TCP_FLAGS) && flags & set == *set && flags & clear == 0
        }
        Primitive::Field(Field::Length, comparison) => comparison.holds(packet.wire_len),
        Primitive::Field(Field::Ttl, comparison) => {
            packet.l3_header_complete() && comparison.holds(packet.ttl.into())
        }
        Primitive::Field(Field::Dscp, comparison) => {
            packet.l3_header_complete() && comparison.holds(u32::from(packet.tos >> 2))
        }
        Primitive::Direction(direction) => packet.direction == *direction as u8,
        Primitive::Interface(name) => INTERFACES.contains(&(name, packet.ifindex)),
        Primitive::Fragment => packet.has(mark::FRAGMENT),
    }
}

fn is(network: Network, packet: &PacketRecord) -> bool {
    match network {
        Network::Ip => packet.ip_version == 4 || packet.ip_version == 0 && packet.eth_type == 0x800,
        Network::Ip6 => {
            packet.ip_version == 6 || packet.ip_version == 0 && packet.eth_type == 0x86dd
        }
        Network::Arp => packet.ip_version == 0 && packet.eth_type == 0x806,
    }
}

fn addresses(packet: &PacketRecord) -> (Option<IpAddr>, Option<IpAddr>) {
    if packet.has(mark::ARP) {
        let v4 = |low: u64| Some(IpAddr::V4((low as u32).into()));
        return (v4(packet.src_lo), v4(packet.dst_lo));
    }
    (packet.src(), packet.dst())
}

fn is_in(address: Option<IpAddr>, prefix: Prefix) -> bool {
    match (address, prefix) {
        (Some(IpAddr::V4(address)), Prefix::V4(network, len)) => {
            let differ = address.to_bits() ^ network.to_bits();
            differ.leading_zeros() >= len
        }
        (Some(IpAddr::V6(address)), Prefix::V6(network, len)) => {
            let differ = address.to_bits() ^ network.to_bits();
            differ.leading_zeros() >= len
        }
        _ => false,
    }
}

fn sided(side: Side, source: bool, destination: bool) -> bool {
    match side {
        Side::Source => source,
        Side::Destination => destination,
        Side::Either => source || destination,
        Side::Both => source && destination,
    }
}

/// A record as a tap would make it; `cut` in 256ths of the frame are missing.
fn records() -> impl Strategy<Value = PacketRecord> {
    let directions = [None, Some(Direction::Ingress), Some(Direction::Egress)];
    let cut = prop_oneof![4 => Just(0_usize), 1 => 0_usize..256];
    let interfaces = prop_oneof![Just(2_u32), Just(3), Just(70_000), Just(9)];
    (packets(), cut, prop::sample::select(directions.to_vec()), interfaces).prop_map(
        |(packet, cut, direction, ifindex)| {
            let frame = packet.frame();
            let bytes = &frame[..frame.len() - frame.len() * cut / 256];
            PacketRecord { ifindex, ..record_of(bytes, frame.len(), direction) }
        },
    )
}

fn record_of(bytes: &[u8], wire_len: usize, direction: Option<Direction>) -> PacketRecord {
    let (wire_len, link) = (wire_len as u32, Link::Ethernet);
    record(&Frame { number: 1, timestamp_ns: 0, wire_len, interface: 1, link, direction, bytes })
}

fn interface_name(index: u32) -> &'static str {
    INTERFACES.iter().find(|(_, other)| *other == index).map_or("other", |(name, _)| name)
}

/// Whether the error says that no packet matches: the naive evaluation must agree.
fn is_never(error: &FilterError) -> bool {
    matches!(error.reason(), Reason::NeverMatches { .. })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn rules_and_tables_agree_with_the_filter(
        texts in prop::collection::vec(filters(Dialect::Ours), 1..12),
        records in prop::collection::vec(records(), 40),
    ) {
        let mut compiled = Vec::new();
        for text in &texts {
            let expr = parse(text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
            match Filter::parse(text) {
                Ok(filter) => compiled.push((expr, filter)),
                Err(error) => {
                    prop_assert!(is_never(&error), "{}: {}", text, error);
                    for record in &records {
                        prop_assert!(!naive(&expr, record), "{}: {:?}", text, record);
                    }
                }
            }
        }
        let filters: Vec<_> = compiled.iter().map(|(_, filter)| filter).collect();
        let needed: usize = filters.iter().map(|filter| filter.rules().len()).sum();
        prop_assume!(needed <= MAX_RULES);
        let interests: Vec<Interest> = filters.iter().map(|&filter| filter.clone().into()).collect();
        let tables = Tables::compile(&interests.iter().collect::<Vec<_>>(), &INTERFACES).unwrap();
        for record in &records {
            let keys = Keys::of(record);
            let rules = tables.classify(&keys);
            for (number, (expr, filter)) in compiled.iter().enumerate() {
                let expected = naive(expr, record);
                let by_rules = filter.matches(&keys, interface_name(record.ifindex));
                prop_assert_eq!(by_rules, expected, "{}: {:?}", filter, record);
                let by_tables = rules.meets(tables.interest(number).unwrap());
                prop_assert_eq!(by_tables, expected, "tables, {}: {:?}", filter, record);
            }
            for (bit, rule) in tables.rules().iter().enumerate() {
                let turned_away = rule.turned_away_by(&keys).next().is_some();
                prop_assert_eq!(rules.has(bit), !turned_away, "{:?}: {:?}", rule, record);
            }
        }
    }

    #[test]
    fn no_text_does_harm(text in "[a-z0-9 ()!&|=<>\\[\\].:/,\\\\-]{0,200}") {
        let (Ok(_) | Err(_)) = Filter::parse(&text).map_err(|error| error.to_string());
    }

    #[test]
    fn no_sequence_of_words_does_harm(words in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..40)) {
        let (Ok(_) | Err(_)) = Filter::parse(&words.join(" ")).map_err(|error| error.to_string());
    }
}

const WORDS: [&str; 32] = [
    "and",
    "or",
    "not",
    "(",
    ")",
    "(",
    ")",
    "!",
    "tcp",
    "ip",
    "ip6",
    "arp",
    "src",
    "dst",
    "host",
    "net",
    "port",
    "portrange",
    "proto",
    "10.0.0.1",
    "80",
    "80-90",
    "mask",
    "tcp[tcpflags]",
    "&",
    "tcp-syn",
    "!= 0",
    "vlan",
    "less",
    "tcp-flags",
    "syn,",
    "iface",
];

#[test]
fn packets_meet_filters() {
    // Without that, the properties above would hold of nothing.
    let texts = support::samples(&filters(Dialect::Ours), 200);
    let records = support::samples(&records(), 200);
    let (mut matched, mut total) = (0, 0);
    for expr in texts.iter().map(|text| parse(text).unwrap()) {
        matched += records.iter().filter(|record| naive(&expr, record)).count();
        total += records.len();
    }
    assert!((total / 5..total * 4 / 5).contains(&matched), "{matched} of {total}");
}
