//! The bounded queue in front of each plugin: it sheds whole batches when full, counts what it
//! sheds, and never makes the tap side wait unless that is asked for.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::{batch::Batch, ledger::PluginLedger};

/// Marks of a capture's time that a queue holds, at most: they take memory too.
const MAX_TIMES: usize = 1024;

/// What the feeding side does when the queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// Drop the batch that came last and count it: live traffic does not wait.
    Shed,
    /// Wait for room: a capture can.
    Wait,
}

/// A batch with its place among all records that were meant for the plugin.
#[derive(Clone, Debug)]
pub struct Queued {
    pub batch: Arc<Batch>,
    /// Number of the first record, from 0.
    pub sequence: u64,
    /// Records shed since the batch before this one.
    pub shed_before: u64,
}

/// What a wait for a batch brought.
#[derive(Debug)]
pub enum Taken {
    Batch(Queued),
    /// Batches from here on are for the instance that takes over.
    Handover,
    /// The capture that is read has come to this time: Unix time in ns.
    Time(u64),
    /// Nothing came in time, or [`Queue::wake`] was called.
    Nothing,
    /// The queue was closed and is empty.
    Closed,
}

/// One plugin's queue. Both sides share it by `Arc`.
#[derive(Debug)]
pub struct Queue {
    /// Records held, at most, not counting a single batch that is larger.
    capacity: usize,
    when_full: WhenFull,
    ledger: Arc<PluginLedger>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    entries: VecDeque<Entry>,
    records: usize,
    /// Marks of time in `entries`.
    times: usize,
    next_sequence: u64,
    /// Records shed since the last batch that was pushed.
    shed: u64,
    /// Records shed since the last batch that was taken, from among those that were inside.
    skipped: u64,
    closed: bool,
    woken: bool,
}

#[derive(Debug)]
enum Entry {
    Batch(Queued),
    Handover,
    Time(u64),
}

impl Queue {
    /// `capacity` is in records.
    pub fn new(capacity: usize, when_full: WhenFull, ledger: Arc<PluginLedger>) -> Self {
        Self { capacity, when_full, ledger, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Records waiting.
    pub fn len(&self) -> usize {
        self.lock().records
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn capacity(&self) -> usize {
        self.capacity
    }

    pub fn ledger(&self) -> &Arc<PluginLedger> {
        &self.ledger
    }

    /// Append a batch; its records are published to the plugin from here on, and shed where there
    /// is no room or the queue is closed.
    pub fn push(&self, batch: Arc<Batch>) {
        let records = batch.len();
        let mut state = self.lock();
        if self.when_full == WhenFull::Wait {
            state = self
                .changed
                .wait_while(state, |state| !state.closed && !self.has_room(state, records))
                .unwrap_or_else(PoisonError::into_inner);
        }
        let sequence = state.next_sequence;
        state.next_sequence += records as u64;
        self.ledger.publish(records as u64);
        if state.closed || !self.has_room(&state, records) {
            state.shed += records as u64;
            self.ledger.shed(records as u64);
            return;
        }
        let shed_before = std::mem::take(&mut state.shed);
        state.records += records;
        state.entries.push_back(Entry::Batch(Queued { batch, sequence, shed_before }));
        drop(state);
        self.changed.notify_all();
    }

    /// Append that the capture has come to `now_ns`, so that its reader learns of it in the order of
    /// the batches. Waits where the reader is far behind. A closed queue takes none, nor one that
    /// does not wait: live traffic has the clock of the system.
    pub fn pass_time(&self, now_ns: u64) {
        if self.when_full == WhenFull::Shed {
            return;
        }
        let full = |state: &mut State| !state.closed && state.times >= MAX_TIMES;
        let state = self.changed.wait_while(self.lock(), full);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        if !state.closed {
            state.times += 1;
            state.entries.push_back(Entry::Time(now_ns));
        }
        drop(state);
        self.changed.notify_all();
    }

    /// The oldest batch, or what happened instead by `deadline`.
    pub fn take(&self, deadline: Option<Instant>) -> Taken {
        let mut state = self.lock();
        loop {
            if std::mem::take(&mut state.woken) {
                return Taken::Nothing;
            }
            match state.entries.pop_front() {
                Some(Entry::Batch(mut queued)) => {
                    state.records -= queued.batch.len();
                    queued.shed_before += std::mem::take(&mut state.skipped);
                    drop(state);
                    self.changed.notify_all();
                    return Taken::Batch(queued);
                }
                Some(Entry::Handover) => return Taken::Handover,
                Some(Entry::Time(now_ns)) => {
                    state.times -= 1;
                    drop(state);
                    self.changed.notify_all();
                    return Taken::Time(now_ns);
                }
                None => {}
            }
            if state.closed {
                return Taken::Closed;
            }
            let patience = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            if patience == Some(Duration::ZERO) {
                return Taken::Nothing;
            }
            state = self.wait(state, patience);
        }
    }

    /// Mark that what is pushed from here on is for the instance that takes over. A closed queue takes
    /// no marks: nobody is there to hand over.
    pub fn mark_back(&self) {
        self.mark(VecDeque::push_back);
    }

    /// As [`mark_back`](Self::mark_back), and what is inside is for that instance too.
    pub fn mark_front(&self) {
        self.mark(VecDeque::push_front);
    }

    fn mark(&self, place: impl FnOnce(&mut VecDeque<Entry>, Entry)) {
        let mut state = self.lock();
        if !state.closed {
            place(&mut state.entries, Entry::Handover);
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Shed what is inside in front of a mark. Without a mark nothing happens.
    pub fn shed_to_mark(&self) {
        let mut state = self.lock();
        let mark = state.entries.iter().position(|entry| matches!(entry, Entry::Handover));
        state.drop_first(mark.unwrap_or(0), &self.ledger);
        drop(state);
        self.changed.notify_all();
    }

    /// Shed a batch that was taken: nobody is there to be called with it.
    pub fn shed(&self, queued: &Queued) {
        let records = queued.batch.len() as u64;
        self.ledger.shed(records);
        self.lock().skipped += records + queued.shed_before;
    }

    /// Make the taking side return from [`Queue::take`] once, now or at its next call.
    pub fn wake(&self) {
        self.lock().woken = true;
        self.changed.notify_all();
    }

    /// Take no more batches; those inside can still be taken.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Take batches again after a [`close`](Self::close): a plugin that had failed is back. Numbers
    /// go on, and what was shed meanwhile is told with the next batch.
    pub fn reopen(&self) {
        self.lock().closed = false;
    }

    /// Close, and shed what is inside. Marks go with it.
    pub fn abandon(&self) {
        let mut state = self.lock();
        state.closed = true;
        let all = state.entries.len();
        state.drop_first(all, &self.ledger);
        drop(state);
        self.changed.notify_all();
    }

    fn has_room(&self, state: &State, records: usize) -> bool {
        state.records == 0 || state.records + records <= self.capacity
    }

    fn wait<'a>(
        &self,
        state: MutexGuard<'a, State>,
        patience: Option<Duration>,
    ) -> MutexGuard<'a, State> {
        match patience {
            None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            Some(time) => {
                self.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn drop_first(&mut self, entries: usize, ledger: &PluginLedger) {
        for entry in self.entries.drain(..entries) {
            match entry {
                Entry::Batch(queued) => {
                    let records = queued.batch.len();
                    self.records -= records;
                    self.skipped += records as u64 + queued.shed_before;
                    ledger.shed(records as u64);
                }
                Entry::Time(_) => self.times -= 1,
                Entry::Handover => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ringtap_record::PacketRecord;

    use super::*;

    fn batch(records: usize) -> Arc<Batch> {
        Arc::new(Batch { records: vec![PacketRecord::default(); records], ..Batch::default() })
    }

    fn queue(capacity: usize, when_full: WhenFull) -> Queue {
        Queue::new(capacity, when_full, Arc::default())
    }

    fn take(queue: &Queue) -> Queued {
        match queue.take(None) {
            Taken::Batch(queued) => queued,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn sheds_the_newest_and_says_where_the_gap_is() {
        let queue = queue(10, WhenFull::Shed);
        for _ in 0..4 {
            queue.push(batch(4));
        }
        let (first, second) = (take(&queue), take(&queue));
        assert_eq!((first.sequence, first.shed_before), (0, 0));
        assert_eq!((second.sequence, second.shed_before), (4, 0));
        queue.push(batch(1));
        let third = take(&queue);
        assert_eq!((third.sequence, third.shed_before), (16, 8));
        let counts = queue.ledger().read();
        assert_eq!((counts.published, counts.shed), (17, 8));
    }

    #[test]
    fn a_batch_larger_than_the_queue_passes_alone() {
        let queue = queue(10, WhenFull::Shed);
        queue.push(batch(100));
        assert_eq!(queue.len(), 100);
        queue.push(batch(1));
        assert_eq!(queue.ledger().read().shed, 1);
    }

    #[test]
    fn waits_for_room_when_asked_to() {
        let queue = Arc::new(queue(4, WhenFull::Wait));
        let feeder = {
            let queue = Arc::clone(&queue);
            std::thread::spawn(move || {
                for _ in 0..100 {
                    queue.push(batch(3));
                }
                queue.close();
            })
        };
        let mut taken = 0;
        while let Taken::Batch(queued) = queue.take(None) {
            assert_eq!((queued.sequence, queued.shed_before), (taken, 0));
            taken += queued.batch.len() as u64;
        }
        feeder.join().unwrap();
        assert_eq!((taken, queue.ledger().read().shed), (300, 0));
    }

    #[test]
    fn a_closed_queue_sheds_and_an_abandoned_one_sheds_what_it_held() {
        let queue = queue(10, WhenFull::Shed);
        queue.push(batch(2));
        queue.close();
        queue.push(batch(3));
        assert_eq!(queue.ledger().read().shed, 3);
        queue.abandon();
        assert!(matches!(queue.take(None), Taken::Closed));
        let counts = queue.ledger().read();
        assert_eq!((counts.published, counts.shed), (5, 5));
        assert!(counts.closes());
    }

    #[test]
    fn a_queue_that_reopens_goes_on_counting_and_tells_what_it_shed() {
        let queue = queue(10, WhenFull::Shed);
        queue.push(batch(2));
        queue.abandon();
        queue.push(batch(3));
        queue.reopen();
        queue.push(batch(4));
        let next = take(&queue);
        assert_eq!((next.sequence, next.shed_before), (5, 5));
    }

    #[test]
    fn a_mark_stays_in_its_place_while_batches_around_it_are_shed() {
        let queue = queue(4, WhenFull::Shed);
        queue.push(batch(4));
        queue.mark_back();
        queue.push(batch(3));
        assert_eq!(take(&queue).sequence, 0);
        queue.push(batch(2));
        assert!(matches!(queue.take(None), Taken::Handover));
        let next = take(&queue);
        assert_eq!((next.sequence, next.shed_before), (7, 3));
        queue.push(batch(1));
        queue.mark_front();
        assert!(matches!(queue.take(None), Taken::Handover));
        assert_eq!(take(&queue).sequence, 9);
    }

    #[test]
    fn what_is_shed_in_front_of_a_mark_is_told_behind_it() {
        let queue = queue(6, WhenFull::Shed);
        queue.shed_to_mark();
        for records in [1, 2, 2] {
            queue.push(batch(records));
        }
        queue.shed(&take(&queue));
        queue.shed_to_mark();
        assert_eq!(queue.len(), 4);
        queue.push(batch(9));
        queue.mark_back();
        queue.push(batch(1));
        queue.shed_to_mark();
        assert_eq!(queue.len(), 1);
        assert!(matches!(queue.take(None), Taken::Handover));
        let next = take(&queue);
        assert_eq!((next.sequence, next.shed_before), (14, 14));
        let counts = queue.ledger().read();
        assert_eq!((counts.published, counts.shed), (15, 14));
    }

    #[test]
    fn a_closed_queue_still_gives_its_marks_and_takes_none() {
        let queue = queue(6, WhenFull::Shed);
        queue.push(batch(1));
        queue.mark_back();
        queue.close();
        queue.mark_back();
        assert_eq!(take(&queue).sequence, 0);
        assert!(matches!(queue.take(None), Taken::Handover));
        assert!(matches!(queue.take(None), Taken::Closed));
        queue.reopen();
        queue.mark_back();
        queue.abandon();
        assert!(matches!(queue.take(None), Taken::Closed));
    }

    #[test]
    fn time_passes_in_the_order_of_batches() {
        let queue = queue(10, WhenFull::Wait);
        queue.pass_time(5);
        queue.push(batch(2));
        queue.pass_time(7);
        assert!(matches!(queue.take(None), Taken::Time(5)));
        assert_eq!(take(&queue).sequence, 0);
        assert!(matches!(queue.take(None), Taken::Time(7)));
        assert_eq!(queue.len(), 0);
        queue.close();
        queue.pass_time(9);
        assert!(matches!(queue.take(None), Taken::Closed));
    }

    #[test]
    fn marks_of_time_are_bounded_and_none_is_dropped() {
        let queue = Arc::new(queue(4, WhenFull::Wait));
        let marks = 3 * MAX_TIMES as u64;
        let feeder = {
            let queue = Arc::clone(&queue);
            std::thread::spawn(move || {
                (0..marks).for_each(|now_ns| queue.pass_time(now_ns));
                queue.close();
            })
        };
        let mut taken = 0;
        while let Taken::Time(now_ns) = queue.take(None) {
            assert_eq!(now_ns, taken);
            assert!(queue.lock().times <= MAX_TIMES);
            taken += 1;
        }
        feeder.join().unwrap();
        assert_eq!(taken, marks);
    }

    #[test]
    fn nobody_waits_to_tell_the_time_to_a_reader_that_is_gone() {
        let queue = queue(4, WhenFull::Wait);
        (0..MAX_TIMES as u64).for_each(|now_ns| queue.pass_time(now_ns));
        queue.abandon();
        queue.pass_time(0);
        queue.reopen();
        queue.pass_time(3);
        assert!(matches!(queue.take(None), Taken::Time(3)));
    }

    #[test]
    fn a_wake_up_is_not_missed() {
        let queue = queue(10, WhenFull::Shed);
        queue.wake();
        assert!(matches!(queue.take(None), Taken::Nothing));
        assert!(matches!(queue.take(Some(Instant::now())), Taken::Nothing));
    }
}
