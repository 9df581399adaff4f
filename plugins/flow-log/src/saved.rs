//! The state in form 1: the flows that wait for their row and the active ones, each as a [`Row`] in
//! postcard's wire format (<https://postcard.jamesmunns.com>), behind their numbers.

#[cfg(test)]
mod tests;

use std::net::IpAddr;

use ringtap_plugin::{Direction, Hook, Refusal, TcpFlags};
use serde::{Deserialize, Serialize};

use crate::{
    flow::{End, Flow},
    key::{Detail, Key, SeenAt},
    table::{Ended, Table},
};

pub(crate) const SCHEMA: u32 = 1;

pub(crate) fn save(table: &Table) -> Result<Vec<u8>, Refusal> {
    let numbers = (table.waiting().len() as u64, table.active().len() as u64);
    let mut bytes = postcard::to_allocvec(&numbers)?;
    for Ended { key, flow, end } in table.waiting() {
        bytes = postcard::to_extend(&(end.number(), Row::of(key, flow)), bytes)?;
    }
    for (key, flow) in table.active() {
        bytes = postcard::to_extend(&Row::of(key, flow), bytes)?;
    }
    Ok(bytes)
}

/// Into a table that is empty. Flows that it has no room for are evicted.
pub(crate) fn restore(table: &mut Table, saved: &[u8]) -> Result<(), Refusal> {
    let ((waiting, active), mut rest) = postcard::take_from_bytes::<(u64, u64)>(saved)?;
    for _ in 0..waiting {
        let ((end, row), next) = postcard::take_from_bytes::<(u8, Row)>(rest)?;
        let (key, flow) = row.flow()?;
        let end = End::of_number(end).ok_or("a flow ended for no reason that is known")?;
        table.wait(Ended { key, flow, end });
        rest = next;
    }
    for _ in 0..active {
        let (row, next) = postcard::take_from_bytes::<Row>(rest)?;
        let (key, flow) = row.flow()?;
        if !table.resume(key, flow) {
            return Err("a flow is there twice".into());
        }
        rest = next;
    }
    if rest.is_empty() { Ok(()) } else { Err("there is more than the flows".into()) }
}

#[derive(Serialize, Deserialize)]
struct Row {
    tap: u16,
    ifindex: u32,
    /// 1 XDP, 2 TC, 3 replay, as in a record.
    hook: u8,
    /// 1 ingress, 2 egress, 0 not known, as in a record.
    direction: u8,
    vlan: Option<u16>,
    inner_vlan: Option<u16>,
    src: IpAddr,
    dst: IpAddr,
    protocol: u8,
    ports: Option<(u16, u16)>,
    icmp: Option<(u8, u8)>,
    first_ns: u64,
    lasted_ns: u64,
    packets: u64,
    bytes: u64,
    tcp_flags: u16,
    sample_one_in: u32,
}

impl Row {
    fn of(key: &Key, flow: &Flow) -> Self {
        let Key { seen_at, vlan, inner_vlan, src, dst, protocol, detail } = *key;
        let (ports, icmp) = match detail {
            Detail::None => (None, None),
            Detail::Ports { src, dst } => (Some((src, dst)), None),
            Detail::Icmp { kind, code } => (None, Some((kind, code))),
        };
        Self {
            tap: seen_at.tap,
            ifindex: seen_at.ifindex,
            hook: hook_number(seen_at.hook),
            direction: seen_at.direction.map_or(0, direction_number),
            vlan,
            inner_vlan,
            src,
            dst,
            protocol,
            ports,
            icmp,
            first_ns: flow.first_ns,
            lasted_ns: flow.last_ns - flow.first_ns,
            packets: flow.packets,
            bytes: flow.bytes,
            tcp_flags: flow.tcp_flags.0,
            sample_one_in: flow.sample_one_in,
        }
    }

    fn flow(&self) -> Result<(Key, Flow), Refusal> {
        if self.src.is_ipv4() != self.dst.is_ipv4() {
            return Err("a flow is of two versions of IP".into());
        }
        let last_ns = self.first_ns.checked_add(self.lasted_ns);
        let last_ns = last_ns.ok_or("a flow ends beyond all time")?;
        let flow = Flow {
            first_ns: self.first_ns,
            last_ns,
            packets: self.packets,
            bytes: self.bytes,
            tcp_flags: TcpFlags(self.tcp_flags),
            sample_one_in: self.sample_one_in,
        };
        Ok((self.key()?, flow))
    }

    fn key(&self) -> Result<Key, Refusal> {
        let detail = match (self.ports, self.icmp) {
            (None, None) => Detail::None,
            (Some((src, dst)), None) => Detail::Ports { src, dst },
            (None, Some((kind, code))) => Detail::Icmp { kind, code },
            (Some(_), Some(_)) => return Err("a flow has ports and is ICMP".into()),
        };
        let direction = match self.direction {
            0 => None,
            1 => Some(Direction::Ingress),
            2 => Some(Direction::Egress),
            _ => return Err("a flow goes in no direction that is known".into()),
        };
        let hook = hook_of_number(self.hook);
        let seen_at = SeenAt { tap: self.tap, ifindex: self.ifindex, hook, direction };
        let Self { vlan, inner_vlan, src, dst, protocol, .. } = *self;
        Ok(Key { seen_at, vlan, inner_vlan, src, dst, protocol, detail })
    }
}

const fn hook_number(hook: Hook) -> u8 {
    match hook {
        Hook::Xdp => 1,
        Hook::Tc => 2,
        Hook::Replay => 3,
        Hook::Other(number) => number,
        _ => 0,
    }
}

const fn hook_of_number(number: u8) -> Hook {
    match number {
        1 => Hook::Xdp,
        2 => Hook::Tc,
        3 => Hook::Replay,
        other => Hook::Other(other),
    }
}

const fn direction_number(direction: Direction) -> u8 {
    match direction {
        Direction::Ingress => 1,
        Direction::Egress => 2,
    }
}

impl End {
    const fn number(self) -> u8 {
        self as u8
    }

    fn of_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.number() == number)
    }
}
