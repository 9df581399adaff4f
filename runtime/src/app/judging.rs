use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fastrand::Rng;
use ringtap_interest::{Judged, Keys, Tables};
use ringtap_pipeline::{
    batch::{Collected, MAX_BATCH_RECORDS},
    fanout::Fanout,
    judge::{InstallError, Judge},
};
use ringtap_record::PacketRecord;

use super::accounts::Fate;

/// Judges the packets of captures by the tables that taps would have.
pub(crate) struct CaptureJudge {
    fanout: Arc<Fanout>,
    state: Mutex<State>,
}

struct State {
    tables: Option<Arc<Tables>>,
    random: Rng,
    /// What was kept since the last batch, by the generation of `tables`.
    kept: Collected,
}

impl CaptureJudge {
    /// `seed` decides which packets are in samples: the same ones in every run.
    pub(crate) fn new(fanout: Arc<Fanout>, seed: u64) -> Self {
        let (tables, random, kept) = (None, Rng::with_seed(seed), Collected::default());
        Self { fanout, state: Mutex::new(State { tables, random, kept }) }
    }

    /// Judge a packet, and publish it with the next batch if somebody wants it. `payload` is
    /// what it has. Waits where a plugin's queue is full.
    pub(crate) fn judge(&self, record: &PacketRecord, keys: &Keys, payload: &[u8]) -> Fate {
        let mut state = self.lock();
        let State { tables, random, .. } = &mut *state;
        let Some(tables) = tables else { return Fate::Uninterested };
        let Judged { matched, kept } = tables.judge(keys, || random.u32(..));
        if matched.is_empty() {
            return Fate::Uninterested;
        }
        if kept.is_empty() {
            return Fate::SampledOut;
        }
        let wanted = tables.payload(kept) as usize;
        if state.kept.records.len() == MAX_BATCH_RECORDS {
            self.publish(&mut state);
        }
        state.kept.push(record, kept, payload.get(..wanted).unwrap_or(payload));
        Fate::Published
    }

    /// Publish what was kept so far.
    pub(crate) fn flush(&self) {
        self.publish(&mut self.lock());
    }

    fn publish(&self, state: &mut State) {
        let next = Collected { generation: state.kept.generation, ..Collected::default() };
        self.fanout.publish(std::mem::replace(&mut state.kept, next));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Judge for CaptureJudge {
    fn install(&self, generation: u32, tables: &Arc<Tables>) -> Result<(), InstallError> {
        let mut state = self.lock();
        self.publish(&mut state);
        state.kept.generation = generation;
        state.tables = Some(Arc::clone(tables));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ringtap_interest::{Filter, Interest};
    use ringtap_pipeline::{
        ledger::ShedReason,
        mask::Mask,
        name::PluginName,
        queue::{Queue, Side, Taken, WhenFull},
        subscriptions::Subscriptions,
    };

    use super::*;

    struct Bench {
        judge: Arc<CaptureJudge>,
        subscriptions: Subscriptions,
        queue: Arc<Queue>,
    }

    impl Bench {
        /// With a plugin that wants UDP.
        fn new() -> Self {
            let fanout = Arc::new(Fanout::default());
            let judge = Arc::new(CaptureJudge::new(Arc::clone(&fanout), 1));
            let subscriptions = Subscriptions::new(fanout, Arc::clone(&judge) as _);
            let queue = Arc::new(Queue::new(1 << 16, WhenFull::DropNewest, Arc::default()));
            let bench = Self { judge, subscriptions, queue };
            assert_eq!(bench.see(17), Fate::Uninterested);
            bench.subscribe("udp", &bench.queue);
            bench
        }

        fn subscribe(&self, filter: &str, queue: &Arc<Queue>) {
            let filter = Filter::parse(filter).unwrap();
            let name = PluginName::new(filter.text()).unwrap();
            let interests = vec![Interest { filter, ..Interest::everything() }];
            self.subscriptions
                .subscribe(name, Arc::clone(queue), interests, Mask::default())
                .unwrap();
        }

        fn see(&self, protocol: u8) -> Fate {
            let (ip_version, ip_len, eth_type) = (4, 20, 0x0800);
            let record =
                PacketRecord { protocol, ip_version, ip_len, eth_type, ..PacketRecord::default() };
            self.judge.judge(&record, &Keys::of(&record), b"")
        }

        /// Records in each batch so far.
        fn batches(&self) -> Vec<usize> {
            self.queue.close(ShedReason::Shutdown);
            let mut batches = Vec::new();
            while let Taken::Batch(queued) = self.queue.take(None) {
                batches.push(queued.view(Side::New).unwrap().batch.len());
            }
            batches
        }
    }

    #[test]
    fn what_nobody_wants_is_not_published() {
        let bench = Bench::new();
        assert_eq!(bench.see(17), Fate::Published);
        assert_eq!(bench.see(6), Fate::Uninterested);
        bench.judge.flush();
        bench.judge.flush();
        assert_eq!(bench.batches(), [1]);
    }

    #[test]
    fn batches_are_bounded_in_records() {
        let bench = Bench::new();
        for _ in 0..=MAX_BATCH_RECORDS {
            bench.see(17);
        }
        bench.see(6);
        bench.judge.flush();
        assert_eq!(bench.batches(), [MAX_BATCH_RECORDS, 1]);
    }

    #[test]
    fn what_older_tables_kept_is_published_before_others_judge() {
        let bench = Bench::new();
        bench.see(17);
        let other = Arc::new(Queue::new(10, WhenFull::DropNewest, Arc::default()));
        bench.subscribe("tcp", &other);
        bench.see(6);
        bench.see(17);
        bench.judge.flush();
        assert_eq!(bench.batches(), [1, 1]);
        assert_eq!(other.ledger().read().published, 1);
        assert_eq!(bench.subscriptions.report().strays, 0);
    }
}
