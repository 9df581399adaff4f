use proptest::{prelude::*, sample::select, strategy::Union};

use super::{PORTS, PROTOCOLS, V4, V6, VLANS};

/// What the words of a filter may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Dialect {
    /// What libpcap has, and means the same by, for frames without tags.
    Common,
    /// All.
    Ours,
}

type Text = BoxedStrategy<String>;

/// Filters of up to eight conditions or so.
pub(crate) fn filters(dialect: Dialect) -> Text {
    conditions(dialect)
        .prop_recursive(4, 12, 3, |inner| {
            let joined = || {
                let operands = prop::collection::vec(inner.clone(), 2..4);
                (operands, prop::collection::vec(operators(), 3)).prop_map(join)
            };
            prop_oneof![
                2 => joined().boxed(),
                2 => joined().prop_map(|text| format!("({text})")),
                1 => inner.clone().prop_map(|text| format!("not ({text})")),
                1 => inner.prop_map(|text| format!("!({text})")),
            ]
        })
        .boxed()
}

fn join((operands, operators): (Vec<String>, Vec<&'static str>)) -> String {
    let mut text = operands[0].clone();
    for (operand, operator) in operands[1..].iter().zip(operators) {
        text = format!("{text} {operator} {operand}");
    }
    text
}

fn operators() -> impl Strategy<Value = &'static str> {
    select(vec!["and", "or", "&&", "||"])
}

fn conditions(dialect: Dialect) -> Text {
    let mut conditions = vec![addresses(), ports(), protocols(), flag_bytes(), lengths(), bare()];
    if dialect == Dialect::Ours {
        conditions.extend([vlans(), ours(), ours()]);
    }
    (Union::new(conditions), prop::bool::weighted(0.2))
        .prop_map(|(text, negated)| if negated { format!("not {text}") } else { text })
        .boxed()
}

fn sides() -> impl Strategy<Value = &'static str> {
    select(vec!["", "", "src ", "dst ", "src or dst ", "src and dst "])
}

fn addresses() -> Text {
    let v4 = (select(vec!["", "ip ", "arp "]), sides(), select(&V4[..]))
        .prop_map(|(within, side, address)| format!("{within}{side}host {address}"));
    let v6 = (select(vec!["", "ip6 "]), sides(), select(&V6[..]))
        .prop_map(|(within, side, address)| format!("{within}{side}host {address}"));
    let nets = vec![
        "10",
        "10.0",
        "10.0.0.0/30",
        "10.0.0.0/9",
        "192.168.1",
        "192.168.1.76/31",
        "192.168.1.0 mask 255.255.255.0",
        "0.0.0.0/0",
        "128.0.0.0/1",
        "2001:db8::/32",
        "2001:db8::/63",
        "fe80::/10",
        "2001:db8::2",
    ];
    let nets = (sides(), select(nets)).prop_map(|(side, net)| format!("{side}net {net}"));
    prop_oneof![v4, v6, nets].boxed()
}

fn ports() -> Text {
    let within = || select(vec!["", "", "tcp ", "udp ", "sctp "]);
    let one = (within(), sides(), select(&PORTS[..]))
        .prop_map(|(within, side, port)| format!("{within}{side}port {port}"));
    let range = (within(), sides(), select(&PORTS[..]), select(&PORTS[..]))
        .prop_map(|(within, side, a, b)| format!("{within}{side}portrange {a}-{b}"));
    prop_oneof![one, range].boxed()
}

fn protocols() -> Text {
    let words = vec![
        "tcp",
        "udp",
        "sctp",
        "icmp",
        "icmp6",
        "igmp",
        "esp",
        "pim",
        "vrrp",
        "ip",
        "ip6",
        "arp",
        "ip proto \\tcp",
        "ip6 proto \\udp",
    ];
    let numbers = (select(vec!["", "ip ", "ip6 "]), select(&PROTOCOLS[..]))
        .prop_map(|(within, number)| format!("{within}proto {number}"));
    prop_oneof![2 => select(words).prop_map(str::to_owned), 1 => numbers].boxed()
}

fn flag_bytes() -> Text {
    let index = select(vec!["tcpflags", "13"]);
    let relation = || select(vec!["=", "==", "!=", "<", "<=", ">", ">="]);
    let flags = || {
        let flags =
            vec!["tcp-syn", "(tcp-syn|tcp-ack)", "(tcp-fin|tcp-rst)", "0x12", "2", "tcp-push"];
        select(flags)
    };
    let value = prop_oneof![flags(), Just("0"), Just("tcp-syn|tcp-ack")];
    let masked = (index, flags(), relation(), value.clone(), any::<bool>()).prop_map(
        |(index, mask, relation, value, grouped)| match grouped {
            true => format!("(tcp[{index}] & {mask}) {relation} {value}"),
            false => format!("tcp[{index}] & {mask} {relation} {value}"),
        },
    );
    let whole = (relation(), value)
        .prop_map(|(relation, value)| format!("tcp[tcpflags] {relation} {value}"));
    prop_oneof![2 => masked, 1 => whole].boxed()
}

fn lengths() -> Text {
    let length = select(vec![0, 53, 54, 60, 64, 100, 154, 1000]);
    let word = select(vec!["less", "greater", "len <", "len <=", "len =", "len !=", "len >"]);
    (word, length).prop_map(|(word, length)| format!("{word} {length}")).boxed()
}

/// Values without their qualifiers.
fn bare() -> Text {
    let ports = (select(vec!["port", "tcp dst port", "src port"]), operators(), select(&PORTS[..]))
        .prop_map(|(kind, operator, port)| format!("({kind} 80 {operator} {port})"));
    let hosts = (select(vec!["host", "src host"]), operators(), select(&V4[..]))
        .prop_map(|(kind, operator, host)| format!("({kind} 10.0.0.1 {operator} {host})"));
    let list = (select(&V4[..]), select(&V4[..])).prop_map(|(a, b)| format!("host ({a} or {b})"));
    let not = select(&PORTS[..]).prop_map(|port| format!("port not {port}"));
    let protocols = select(vec!["proto (6 or 17)".to_owned(), "(ip proto 6 or 1)".to_owned()]);
    prop_oneof![ports, hosts, list, not, protocols].boxed()
}

pub(crate) fn vlans() -> Text {
    let ids = select(&VLANS[..]).prop_map(|id| format!("vlan {id}"));
    prop_oneof![1 => Just("vlan".to_owned()), 2 => ids].boxed()
}

fn ours() -> Text {
    let words = vec![
        "inbound",
        "outbound",
        "frag",
        "iface eth0",
        "iface eth1",
        "iface (eth0 or eth2)",
        "tcp-flags syn,!ack",
        "tcp-flags !fin",
        "tcp-flags syn,ack",
        "tcp-flags cwr",
        "ttl 5",
        "ttl < 5",
        "ttl >= 64",
        "ttl != 1",
        "ttl > 254",
        "dscp ef",
        "dscp 0",
        "dscp > 9",
        "dscp != af11",
        "host 10.0.0.1 and host 2001:db8::1",
        "len >= 0",
        "ttl <= 255",
    ];
    select(words).prop_map(|word| format!("({word})")).boxed()
}
