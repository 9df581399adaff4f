use std::collections::VecDeque;

use ringtap_pipeline::event::Event;

use super::line;

/// Lines that the OS has not taken yet.
#[derive(Debug, Default)]
pub(super) struct Pending {
    bytes: Vec<u8>,
    taken: usize,
    /// Where each line that is not wholly taken ends.
    ends: VecDeque<usize>,
}

impl Pending {
    pub(super) fn push(&mut self, event: &Event) {
        line::write(event, &mut self.bytes);
        self.bytes.push(b'\n');
        self.ends.push_back(self.bytes.len());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn rest(&self) -> &[u8] {
        self.bytes.get(self.taken..).unwrap_or_default()
    }

    /// The OS took so many bytes of [`rest`](Self::rest). How many lines that finished.
    pub(super) fn taken(&mut self, bytes: usize) -> u64 {
        self.taken += bytes;
        let mut lines = 0;
        while self.ends.pop_front_if(|end| *end <= self.taken).is_some() {
            lines += 1;
        }
        if self.is_empty() {
            self.clear();
        }
        lines
    }

    /// Forget what was not taken: how many lines that were, and whether a part of one was taken.
    pub(super) fn give_up(&mut self) -> (u64, bool) {
        let lines = self.ends.len() as u64;
        let last_taken = self.taken.checked_sub(1).and_then(|last| self.bytes.get(last));
        let torn = last_taken.is_some_and(|byte| *byte != b'\n');
        self.clear();
        (lines, torn)
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.taken = 0;
        self.ends.clear();
    }
}
