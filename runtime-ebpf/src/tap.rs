use ringtap_interest::{Dimension, Keys};
use ringtap_record::{
    Start,
    abi::{InterfaceSlot, LINK_IP, TapTally},
};

use crate::{
    frame::{Linear, Veil},
    maps::{self, Tables},
    packet::Packet,
    publish::publish,
    verdict::{Verdict, judge},
};

/// What is at hand while one packet is looked at.
pub(crate) struct Look<'a, P> {
    pub(crate) packet: &'a P,
    pub(crate) tables: Tables,
    pub(crate) tap: u16,
    pub(crate) start: Start,
    pub(crate) veil: Veil,
}

/// Count the packet, and publish its record if somebody wants it. Every packet ends in exactly one
/// counter besides `seen`.
#[inline(always)]
pub(crate) fn tap<P: Packet>(packet: &P) {
    let interface = maps::interface(packet.ifindex());
    let tap = interface.taps[P::KIND as usize];
    let Some(tally) = maps::tally(tap) else { return };
    // SAFETY: this CPU's own slot, and hooks on one CPU don't interrupt each other in a tally.
    let tally: &mut TapTally = unsafe { &mut *tally };
    tally.seen += 1;
    let Some(tables) = maps::tables() else {
        tally.uninterested += 1;
        return;
    };
    let veil = Veil::new(&raw mut tally.veil);
    let look = Look { packet, tables, tap, start: start(&interface), veil };
    let kept = if look.tables.plan.keeps_all != 0 {
        Some(&raw const look.tables.plan.rules)
    } else if let Some(keys) = look.glance() {
        let judged = judge(&look.tables, &keys);
        if !Verdict::keeps(Verdict::of(&judged) as u32, tally) {
            return;
        }
        // In memory and not in the program's few registers, for all the way to the record.
        tally.kept = judged.kept.0;
        Some((&raw const tally.kept).cast())
    } else {
        None
    };
    publish(&look, kept, tally);
}

#[inline(always)]
fn start(interface: &InterfaceSlot) -> Start {
    if interface.link == LINK_IP { Start::Ip } else { Start::Ethernet }
}

impl<P: Packet> Look<'_, P> {
    /// The keys, without parsing the packet. `None`: it has to be parsed.
    #[inline(always)]
    fn glance(&self) -> Option<Keys> {
        if !self.tables.plan.needs_keys() {
            return Some(Keys::default());
        }
        let vlan = self.packet.vlan();
        let mut keys = Keys::glance(&Linear::new(self.packet, self.veil), self.start, vlan)?;
        // Kinds of packets differ in what they have, and the verifier would follow each by itself.
        keys.present = self.veil.conceal(keys.present);
        keys.ifindex = self.packet.ifindex();
        keys.set_direction(P::DIRECTION);
        if self.tables.plan.uses(Dimension::Length) {
            keys.length = self.packet.frame_len() + if vlan.is_some() { 4 } else { 0 };
        }
        Some(keys)
    }
}
