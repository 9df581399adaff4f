//! How well TCP works, by service: the address and port that clients connect to.
//!
//! - `tcp_health_handshake_seconds{service}`: from a SYN to its SYN-ACK, as the tap saw them; from the
//!   first SYN where it was sent again. At a server's interface that is the time that the host took, at
//!   a client's it has the network in it.
//! - `tcp_health_connections_total{service}`: connections of which a SYN was seen.
//! - `tcp_health_segments_total{service}`: segments with data, in both directions.
//! - `tcp_health_retransmissions_total{service}`: those of them, and SYNs, with nothing that was not
//!   sent before. Segments that the network has put in another order count too.
//! - `tcp_health_resets_total{service}`, `tcp_health_zero_windows_total{service}`: connections that one
//!   side reset, and times that a side closed its window.
//! - `tcp_health_tracked_connections`, and `tcp_health_untracked_packets_total`: packets of connections
//!   that the table had no room for.
//!
//! There are `services` of them at most; one that was idle for ten minutes makes room, and all others
//! are told together as `other`. The event `tcp_trouble` tells of a service whose rate of
//! retransmissions or resets in a window was over its limit: `service`, `what`, `count`, `of`,
//! `percent`.
//!
//! Packets of two CPUs come in any order. So a segment counts as retransmitted only if its time is
//! later than that of the segment which had its data before it, and a handshake is timed whichever of
//! its packets comes first. Of a packet that passes several taps of an interface, the first tap counts.
//! Sampled packets would all look like gaps: have the operator sample by flow, or not at all.
//!
//! Config, with its defaults:
//! ```toml
//! services = 100            # that are told by name
//! connections = 8192        # that are followed at a time; about 150 bytes of memory each
//! idle_timeout = 60         # seconds until a silent connection is forgotten
//! window = 10               # seconds over which rates are taken
//! least = 50                # segments, or connections, without which a rate says nothing
//! retransmit_percent = 5    # of segments; 100 for no event
//! reset_percent = 20        # of connections; 100 for no event
//! ```

mod config;
mod connection;
mod saved;
mod service;
mod table;
#[cfg(test)]
mod tests;

use std::time::Duration;

use config::Settings;
use ringtap_plugin::{
    Aggregate, Batch, Counter, Gauge, Interest, Plugin, Refusal, State, log, now_ns,
};
use service::Services;
use table::{Segment, Table};

struct TcpHealth {
    table: Table,
    services: Services,
    tracked: Gauge,
    untracked: Counter,
}

impl Plugin for TcpHealth {
    const TICK: Duration = Duration::from_secs(1);

    fn interests() -> Vec<Interest> {
        vec![Interest::new("tcp", "tcp")]
    }

    fn new(config: &str) -> Result<Self, Refusal> {
        log::report_panics();
        let settings = Settings::parse(config)?;
        let help = "Connections in the table.";
        let tracked = Gauge::new("tcp_health_tracked_connections", help, &[])?;
        let help = "Packets of connections that the table had no room for.";
        let untracked = Counter::new("tcp_health_untracked_packets_total", help, &[])?;
        // Whoever sends the packets must not know how the table hashes them.
        let (table, services) = (Table::new(settings, now_ns()), Services::new(settings));
        Ok(Self { table, services, tracked, untracked })
    }

    fn tick(&mut self, now_ns: u64) {
        self.table.expire(now_ns);
        self.services.look(now_ns);
        self.tracked.set(self.table.len() as f64);
    }
}

impl Aggregate for TcpHealth {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        for packet in batch.packets() {
            let Some(segment) = Segment::of(&packet) else { continue };
            match self.table.take(&segment) {
                Some((service, seen)) => self.services.count(service, &seen, segment.time_ns),
                None => self.untracked.inc(),
            }
        }
        self.tracked.set(self.table.len() as f64);
    }
}

impl State for TcpHealth {
    const SCHEMA: u32 = saved::SCHEMA;

    fn save(&mut self) -> Result<Vec<u8>, Refusal> {
        saved::save(&self.table, &self.services)
    }

    fn restore(&mut self, _schema: u32, saved: &[u8]) -> Result<(), Refusal> {
        saved::restore(&mut self.table, &mut self.services, saved)?;
        self.tracked.set(self.table.len() as f64);
        Ok(())
    }
}

ringtap_plugin::export!(TcpHealth: Aggregate + State);
