//! A row for each flow when it ends: the event `flow`.
//!
//! A flow is one direction of a conversation, as in NetFlow: packets of the same tap, VLANs,
//! protocol, addresses and ports (or ICMP type and code). A packet that passes two taps is in a flow
//! at each. It ends, and `end` tells why, when
//! - `fin`, `rst`: its sender closed or reset the TCP connection, and nothing came for a second;
//! - `idle`: nothing came for `idle_timeout`;
//! - `active`: it is older than `active_timeout`; what comes later is a new row;
//! - `evicted`: the table is full and other flows were used later;
//! - `stop`: the plugin stops.
//!
//! A reload ends no flow: the next version goes on with those that there are, evicting some where its
//! table is smaller.
//!
//! Fields of a row: `src`, `dst`, `ip_version`, `protocol`, `src_port`, `dst_port`, `icmp_type`,
//! `icmp_code`, `vlan` and `inner_vlan` (the two outermost), `interface`, `ifindex`, `hook`,
//! `direction`, `first_ns`, `last_ns`, `packets`, `bytes`, `tcp_flags` (of all packets together),
//! `sample_one_in` and `end`; one that the flow doesn't have is absent.
//!
//! Where the operator has it see a sample of the packets, packets and bytes, in rows and metrics, are
//! those seen times the rate: estimates, whose sum is right. `sample_one_in` has the rate. With a
//! sample by packet, short flows are missed, and the times and flags of others are those of packets
//! that were seen. With one by flow, a row is one flow of so many: divide its `packets` and `bytes` by
//! `sample_one_in` for its own.
//!
//! Metrics: `flow_log_flows_total{end}`, `flow_log_active_flows`, `flow_log_packets_total`,
//! `flow_log_not_ip_packets_total` (in no flow), and `flow_log_refused_rows_total` (the host took no
//! more rows). No packet is uncounted: `flow_log_packets_total` is those of the rows, of the flows that
//! wait for theirs, and of active flows. A call emits 2,048 rows at most, the last one all.
//!
//! Config, with its defaults:
//! ```toml
//! flows = 8192          # that are active at a time; about 200 bytes of memory each. Above 16,384
//!                       # the host's default limits may refuse some rows of the last call
//! idle_timeout = 15     # seconds
//! active_timeout = 120  # seconds
//! ```

mod config;
mod flow;
mod key;
mod report;
mod saved;
mod table;
#[cfg(test)]
mod tests;

use std::time::Duration;

use config::Settings;
use flow::Seen;
use report::Report;
use ringtap_plugin::{Aggregate, Batch, Plugin, Refusal, State, log, now_ns};
use table::Table;

struct FlowLog {
    table: Table,
    report: Report,
}

impl Plugin for FlowLog {
    const TICK: Duration = Duration::from_secs(1);

    fn new(config: &str) -> Result<Self, Refusal> {
        log::report_panics();
        // Whoever sends the packets must not know how the table hashes them.
        let settings = Settings::parse(config)?;
        saved::make_room(settings.flows);
        let table = Table::new(settings, now_ns());
        Ok(Self { table, report: Report::new()? })
    }

    fn tick(&mut self, now_ns: u64) {
        self.table.expire(now_ns);
        self.report.rows(&mut self.table);
    }

    fn stop(&mut self, now_ns: u64) {
        self.table.expire(now_ns);
        self.table.end_all();
        self.report.all_rows(&mut self.table);
    }
}

impl Aggregate for FlowLog {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        let (mut packets, mut not_ip) = (0, 0);
        for packet in batch.packets() {
            let seen = Seen::of(&packet);
            match key::packed(&packet) {
                Some(key) => {
                    packets += seen.packets;
                    self.table.count(key, &seen, packet);
                }
                None => not_ip += seen.packets,
            }
        }
        self.report.packets(packets, not_ip);
        self.report.rows(&mut self.table);
    }
}

impl State for FlowLog {
    const SCHEMA: u32 = saved::SCHEMA;

    fn save(&mut self) -> Result<Vec<u8>, Refusal> {
        Ok(saved::save(&self.table))
    }

    fn restore(&mut self, _schema: u32, saved: &[u8]) -> Result<(), Refusal> {
        saved::restore(&mut self.table, saved)?;
        self.report.active(&self.table);
        Ok(())
    }
}

ringtap_plugin::export!(FlowLog: Aggregate + State);
