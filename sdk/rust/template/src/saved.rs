//! The state in form 1: a line with the time of the last report, or `-`, and a line for each protocol
//! with its name, packets and bytes.
//!
//! What is read may be from other sources than these, or damaged: take nothing on trust.

use ringtap_plugin::Refusal;

use crate::totals::{Total, Totals};

const NEVER: &str = "-";

pub(crate) fn save(reported_ns: Option<u64>, totals: &Totals) -> Vec<u8> {
    let mut text = reported_ns.map_or_else(|| NEVER.to_owned(), |time| time.to_string());
    for (protocol, total) in totals.iter() {
        text.push_str(&format!("\n{protocol} {} {}", total.packets, total.bytes));
    }
    text.into_bytes()
}

pub(crate) fn restore(saved: &[u8]) -> Result<(Option<u64>, Totals), Refusal> {
    let damaged = || Refusal::from("the saved state is damaged");
    let text = str::from_utf8(saved)?;
    let mut lines = text.split('\n');
    let reported_ns = match lines.next() {
        None | Some("") => return Err(damaged()),
        Some(NEVER) => None,
        Some(time) => Some(time.parse()?),
    };
    let mut totals = Totals::default();
    for line in lines {
        let words: Vec<_> = line.split(' ').collect();
        let [protocol, packets, bytes] = words[..] else {
            return Err(damaged());
        };
        let total = Total {
            packets: packets.parse()?,
            bytes: bytes.parse()?,
        };
        if !totals.insert(protocol, total) {
            return Err(damaged());
        }
    }
    Ok((reported_ns, totals))
}
