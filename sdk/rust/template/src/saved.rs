//! The state in form 1: a line for each protocol, with its name, packets and bytes.
//!
//! What is read may be from other sources than these, or damaged: take nothing on trust.

use ringtap_plugin::Refusal;

use crate::totals::{Total, Totals};

pub(crate) fn save(totals: &Totals) -> Vec<u8> {
    let line = |(protocol, total): (&str, Total)| {
        format!("{protocol} {} {}\n", total.packets, total.bytes)
    };
    totals.iter().map(line).collect::<String>().into_bytes()
}

pub(crate) fn restore(saved: &[u8]) -> Result<Totals, Refusal> {
    let text = str::from_utf8(saved)?;
    let mut totals = Totals::default();
    for line in text.lines() {
        let words: Vec<_> = line.split(' ').collect();
        let [protocol, packets, bytes] = words[..] else {
            return Err("the saved state is damaged".into());
        };
        totals.add(protocol, Total { packets: packets.parse()?, bytes: bytes.parse()? });
    }
    Ok(totals)
}
