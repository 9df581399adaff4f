//! The state in form 1: when pairs were shown last, how many there are, and a [`Row`] for each, in
//! postcard's wire format (<https://postcard.jamesmunns.com>).

#[cfg(test)]
mod tests;

use std::net::IpAddr;

use ringtap_plugin::Refusal;
use serde::{Deserialize, Serialize};

use crate::{
    config::MAX_TABLE,
    table::{Counters, Entry, Pair, Table, Traffic},
};

pub(crate) const SCHEMA: u32 = 1;

pub(crate) fn save(table: &Table, last_shown_ns: Option<u64>) -> Result<Vec<u8>, Refusal> {
    let mut bytes = postcard::to_allocvec(&(last_shown_ns, table.len() as u64))?;
    for (pair, entry) in table.iter() {
        bytes = postcard::to_extend(&Row::of(pair, entry), bytes)?;
    }
    Ok(bytes)
}

/// Into a table that is empty; it may be too full then. The answer is when pairs were shown last.
pub(crate) fn restore(table: &mut Table, saved: &[u8]) -> Result<Option<u64>, Refusal> {
    let ((last_shown_ns, pairs), mut rest) =
        postcard::take_from_bytes::<(Option<u64>, u64)>(saved)?;
    if pairs > MAX_TABLE {
        return Err("there are more pairs than any table has".into());
    }
    for _ in 0..pairs {
        let (row, next) = postcard::take_from_bytes::<Row>(rest)?;
        let (pair, entry) = row.entry()?;
        if !table.resume(pair, entry) {
            return Err("a pair is there twice".into());
        }
        rest = next;
    }
    if rest.is_empty() { Ok(last_shown_ns) } else { Err("there is more than the pairs".into()) }
}

#[derive(Serialize, Deserialize)]
struct Row {
    src: IpAddr,
    dst: IpAddr,
    packets: u64,
    bytes: u64,
    weight: f64,
    /// Packets and bytes that the counters have, if the pair is shown.
    shown: Option<(u64, u64)>,
}

impl Row {
    fn of(Pair { src, dst }: &Pair, entry: &Entry) -> Self {
        let Traffic { packets, bytes } = entry.total;
        let reported = (entry.reported.packets, entry.reported.bytes);
        let shown = entry.counters.is_some().then_some(reported);
        Self { src: *src, dst: *dst, packets, bytes, weight: entry.weight, shown }
    }

    fn entry(&self) -> Result<(Pair, Entry), Refusal> {
        let (packets, bytes) = self.shown.unwrap_or_default();
        if packets > self.packets || bytes > self.bytes {
            return Err("a pair is shown with more than it has".into());
        }
        if !self.weight.is_finite() || self.weight < 0.0 {
            return Err("a pair has no weight".into());
        }
        let pair = Pair { src: self.src, dst: self.dst };
        // The same series: they go on where they are. Without room for them, the pair is not shown.
        let counters = if self.shown.is_some() { Counters::of(&pair)? } else { None };
        let had = Traffic { packets, bytes };
        let reported = counters.as_ref().map_or_else(Traffic::default, |_| had);
        let total = Traffic { packets: self.packets, bytes: self.bytes };
        Ok((pair, Entry { total, reported, weight: self.weight, counters }))
    }
}
