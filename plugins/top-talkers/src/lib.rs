//! Bytes and packets of the busiest pairs of source and destination address.
//!
//! A table of bounded size counts pairs. Every second the `top` ones by recent bytes are shown:
//! - `top_talkers_bytes_total{src,dst}`, `top_talkers_packets_total{src,dst}`: since the pair came
//!   into the table. A pair that others overtake is no longer shown, and goes on where it was if it
//!   comes back; one that was dropped from the table for lack of room begins at 0.
//! - `top_talkers_seen_bytes_total`, `top_talkers_seen_packets_total`: everything.
//! - `top_talkers_untracked_bytes_total{reason}`, `top_talkers_untracked_packets_total{reason}`:
//!   what the table doesn't hold: `not_ip`, or dropped when it was full (`table_full`).
//! - `top_talkers_pairs`: pairs in the table.
//!
//! What was seen is what the pairs in the table have and what is untracked, exactly. A packet that
//! passes two taps counts at each. Where the operator has it see a sample of the packets, all of this
//! is scaled up by the rate, and so an estimate.
//!
//! A reload keeps the table: the next version goes on with it, and drops the lightest pairs where its
//! own is smaller.
//!
//! Config, with its defaults:
//! ```toml
//! top = 20        # pairs that are shown, at most a quarter of `table`
//! table = 4096    # pairs that are counted; about 150 bytes of memory each
//! half_life = 60  # seconds until bytes count half in the ranking
//! ```

mod config;
mod report;
mod saved;
mod table;
#[cfg(test)]
mod tests;

use std::time::Duration;

use config::Settings;
use report::Report;
use ringtap_plugin::{Aggregate, Batch, Plugin, Refusal, State, log, now_ns};
use table::{Pair, Table, Traffic};

struct TopTalkers {
    table: Table,
    report: Report,
}

impl Plugin for TopTalkers {
    const TICK: Duration = Duration::from_secs(1);

    fn new(config: &str) -> Result<Self, Refusal> {
        log::report_panics();
        let settings = Settings::parse(config)?;
        // Whoever sends the packets must not know how the table hashes them.
        let table = Table::new(settings.table, now_ns());
        Ok(Self { table, report: Report::new(settings)? })
    }

    fn tick(&mut self, now_ns: u64) {
        self.report.show(&mut self.table, now_ns);
    }

    fn stop(&mut self, now_ns: u64) {
        self.report.show(&mut self.table, now_ns);
    }
}

impl Aggregate for TopTalkers {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        let (mut seen, mut not_ip, mut dropped) = Default::default();
        for packet in batch.packets() {
            let traffic = Traffic { packets: packet.packets(), bytes: packet.wire_bytes() };
            seen += traffic;
            match (packet.src(), packet.dst()) {
                (Some(src), Some(dst)) => dropped += self.table.add(Pair { src, dst }, traffic),
                _ => not_ip += traffic,
            }
        }
        self.report.count(seen, not_ip, dropped);
    }
}

impl State for TopTalkers {
    const SCHEMA: u32 = saved::SCHEMA;

    fn save(&mut self) -> Result<Vec<u8>, Refusal> {
        saved::save(&self.table, self.report.last_shown_ns())
    }

    fn restore(&mut self, _schema: u32, saved: &[u8]) -> Result<(), Refusal> {
        let last_shown_ns = saved::restore(&mut self.table, saved)?;
        self.report.resume(&mut self.table, last_shown_ns);
        Ok(())
    }
}

ringtap_plugin::export!(TopTalkers: Aggregate + State);
