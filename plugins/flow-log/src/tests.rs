use ringtap_plugin::{
    Event, TcpFlags, Value, mark,
    testing::{Harness, Record},
};

use crate::FlowLog;

const SECOND: u64 = 1_000_000_000;
const A: &str = "10.0.0.1:1000";
const B: &str = "10.0.0.2:80";

fn start(config: &str) -> Harness<FlowLog> {
    Harness::new(config).unwrap()
}

/// Sender, packets, bytes and end of each row.
fn rows(host: &Harness<FlowLog>) -> Vec<(String, u64, u64, String)> {
    let text = |row: &Event, name: &str| match row.value(name) {
        Some(Value::Text(text)) => text.to_string(),
        other => panic!("{name}: {other:?}"),
    };
    let uint = |row: &Event, name: &str| match row.value(name) {
        Some(Value::Uint(number)) => *number,
        other => panic!("{name}: {other:?}"),
    };
    let row = |row: &Event| {
        (text(row, "src"), uint(row, "packets"), uint(row, "bytes"), text(row, "end"))
    };
    host.take_events().iter().map(row).collect()
}

fn ends(host: &Harness<FlowLog>) -> Vec<(u64, String)> {
    rows(host).into_iter().map(|(_, packets, _, end)| (packets, end)).collect()
}

fn tcp(flags: TcpFlags, time_ns: u64) -> Record {
    Record::tcp(A, B, flags).at(time_ns)
}

#[test]
fn each_direction_of_a_connection_is_a_row_when_it_closes() {
    let mut host = start("");
    let back = |flags, time_ns| Record::tcp(B, A, flags).at(time_ns);
    host.packets(&[
        tcp(TcpFlags::SYN, 0),
        back(TcpFlags::SYN | TcpFlags::ACK, 1),
        tcp(TcpFlags::ACK, 2).len(60),
        tcp(TcpFlags::FIN | TcpFlags::ACK, 3),
        back(TcpFlags::FIN | TcpFlags::ACK, 4),
        tcp(TcpFlags::ACK, 5),
    ]);
    host.tick(SECOND);
    assert_eq!(rows(&host), []);
    host.tick(SECOND + 5);
    let mut rows = rows(&host);
    rows.sort();
    let row = |src: &str, packets, bytes| (src.to_owned(), packets, bytes, "fin".to_owned());
    assert_eq!(rows, [row("10.0.0.1", 4, 360), row("10.0.0.2", 2, 200)]);
    assert_eq!(host.metric("flow_log_flows_total", &[("end", "fin")]), Some(2.0));
    assert_eq!(host.metric("flow_log_active_flows", &[]), Some(0.0));
    assert_eq!(host.metric("flow_log_packets_total", &[]), Some(6.0));
}

#[test]
fn a_row_has_all_that_the_flow_has_and_nothing_else() {
    let mut host = start("");
    host.name_interface(1, "eth0");
    let packet = Record::tcp("[fc00::1]:5", "[fc00::2]:6", TcpFlags::SYN | TcpFlags::RST);
    host.packets(&[packet.vlan(10).vlan(20).at(7).set("hook", 1).set("direction", 1)]);
    host.stop(8);
    let row = Event::new("flow", 7).field("src", "fc00::1").field("dst", "fc00::2");
    let row = row.field("ip_version", 6_u8).field("protocol", 6_u8);
    let row = row.field("src_port", 5_u16).field("dst_port", 6_u16);
    let row = row.field("vlan", 10_u16).field("inner_vlan", 20_u16);
    let row = row.field("interface", "eth0").field("ifindex", 1_u32);
    let row = row.field("hook", "xdp").field("direction", "ingress");
    let row = row.field("first_ns", 7_u64).field("last_ns", 7_u64);
    let row = row.field("packets", 1_u64).field("bytes", 100_u64);
    let row = row.field("tcp_flags", 6_u16).field("end", "rst");
    assert_eq!(host.take_events(), [row]);

    let mut host = start("");
    let ping = Record::ip([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), 1);
    host.packets(&[ping.mark(mark::ICMP).set("icmp_type", 8)]);
    host.stop(8);
    let names =
        ["src", "dst", "ip_version", "protocol", "icmp_type", "icmp_code", "ifindex", "hook"];
    let row = &host.take_events()[0];
    let all = names.iter().chain(&["first_ns", "last_ns", "packets", "bytes", "end"]);
    assert!(all.clone().all(|name| row.value(name).is_some()), "{row:?}");
    for absent in ["src_port", "vlan", "inner_vlan", "interface", "direction", "tcp_flags"] {
        assert_eq!(row.value(absent), None, "{absent}");
    }
}

#[test]
fn quiet_flows_and_long_ones_end() {
    let mut host = start("idle_timeout = 10\nactive_timeout = 30");
    let udp = |time| Record::udp(A, B).at(time * SECOND);
    host.packets(&[udp(0)]);
    host.tick(9 * SECOND);
    assert_eq!(ends(&host), []);
    host.tick(10 * SECOND);
    assert_eq!(ends(&host), [(1, "idle".to_owned())]);
    for time in [20, 25, 30, 35, 40, 45, 49] {
        host.packets(&[udp(time)]);
    }
    assert_eq!(ends(&host), []);
    host.tick(50 * SECOND);
    assert_eq!(ends(&host), [(7, "active".to_owned())]);
}

#[test]
fn without_a_tick_packets_tell_the_time() {
    let mut host = start("idle_timeout = 10\nactive_timeout = 30");
    let udp = |time| Record::udp(A, B).at(time * SECOND);
    host.packets(&[udp(0), udp(100), udp(109), udp(118), udp(127), udp(136)]);
    host.stop(137 * SECOND);
    let expected = [(1, "idle"), (4, "active"), (1, "stop")];
    assert_eq!(ends(&host), expected.map(|(packets, end)| (packets, end.to_owned())));
}

#[test]
fn a_syn_after_the_end_is_another_flow() {
    let mut host = start("");
    let (syn, fin) = (TcpFlags::SYN, TcpFlags::FIN);
    host.packets(&[tcp(syn, 0), tcp(syn, 1), tcp(fin, 2), tcp(TcpFlags::ACK, 3), tcp(syn, 4)]);
    assert_eq!(ends(&host), [(4, "fin".to_owned())]);
    host.stop(5);
    assert_eq!(ends(&host), [(1, "stop".to_owned())]);
}

#[test]
fn taps_and_vlans_keep_flows_apart() {
    let mut host = start("");
    let udp = Record::udp(A, B);
    let elsewhere = udp.set("tap", 1).set("ifindex", 2);
    host.packets(&[udp, udp.set("direction", 2), udp.set("hook", 2), elsewhere, udp.vlan(5)]);
    assert_eq!(host.metric("flow_log_active_flows", &[]), Some(5.0));
    host.packets(&[udp, elsewhere]);
    assert_eq!(host.metric("flow_log_active_flows", &[]), Some(5.0));
}

#[test]
fn a_full_table_evicts_the_quiet_and_no_packet_is_uncounted() {
    let mut host = start("flows = 64");
    let busy = Record::udp(A, B);
    for round in 0..100_u64 {
        let port = |i: u64| format!("10.9.0.1:{}", 1 + round * 10 + i);
        let new = (0..10).map(|i| Record::udp(&port(i), B).at(round));
        host.packets(&new.chain([busy.at(round), Record::frame()]).collect::<Vec<_>>());
    }
    assert!(host.metric("flow_log_active_flows", &[]).unwrap() <= 64.0);
    host.stop(100);
    let rows = rows(&host);
    assert_eq!(rows.iter().map(|(_, packets, ..)| packets).sum::<u64>(), 1100);
    let busy: Vec<_> = rows.iter().filter(|(src, ..)| src == "10.0.0.1").collect();
    assert_eq!(busy, [&("10.0.0.1".to_owned(), 100, 10_000, "stop".to_owned())]);
    assert_eq!(host.metric("flow_log_packets_total", &[]), Some(1100.0));
    assert_eq!(host.metric("flow_log_not_ip_packets_total", &[]), Some(100.0));
    let all: f64 = host.metrics("flow_log_flows_total").iter().map(|(_, value)| value).sum();
    assert_eq!(all, rows.len() as f64);
}

#[test]
fn many_rows_are_spread_over_calls() {
    let mut host = start("idle_timeout = 1");
    for first in (0..5000_u32).step_by(1000) {
        let packet = |i| Record::udp(&format!("10.0.0.1:{}", i + 1), B);
        host.packets(&(first..first + 1000).map(packet).collect::<Vec<_>>());
    }
    let mut rows_of_ticks = Vec::new();
    for second in 2..6 {
        host.tick(second * SECOND);
        rows_of_ticks.push(rows(&host).len());
    }
    assert_eq!(rows_of_ticks, [2048, 2048, 904, 0]);
}

#[test]
fn rows_that_the_host_refuses_are_counted() {
    let mut host = start("");
    host.packets(&[Record::udp(A, B), Record::udp(B, A)]);
    host.refuse_events(true);
    host.stop(1);
    assert_eq!(host.metric("flow_log_refused_rows_total", &[]), Some(2.0));
    assert_eq!(host.metric("flow_log_flows_total", &[("end", "stop")]), Some(2.0));
}

#[test]
fn a_super_packet_counts_as_its_segments() {
    let mut host = start("");
    let packet = tcp(TcpFlags::ACK, 0).len(3054).mark(mark::GSO).set("gso_segments", 3);
    host.packets(&[packet.set("l7_offset", 54)]);
    host.stop(1);
    assert_eq!(rows(&host), [("10.0.0.1".to_owned(), 3, 3162, "stop".to_owned())]);
}

#[test]
fn a_sample_is_scaled_up_and_said() {
    let mut host = start("");
    host.packets(&[tcp(TcpFlags::ACK, 0).sampled(100), tcp(TcpFlags::ACK, 1).sampled(100)]);
    host.packets(&[Record::udp(B, A), Record::frame().sampled(100)]);
    host.stop(1);
    let rows = host.take_events();
    let values = |name: &str| rows.iter().map(|row| row.value(name).cloned()).collect::<Vec<_>>();
    assert_eq!(values("packets"), [Some(Value::Uint(200)), Some(Value::Uint(1))]);
    assert_eq!(values("bytes"), [Some(Value::Uint(20_000)), Some(Value::Uint(100))]);
    assert_eq!(values("sample_one_in"), [Some(Value::Uint(100)), None]);
    assert_eq!(host.metric("flow_log_packets_total", &[]), Some(201.0));
    assert_eq!(host.metric("flow_log_not_ip_packets_total", &[]), Some(100.0));
}

#[test]
fn a_bad_config_is_refused_with_its_key() {
    let refusal = |config| Harness::<FlowLog>::new(config).unwrap_err().to_string();
    let range = "won't do, it must be a whole number from";
    assert_eq!(refusal("flows = 1"), format!("config key `flows`: 1 {range} 16 to 65536"));
    let expected = format!("config key `idle_timeout`: true {range} 1 to 86400");
    assert_eq!(refusal("idle_timeout = true"), expected);
}
