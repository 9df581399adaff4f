use std::collections::{HashMap, VecDeque, hash_map::Entry};

use foldhash::quality::FixedState;
use ringtap_plugin::Packet;

use crate::{
    config::Settings,
    flow::{End, Flow},
    key::Key,
};

/// A flow that ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    pub(crate) key: Key,
    pub(crate) flow: Flow,
    pub(crate) end: End,
}

/// Active flows, at most as many as the settings say, and those that ended and wait for their row.
/// The memory for the active ones is taken at the start.
pub(crate) struct Table {
    settings: Settings,
    flows: HashMap<Key, Flow, FixedState>,
    ended: VecDeque<Ended>,
}

impl Table {
    pub(crate) fn new(settings: Settings, seed: u64) -> Self {
        let hasher = FixedState::with_seed(seed);
        let flows = HashMap::with_capacity_and_hasher(settings.flows, hasher);
        Self { settings, flows, ended: VecDeque::new() }
    }

    pub(crate) fn count(&mut self, key: Key, packet: &Packet<'_>) {
        if self.flows.len() >= self.settings.flows && !self.flows.contains_key(&key) {
            self.evict();
        }
        match self.flows.entry(key) {
            Entry::Vacant(place) => {
                place.insert(Flow::starting_with(packet));
            }
            Entry::Occupied(mut known) => {
                let flow = known.get_mut();
                // A tick may be late, or none may come between two packets of a capture.
                let over = flow.over(packet.time_ns(), &self.settings);
                match over.or_else(|| flow.replaced_by(packet)) {
                    None => flow.add(packet),
                    Some(end) => {
                        let flow = known.insert(Flow::starting_with(packet));
                        self.ended.push_back(Ended { key, flow, end });
                    }
                }
            }
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
        let mut times: Vec<_> = self.flows.values().map(|flow| flow.last_ns).collect();
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

    pub(crate) fn active(&self) -> impl ExactSizeIterator<Item = (&Key, &Flow)> {
        self.flows.iter()
    }

    /// Have a flow wait for its row behind the others.
    pub(crate) fn wait(&mut self, ended: Ended) {
        self.ended.push_back(ended);
    }

    /// Go on with a flow of the instance before. False if there is one by that key.
    pub(crate) fn resume(&mut self, key: Key, flow: Flow) -> bool {
        if self.flows.len() >= self.settings.flows {
            self.evict();
        }
        self.flows.insert(key, flow).is_none()
    }

    pub(crate) fn len(&self) -> usize {
        self.flows.len()
    }
}
