use std::collections::VecDeque;

use ringtap_plugin::{Packet, Table as Lookup};

use crate::{
    config::Settings,
    flow::{End, Flow, Seen},
    key::{Packed, packed},
};

/// A flow that ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    pub(crate) key: Packed,
    pub(crate) flow: Flow,
    pub(crate) end: End,
}

/// Active flows, at most as many as the settings say, and those that ended and wait for their row.
pub(crate) struct Table {
    settings: Settings,
    flows: Lookup<6, Flow>,
    ended: VecDeque<Ended>,
}

impl Table {
    pub(crate) fn new(settings: Settings, seed: u64) -> Self {
        Self { settings, flows: Lookup::new(settings.flows, seed), ended: VecDeque::new() }
    }

    #[inline]
    pub(crate) fn count(&mut self, key: Packed, seen: &Seen, packet: Packet<'_>) {
        let Some(found) = self.flows.entry(key, || Flow::starting_with(seen)) else {
            return self.count_in_full(packet);
        };
        if found.is_new {
            return;
        }
        let flow = found.value;
        // A tick may be late, or none may come between two packets of a capture.
        let over = flow.over(seen.time_ns, &self.settings);
        match over.or_else(|| flow.replaced_by(seen)) {
            None => flow.add(seen),
            Some(end) => self.restart(packet, end),
        }
    }

    // What is rare is kept out of what runs for each packet, whose values have no room else.
    #[cold]
    #[inline(never)]
    fn count_in_full(&mut self, packet: Packet<'_>) {
        let seen = Seen::of(&packet);
        if let Some(key) = packed(&packet) {
            self.evict();
            self.flows.entry(key, || Flow::starting_with(&seen));
        }
    }

    #[cold]
    #[inline(never)]
    fn restart(&mut self, packet: Packet<'_>, end: End) {
        let seen = Seen::of(&packet);
        let Some(key) = packed(&packet) else { return };
        if let Some(found) = self.flows.entry(key, || Flow::starting_with(&seen)) {
            let flow = std::mem::replace(found.value, Flow::starting_with(&seen));
            self.ended.push_back(Ended { key, flow, end });
        }
    }

    /// End what is over.
    pub(crate) fn expire(&mut self, now_ns: u64) {
        let Self { settings, flows, ended } = self;
        flows.retain(|key, flow| match flow.over(now_ns, settings) {
            None => true,
            Some(end) => {
                ended.push_back(Ended { key: *key, flow: *flow, end });
                false
            }
        });
    }

    /// End everything, in the order of beginning.
    pub(crate) fn end_all(&mut self) {
        let ended = self.flows.drain().map(|(key, flow)| {
            let end = flow.closed().unwrap_or(End::Stop);
            Ended { key, flow, end }
        });
        let mut ended: Vec<_> = ended.collect();
        ended.sort_unstable_by_key(|ended| (ended.flow.first_ns, ended.key));
        self.ended.extend(ended);
    }

    /// End the eighth that was quiet longest. An eighth, since looking at all of them costs: this
    /// way it is paid for by as many new flows.
    fn evict(&mut self) {
        let mut left = self.flows.len().div_ceil(8);
        let mut times: Vec<_> = self.flows.iter().map(|(_, flow)| flow.last_ns).collect();
        let (_, newest_ns, _) = times.select_nth_unstable(left - 1);
        let ended = &mut self.ended;
        self.flows.retain(|key, flow| {
            let evict = left > 0 && flow.last_ns <= *newest_ns;
            if evict {
                left -= 1;
                ended.push_back(Ended { key: *key, flow: *flow, end: End::Evicted });
            }
            !evict
        });
    }

    /// Flows that ended, at most `count`, the first ones first.
    pub(crate) fn take_ended(&mut self, count: usize) -> Vec<Ended> {
        self.ended.drain(..count.min(self.ended.len())).collect()
    }

    /// Flows that wait for their row, the first ones first.
    pub(crate) fn waiting(&self) -> impl ExactSizeIterator<Item = &Ended> {
        self.ended.iter()
    }

    pub(crate) fn active(&self) -> impl ExactSizeIterator<Item = (&Packed, &Flow)> {
        self.flows.iter()
    }

    /// Have a flow wait for its row behind the others.
    pub(crate) fn wait(&mut self, ended: Ended) {
        self.ended.push_back(ended);
    }

    /// Take the memory of so many flows at once.
    pub(crate) fn reserve(&mut self, flows: usize) {
        self.flows.reserve(flows);
    }

    /// Go on with a flow of the instance before. False if there is one by that key.
    pub(crate) fn resume(&mut self, key: Packed, flow: Flow) -> bool {
        if self.flows.is_full() {
            self.evict();
        }
        self.flows.entry(key, || flow).is_some_and(|entry| entry.is_new)
    }

    pub(crate) fn len(&self) -> usize {
        self.flows.len()
    }
}
