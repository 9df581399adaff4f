//! The state in form 2, all numbers little-endian: how many flows wait for their row and how many are
//! active, 64 bits each, then those that wait, each a row and an [`End`] of 8 bits, then the active
//! ones, each a row. A row is the six words of a [`Packed`] key, then `first_ns`, `last_ns`, `packets`
//! and `bytes` of 64 bits, `sample_one_in` of 32, and `tcp_flags` of 16.
//!
//! Records wait while a state is handed over, so it is as the table has it.

#[cfg(test)]
mod tests;

use std::hint;

use ringtap_plugin::{Refusal, TcpFlags};

use crate::{
    flow::{End, Flow},
    key::{Key, Packed},
    table::{Ended, Table},
};

pub(crate) const SCHEMA: u32 = 2;

const ROW: usize = 10 * 8 + 4 + 2;

/// Flows for whose state memory is touched beforehand: as many as there are by default.
const FLOWS_TO_COME: usize = 8192;

/// Touch the memory that a state takes here, and the flows that come of it. Records wait for a restore,
/// and of its time, touching pages for the first time would be the most.
pub(crate) fn make_room(flows: usize) {
    let each = ROW + size_of::<Packed>() + size_of::<Flow>() + size_of::<u64>();
    hint::black_box(vec![1_u8; flows.min(FLOWS_TO_COME) * each]);
}

pub(crate) fn save(table: &Table) -> Vec<u8> {
    let (waiting, active) = (table.waiting(), table.active());
    let mut bytes = Vec::with_capacity(16 + waiting.len() * (ROW + 1) + active.len() * ROW);
    bytes.extend((waiting.len() as u64).to_le_bytes());
    bytes.extend((active.len() as u64).to_le_bytes());
    for Ended { key, flow, end } in waiting {
        bytes.extend(row(key, flow));
        bytes.push(end.number());
    }
    for (key, flow) in active {
        bytes.extend(row(key, flow));
    }
    bytes
}

/// Into a table that is empty. Flows that it has no room for are evicted.
pub(crate) fn restore(table: &mut Table, saved: &[u8]) -> Result<(), Refusal> {
    const CUT: &str = "the state ends in the middle";
    let (waiting, rest) = saved.split_first_chunk().ok_or(CUT)?;
    let (active, rest) = rest.split_first_chunk().ok_or(CUT)?;
    let bytes = |count: &[u8; 8], each: usize| {
        usize::try_from(u64::from_le_bytes(*count)).ok()?.checked_mul(each)
    };
    let (waiting, rest) =
        bytes(waiting, ROW + 1).and_then(|len| rest.split_at_checked(len)).ok_or(CUT)?;
    if bytes(active, ROW) != Some(rest.len()) {
        return Err("there are not as many flows as it says".into());
    }
    for row in waiting.as_chunks::<{ ROW + 1 }>().0 {
        let (row, end) = row.split_first_chunk().ok_or(CUT)?;
        let (key, flow) = flow(row)?;
        let end = end.first().and_then(|end| End::of_number(*end));
        let end = end.ok_or("a flow ended for no reason that is known")?;
        table.wait(Ended { key, flow, end });
    }
    let rows = rest.as_chunks::<ROW>().0;
    table.reserve(rows.len());
    for row in rows {
        let (key, flow) = flow(row)?;
        if !table.resume(key, flow) {
            return Err("a flow is there twice".into());
        }
    }
    Ok(())
}

fn row(key: &Packed, flow: &Flow) -> [u8; ROW] {
    let mut row = [0; ROW];
    let Flow { first_ns, last_ns, packets, bytes, tcp_flags, sample_one_in } = *flow;
    let words = key.iter().copied().chain([first_ns, last_ns, packets, bytes]);
    let (places, rest) = row.as_chunks_mut::<8>();
    for (place, word) in places.iter_mut().zip(words) {
        *place = word.to_le_bytes();
    }
    rest[..4].copy_from_slice(&sample_one_in.to_le_bytes());
    rest[4..].copy_from_slice(&tcp_flags.0.to_le_bytes());
    row
}

fn flow(row: &[u8; ROW]) -> Result<(Packed, Flow), Refusal> {
    let (words, rest) = row.as_chunks::<8>();
    let word = |index: usize| u64::from_le_bytes(words[index]);
    let key = std::array::from_fn(word);
    let &[a, b, c, d, e, f] = rest else { return Err("a row has another length".into()) };
    let flow = Flow {
        first_ns: word(6),
        last_ns: word(7),
        packets: word(8),
        bytes: word(9),
        sample_one_in: u32::from_le_bytes([a, b, c, d]),
        tcp_flags: TcpFlags(u16::from_le_bytes([e, f])),
    };
    if flow.last_ns < flow.first_ns {
        return Err("a flow ends before it begins".into());
    }
    Key::of(&key)?;
    Ok((key, flow))
}

impl End {
    const fn number(self) -> u8 {
        self as u8
    }

    fn of_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.number() == number)
    }
}
