use serde::{Deserialize, Serialize};

use crate::table::Segment;

/// What is remembered of a connection: enough to tell new data from old.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Connection {
    /// Whether the server is the lesser of the two ends.
    pub(crate) server_is_lesser: bool,
    /// By end, the lesser one first.
    ends: [End; 2],
    /// When the first SYN and the first SYN-ACK passed.
    syn_ns: Option<u64>,
    syn_ack_ns: Option<u64>,
    timed: bool,
    reset: bool,
    pub(crate) last_ns: u64,
}

/// One end, as a sender.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct End {
    /// The tap that its packets are taken from.
    tap: Option<u16>,
    /// The sequence number behind all that it has sent, and when it sent the last new data.
    next: Option<(u32, u64)>,
    window_is_closed: bool,
}

/// What a segment shows of its connection.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Seen {
    pub(crate) opened: bool,
    pub(crate) handshake_ns: Option<u64>,
    pub(crate) data: bool,
    pub(crate) retransmitted: bool,
    pub(crate) reset: bool,
    pub(crate) closed_window: bool,
}

impl Connection {
    pub(crate) fn to(server_is_lesser: bool) -> Self {
        Self { server_is_lesser, ..Self::default() }
    }

    pub(crate) fn take(&mut self, segment: &Segment) -> Seen {
        self.last_ns = self.last_ns.max(segment.time_ns);
        let from = usize::from(!segment.from_lesser);
        // Seen by another tap before.
        if *self.ends[from].tap.get_or_insert(segment.tap) != segment.tap {
            return Seen::default();
        }
        let opened = segment.syn && !segment.ack && self.syn_ns.is_none();
        let time = match (segment.syn, segment.ack) {
            (true, false) => Some(&mut self.syn_ns),
            (true, true) => Some(&mut self.syn_ack_ns),
            _ => None,
        };
        if let Some(time) = time {
            *time = Some(time.map_or(segment.time_ns, |known| known.min(segment.time_ns)));
        }
        Seen {
            opened,
            handshake_ns: self.handshake(),
            data: segment.data > 0,
            retransmitted: self.ends[from].sends_again(segment),
            reset: segment.rst && !std::mem::replace(&mut self.reset, true),
            closed_window: self.ends[from].closes_window(segment),
        }
    }

    /// Once, when both packets were seen.
    fn handshake(&mut self) -> Option<u64> {
        let took = self.syn_ack_ns?.checked_sub(self.syn_ns?)?;
        (!std::mem::replace(&mut self.timed, true)).then_some(took)
    }

    /// A SYN of other data than what was there: the ports are used again.
    pub(crate) fn is_replaced_by(&self, segment: &Segment) -> bool {
        let from = usize::from(!segment.from_lesser);
        let is_new =
            |(next, at): (u32, u64)| segment.seq.wrapping_add(1) != next && segment.time_ns > at;
        segment.syn && !segment.ack && self.ends[from].next.is_some_and(is_new)
    }
}

impl End {
    /// Whether all of it was sent before, by its number and by its time.
    fn sends_again(&mut self, segment: &Segment) -> bool {
        let length = segment.data + u32::from(segment.syn);
        if length == 0 {
            return false;
        }
        let end = segment.seq.wrapping_add(length);
        match self.next {
            // RFC 9293, 3.4: numbers wrap around.
            Some((next, at)) if end.wrapping_sub(next).cast_signed() <= 0 => segment.time_ns > at,
            _ => {
                self.next = Some((end, segment.time_ns));
                false
            }
        }
    }

    fn closes_window(&mut self, segment: &Segment) -> bool {
        if segment.syn || segment.rst {
            return false;
        }
        let was_closed = std::mem::replace(&mut self.window_is_closed, segment.window == 0);
        self.window_is_closed && !was_closed
    }
}
