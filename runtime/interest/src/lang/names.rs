//! Names of numbers.

/// IP protocols (IANA registry "protocol-numbers"). The first name of a number is the one that is
/// shown.
const PROTOCOLS: [(&str, u8); 22] = [
    ("icmp", 1),
    ("igmp", 2),
    ("ipip", 4),
    ("ipencap", 4),
    ("tcp", 6),
    ("egp", 8),
    ("igp", 9),
    ("udp", 17),
    ("dccp", 33),
    ("ipv6", 41),
    ("rsvp", 46),
    ("gre", 47),
    ("esp", 50),
    ("icmp6", 58),
    ("ipv6-icmp", 58),
    ("icmpv6", 58),
    ("eigrp", 88),
    ("ospf", 89),
    ("pim", 103),
    ("vrrp", 112),
    ("sctp", 132),
    ("udplite", 136),
];

/// RFC 2474, 2597, 3246, 5865 and 8622.
const DSCPS: [(&str, u8); 26] = [
    ("default", 0),
    ("be", 0),
    ("cs0", 0),
    ("le", 1),
    ("cs1", 8),
    ("af11", 10),
    ("af12", 12),
    ("af13", 14),
    ("cs2", 16),
    ("af21", 18),
    ("af22", 20),
    ("af23", 22),
    ("cs3", 24),
    ("af31", 26),
    ("af32", 28),
    ("af33", 30),
    ("cs4", 32),
    ("af41", 34),
    ("af42", 36),
    ("af43", 38),
    ("cs5", 40),
    ("va", 44),
    ("voice-admit", 44),
    ("ef", 46),
    ("cs6", 48),
    ("cs7", 56),
];

/// RFC 9293, lowest bit first.
const FLAGS: [&str; 8] = ["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"];

/// Services that people like to write by name (IANA registry "service-names-port-numbers").
const SERVICES: [(&str, u16); 16] = [
    ("ftp-data", 20),
    ("ftp", 21),
    ("ssh", 22),
    ("telnet", 23),
    ("smtp", 25),
    ("domain", 53),
    ("dns", 53),
    ("bootps", 67),
    ("bootpc", 68),
    ("http", 80),
    ("ntp", 123),
    ("snmp", 161),
    ("bgp", 179),
    ("ldap", 389),
    ("https", 443),
    ("syslog", 514),
];

pub(crate) fn protocol_number(name: &str) -> Option<u8> {
    number_of(&PROTOCOLS, name)
}

pub(crate) fn protocol_name(number: u8) -> Option<&'static str> {
    name_of(&PROTOCOLS, number)
}

pub(super) fn dscp_number(name: &str) -> Option<u8> {
    number_of(&DSCPS, name)
}

pub(crate) fn dscp_name(number: u8) -> Option<&'static str> {
    name_of(&DSCPS, number)
}

/// The bit of a flag: `push` is libpcap's name of `psh`.
pub(super) fn flag_bit(name: &str) -> Option<u8> {
    let name = if name == "push" { "psh" } else { name };
    FLAGS.iter().position(|&flag| flag == name).map(|bit| 1 << bit)
}

/// The names of the bits that are set.
pub(crate) fn flag_names(flags: u8) -> impl Iterator<Item = &'static str> {
    FLAGS
        .into_iter()
        .enumerate()
        .filter_map(move |(bit, name)| (flags >> bit & 1 != 0).then_some(name))
}

pub(super) fn service_port(name: &str) -> Option<u16> {
    number_of(&SERVICES, name)
}

fn number_of<N: Copy>(table: &[(&str, N)], name: &str) -> Option<N> {
    table.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}

fn name_of(table: &[(&'static str, u8)], number: u8) -> Option<&'static str> {
    table.iter().find(|(_, known)| *known == number).map(|(name, _)| *name)
}
