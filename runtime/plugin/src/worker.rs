use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use ringtap_pipeline::{
    ledger::ShedReason,
    queue::{Queued, Side, Taken},
};

use crate::{
    call::{Call, CallError},
    engine::THREAD_STACK,
    instance::{Instance, TimeSource},
    report::report,
    schedule::Schedule,
    slot::Slot,
};

/// Runs a plugin's instance on a thread of its own until its queue is closed and empty, or a call
/// fails. The thread shares nothing with other plugins, so nothing that happens here reaches them.
#[derive(Debug)]
pub(crate) struct Worker {
    slot: Arc<Slot>,
    handover: Arc<Mutex<Handover>>,
    /// Closed when the thread ends.
    ended: Receiver<()>,
}

/// Where a replacement waits until the worker comes to the mark in its queue.
#[derive(Debug, Default)]
struct Handover {
    next: Option<Instance>,
    /// Dropped when `next` was taken, or nobody will take it any more.
    waiting: Option<Sender<()>>,
    ended: bool,
}

impl Worker {
    /// Start taking batches from the slot's queue.
    pub(crate) fn start(slot: Arc<Slot>, instance: Instance, time: TimeSource) -> io::Result<Self> {
        let handover = Arc::default();
        let (end, ended) = channel();
        let run = Run::new(Arc::clone(&slot), Arc::clone(&handover), instance, time);
        let name = format!("plugin {}", slot.name);
        thread::Builder::new().name(name).stack_size(THREAD_STACK).spawn(move || {
            run.until_the_end();
            drop(end);
        })?;
        Ok(Self { slot, handover, ended })
    }

    /// Lay `instance` ready to take over at the next mark in the queue, which is for the caller to
    /// set. Given back if the worker has ended and nobody takes it.
    pub(crate) fn offer(&self, instance: Instance) -> Result<Offer<'_>, Box<Instance>> {
        let (waiting, taken) = channel();
        let mut handover = lock(&self.handover);
        if handover.ended {
            return Err(Box::new(instance));
        }
        (handover.next, handover.waiting) = (Some(instance), Some(waiting));
        drop(handover);
        Ok(Offer { worker: self, taken })
    }

    /// Wait for the end of a worker whose queue was closed; whether it came in time.
    pub(crate) fn wait(&self, patience: Option<Duration>) -> bool {
        match patience {
            None => self.ended.recv().is_err(),
            Some(time) => self.ended.recv_timeout(time) == Err(RecvTimeoutError::Disconnected),
        }
    }
}

/// An instance that is ready to take over.
pub(crate) struct Offer<'a> {
    worker: &'a Worker,
    /// Closed when the instance was taken, or nobody will take it any more.
    taken: Receiver<()>,
}

impl Offer<'_> {
    /// There is no mark and there will be none: the instance before stays.
    pub(crate) fn withdraw(self) {
        // Dropped when the lock is no longer held: to end an instance takes a while.
        let instance = lock(&self.worker.handover).next.take();
        // The one before may have died, and then its worker waits for the mark.
        self.worker.slot.queue.wake();
        drop(instance);
    }

    /// Wait until the worker has come to the mark. What is queued in front of it after `patience` is
    /// shed. The instance is given back if the worker has ended instead.
    pub(crate) fn wait(self, patience: Option<Duration>) -> Result<(), Box<Instance>> {
        let Self { worker, taken } = self;
        // Nothing is ever sent; that the sender goes is the answer.
        if let Some(time) = patience
            && taken.recv_timeout(time) == Err(RecvTimeoutError::Timeout)
        {
            let plugin = &worker.slot.name;
            tracing::warn!(%plugin, "what is still queued for its last version is shed: that took more than {time:?} for it");
            worker.slot.queue.shed_to_mark();
        }
        taken.recv().ok();
        lock(&worker.handover).next.take().map_or(Ok(()), |instance| Err(Box::new(instance)))
    }
}

/// The worker's side.
struct Run {
    slot: Arc<Slot>,
    handover: Arc<Mutex<Handover>>,
    instance: Instance,
    schedule: Schedule,
    time: TimeSource,
}

/// Why the thread ends.
enum End {
    /// The queue is closed and empty.
    Closed,
    /// A call failed: the instance is dead.
    Failed(CallError),
}

impl Run {
    fn new(
        slot: Arc<Slot>,
        handover: Arc<Mutex<Handover>>,
        mut instance: Instance,
        time: TimeSource,
    ) -> Self {
        let schedule = take_over(&slot, &mut instance, time);
        Self { slot, handover, instance, schedule, time }
    }

    fn until_the_end(mut self) {
        while let End::Failed(error) = self.until_an_end() {
            self.bury(&error);
            match self.successor() {
                Some(next) => self.adopt(next),
                None => return,
            }
        }
        self.stop();
        self.end();
    }

    fn until_an_end(&mut self) -> End {
        loop {
            let result = match self.slot.queue.take(self.schedule.deadline()) {
                Taken::Batch(queued) => self.deliver(&queued),
                Taken::Events(queued) => {
                    self.slot.queue.shed(&queued, ShedReason::NoInstance);
                    Ok(())
                }
                Taken::Handover => {
                    self.hand_over();
                    Ok(())
                }
                Taken::Time(now_ns) => self.tick_in_capture(now_ns),
                Taken::Nothing => Ok(()),
                Taken::Closed => return End::Closed,
            };
            if let Err(error) = result.and_then(|()| self.tick_if_due()) {
                return End::Failed(error);
            }
        }
    }

    fn hand_over(&mut self) {
        let next = lock(&self.handover).next.take();
        if let Some(next) = next {
            self.stop();
            self.adopt(next);
        }
    }

    /// The replacement that lies ready while the old instance has died. What comes before the mark
    /// was routed to the dead one, so it is shed.
    fn successor(&self) -> Option<Instance> {
        loop {
            let mut handover = lock(&self.handover);
            if handover.next.is_none() {
                // Before anybody can know that this has ended, and open the queue again. The feeding
                // side must not wait for someone who never takes.
                self.slot.queue.abandon(ShedReason::NoInstance);
                (handover.waiting, handover.ended) = (None, true);
                return None;
            }
            drop(handover);
            match self.slot.queue.take(None) {
                Taken::Batch(queued) => self.slot.queue.shed(&queued, ShedReason::NoInstance),
                Taken::Events(queued) => self.slot.queue.shed(&queued, ShedReason::NoInstance),
                Taken::Handover => match lock(&self.handover).next.take() {
                    None => {}
                    next => return next,
                },
                Taken::Time(_) | Taken::Nothing => {}
                Taken::Closed => {
                    self.end();
                    return None;
                }
            }
        }
    }

    /// What lies ready is left for whoever offered it.
    fn end(&self) {
        let mut handover = lock(&self.handover);
        (handover.waiting, handover.ended) = (None, true);
    }

    fn deliver(&mut self, queued: &Queued) -> Result<(), CallError> {
        let Some(view) = queued.view(Side::New) else { return Ok(()) };
        let records = view.batch.len() as u64;
        self.instance.advance(view.batch.latest_ns().unwrap_or_default());
        let result = self.call(Call::OnPackets, |instance| instance.on_packets(view));
        match result {
            Ok(()) => queued.ledger().deliver(records),
            Err(_) => queued.ledger().fail(records),
        }
        result
    }

    /// Ticks come at marks of time only: these are the same for every plugin, whatever it wants.
    fn tick_in_capture(&mut self, now_ns: u64) -> Result<(), CallError> {
        self.instance.advance(now_ns);
        if !self.schedule.is_due_in_capture(self.instance.now()) {
            return Ok(());
        }
        self.call(Call::Tick, Instance::tick)
    }

    fn tick_if_due(&mut self) -> Result<(), CallError> {
        if self.schedule.is_due(Instant::now()) {
            return self.call(Call::Tick, Instance::tick);
        }
        Ok(())
    }

    fn adopt(&mut self, mut next: Instance) {
        next.advance(self.instance.captured_until());
        self.schedule = take_over(&self.slot, &mut next, self.time);
        self.instance = next;
        lock(&self.handover).waiting = None;
    }

    fn stop(&mut self) {
        if let Err(error) = self.call(Call::Stop, Instance::stop) {
            let plugin = &self.slot.name;
            tracing::error!(%plugin, "what the plugin still held is lost: {}", report(&error));
        }
    }

    /// The instance is dead; its slot goes on.
    fn bury(&self, error: &CallError) {
        let reason = report(error);
        tracing::error!(plugin = %self.slot.name, "the plugin is dead, its records are shed until its file changes: {reason}");
        self.slot.fail(reason);
        self.slot.note_memory(0);
    }

    fn call<T>(&mut self, call: Call, run: impl FnOnce(&mut Instance) -> T) -> T {
        let start = Instant::now();
        let result = run(&mut self.instance);
        self.slot.note_call(call, start.elapsed());
        self.slot.note_memory(self.instance.memory_bytes());
        result
    }
}

impl Drop for Run {
    /// Nobody may wait for a worker that a bug of ours ended.
    fn drop(&mut self) {
        let mut handover = lock(&self.handover);
        if !handover.ended {
            (handover.waiting, handover.ended) = (None, true);
            self.slot.fail("its worker panicked: this is a bug in ringtap".to_owned());
            self.slot.queue.abandon(ShedReason::NoInstance);
        }
    }
}

fn take_over(slot: &Slot, instance: &mut Instance, time: TimeSource) -> Schedule {
    instance.take_over();
    let plugin = instance.plugin();
    slot.run(plugin.description().clone(), plugin.digest());
    slot.note_memory(instance.memory_bytes());
    Schedule::new(plugin.description().tick_ms, time, Instant::now())
}

fn lock(handover: &Mutex<Handover>) -> MutexGuard<'_, Handover> {
    handover.lock().unwrap_or_else(PoisonError::into_inner)
}
