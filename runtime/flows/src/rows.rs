//! Events to measure with.

use ringtap_pipeline::{
    event::{Event, Value},
    name::PluginName,
};

use crate::{Chance, Flow, mixed_flows};

const FIRST_NS: u64 = 1_700_000_000_000_000_000;
const BETWEEN_NS: u64 = 1_000_000;

/// One event in so many is of another plugin and kind.
const TROUBLE_ONE_IN: usize = 16;

/// So many events, a millisecond apart, in an order like chance but always the same: rows as
/// `flow-log` writes them of `flows` flows, and among them a few of `tcp-health`.
pub fn events(flows: u16, total: usize) -> Vec<Event> {
    let known: Vec<_> = mixed_flows(flows).collect();
    let mut chance = Chance(1);
    let event = |index: usize| {
        let flow = known[chance.below(known.len())];
        let time_ns = FIRST_NS + index as u64 * BETWEEN_NS;
        match flow.tcp && chance.below(TROUBLE_ONE_IN) == 0 {
            true => trouble(flow, time_ns),
            false => ended(flow, time_ns),
        }
    };
    (0..total).map(event).collect()
}

/// What `flow-log` says of a flow.
fn ended(flow: Flow, time_ns: u64) -> Event {
    let ((src, dst), (src_port, dst_port)) = (flow.hosts(), flow.ports());
    let packets = 1 + u64::from(flow.number) % 50;
    let fields = [
        ("src", text(src)),
        ("dst", text(dst)),
        ("ip_version", Value::Uint(if flow.ipv6 { 6 } else { 4 })),
        ("protocol", Value::Uint(if flow.tcp { 6 } else { 17 })),
        ("src_port", Value::Uint(src_port.into())),
        ("dst_port", Value::Uint(dst_port.into())),
        ("interface", text("eth0")),
        ("ifindex", Value::Uint(2)),
        ("hook", text("xdp")),
        ("direction", text("ingress")),
        ("first_ns", Value::Uint(time_ns - packets * BETWEEN_NS)),
        ("last_ns", Value::Uint(time_ns)),
        ("packets", Value::Uint(packets)),
        ("bytes", Value::Uint(packets * 576)),
    ];
    let flags = flow.tcp.then_some(("tcp_flags", Value::Uint(0x1b)));
    let end = ("end", text(if flow.tcp { "fin" } else { "idle" }));
    event("flow-log", "flow", time_ns, fields.into_iter().chain(flags).chain([end]))
}

/// What `tcp-health` says of a service that is not well.
fn trouble(flow: Flow, time_ns: u64) -> Event {
    let of = 200 + u64::from(flow.number);
    let fields = [
        ("service", text(flow.hosts().1)),
        ("what", text("retransmissions")),
        ("count", Value::Uint(of / 20)),
        ("of", Value::Uint(of)),
        ("percent", Value::Float((of / 20) as f64 * 100.0 / of as f64)),
    ];
    event("tcp-health", "tcp_trouble", time_ns, fields)
}

fn event(
    plugin: &str,
    kind: &str,
    time_ns: u64,
    fields: impl IntoIterator<Item = (&'static str, Value)>,
) -> Event {
    Event {
        plugin: PluginName::new(plugin).expect("it is the name of a bundled plugin"),
        kind: kind.to_owned(),
        time_ns,
        fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    }
}

fn text(value: impl ToString) -> Value {
    Value::Text(value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_mostly_flows_and_the_same_each_time() {
        let first = events(100, 1000);
        let of = |kind: &str| first.iter().filter(|event| event.kind == kind).count();
        assert_eq!((of("flow"), of("tcp_trouble")), (FLOWS, 1000 - FLOWS));
        assert!(first.windows(2).all(|two| two[0].time_ns + BETWEEN_NS == two[1].time_ns));
        assert_eq!(first, events(100, 1000));
    }

    /// Of 1000, two thirds of which are of TCP: known since chance is always the same.
    const FLOWS: usize = 969;

    #[test]
    fn fields_are_those_of_the_flow() {
        let flow = Flow { ipv6: false, tcp: false, vlan: false, number: 7 };
        let row = ended(flow, FIRST_NS);
        let field =
            |name: &str| row.fields.iter().find(|(known, _)| known == name).unwrap().1.clone();
        assert_eq!((field("src"), field("src_port")), (text("10.0.0.7"), Value::Uint(1031)));
        assert_eq!((field("protocol"), field("end")), (Value::Uint(17), text("idle")));
        assert!(!row.fields.iter().any(|(name, _)| name == "tcp_flags"));
    }
}
