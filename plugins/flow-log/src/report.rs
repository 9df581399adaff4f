use ringtap_plugin::{Counter, Error, Event, Family, Gauge, Hook, interface_name};

use crate::{
    flow::End,
    key::{Detail, Key},
    table::{Ended, Table},
};

/// Rows that are made and handed over together, at most.
const ROWS_AT_ONCE: usize = 64;

/// Rows of one call, at most, except the last: calls have a deadline. No batch ends more flows than
/// this in the long run, so those that wait stay few.
const ROWS_IN_CALL: usize = 2048;

/// What the operator gets to see.
pub(crate) struct Report {
    flows: Family<Counter, 1>,
    packets: Counter,
    not_ip: Counter,
    refused: Counter,
    active: Gauge,
}

impl Report {
    pub(crate) fn new() -> Result<Self, Error> {
        let counter = |name, help| Counter::new(name, help, &[]);
        let mut flows = Counter::family("flow_log_flows_total", "Flows that ended.", ["end"]);
        for end in End::ALL {
            flows.with([end.name()])?;
        }
        Ok(Self {
            flows,
            packets: counter("flow_log_packets_total", "Packets in flows.")?,
            not_ip: counter("flow_log_not_ip_packets_total", "Packets in no flow: not IP.")?,
            refused: counter("flow_log_refused_rows_total", "Rows that the host refused.")?,
            active: Gauge::new("flow_log_active_flows", "Flows that have not ended.", &[])?,
        })
    }

    pub(crate) fn packets(&self, in_flows: u64, not_ip: u64) {
        self.packets.add(in_flows);
        self.not_ip.add(not_ip);
    }

    pub(crate) fn active(&self, table: &Table) {
        self.active.set(table.len() as f64);
    }

    /// Emit what ended, as far as the deadline of a call allows.
    pub(crate) fn rows(&mut self, table: &mut Table) {
        self.emit(table, ROWS_IN_CALL);
    }

    /// Emit all that ended. There is more time for `stop`.
    pub(crate) fn all_rows(&mut self, table: &mut Table) {
        self.emit(table, usize::MAX);
    }

    fn emit(&mut self, table: &mut Table, count: usize) {
        self.active(table);
        for ended in table.take_ended(count).chunks(ROWS_AT_ONCE) {
            let rows: Vec<_> = ended.iter().map(row).collect();
            if Event::emit_all(&rows).is_err() {
                self.refused.add(rows.len() as u64);
            }
            for Ended { end, .. } in ended {
                self.flows.with([end.name()]).expect("defined at the start").inc();
            }
        }
    }
}

fn row(Ended { key, flow, end }: &Ended) -> Event {
    let key = Key::of(key).expect("it is a packet's, or was looked at when it was restored");
    let Key { seen_at, vlan, inner_vlan, src, dst, protocol, detail } = key;
    let row = Event::new("flow", flow.last_ns).field("src", src).field("dst", dst);
    let row = row.field("ip_version", if src.is_ipv4() { 4_u8 } else { 6 });
    let row = detail_fields(row.field("protocol", protocol), detail);
    row.maybe("vlan", vlan)
        .maybe("inner_vlan", inner_vlan)
        .maybe("interface", interface_name(seen_at.ifindex))
        .field("ifindex", seen_at.ifindex)
        .field("hook", Hook::of_number(seen_at.hook).name())
        .maybe("direction", seen_at.direction.map(|direction| direction.name()))
        .field("first_ns", flow.first_ns)
        .field("last_ns", flow.last_ns)
        .field("packets", flow.packets)
        .field("bytes", flow.bytes)
        .maybe("tcp_flags", (protocol == TCP).then_some(flow.tcp_flags.0))
        .maybe("sample_one_in", (flow.sample_one_in > 1).then_some(flow.sample_one_in))
        .field("end", end.name())
}

const TCP: u8 = 6;

fn detail_fields(row: Event, detail: Detail) -> Event {
    match detail {
        Detail::None => row,
        Detail::Ports { src, dst } => row.field("src_port", src).field("dst_port", dst),
        Detail::Icmp { kind, code } => row.field("icmp_type", kind).field("icmp_code", code),
    }
}
