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
    batch::Batch,
    ledger::ShedReason,
    queue::{Side, Taken, View},
    thin::Thinner,
};

use crate::{
    budget::Verdict,
    call::{Call, CallError},
    engine::THREAD_STACK,
    failure::Fate,
    graph::Outlets,
    instance::{Instance, TimeSource},
    item::Item,
    meter::Meter,
    plugin::Role,
    policy::TrialTerms,
    privileges,
    report::report,
    schedule::Schedule,
    slot::Slot,
    supervisor::OnStop,
    trial::{Frozen, Trial},
    watch::Wake,
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

/// What a worker needs to know beside its plugin.
#[derive(Clone, Debug)]
pub(crate) struct WorkTerms {
    pub(crate) time: TimeSource,
    pub(crate) trial: TrialTerms,
    /// Where what a filter keeps goes.
    pub(crate) outlets: Arc<Outlets>,
    /// Told of the ends of trials and of instances.
    pub(crate) wakes: Sender<Wake>,
    pub(crate) on_stop: OnStop,
}

/// Where a replacement waits until the worker comes to the mark in its queue.
#[derive(Debug, Default)]
struct Handover {
    next: Option<Instance>,
    ended: bool,
}

impl Worker {
    /// Start taking batches from the slot's queue.
    pub(crate) fn start(slot: Arc<Slot>, instance: Instance, terms: WorkTerms) -> io::Result<Self> {
        let handover = Arc::default();
        let (end, ended) = channel();
        let run = Run::new(Arc::clone(&slot), Arc::clone(&handover), instance, terms);
        let name = format!("plugin {}", slot.name);
        thread::Builder::new().name(name).stack_size(THREAD_STACK).spawn(move || {
            privileges::drop_all_or_say();
            run.until_the_end();
            drop(end);
        })?;
        Ok(Self { slot, handover, ended })
    }

    /// Lay `instance` ready to take over at the next mark in the queue, which is for the caller to
    /// set. A verdict tells what became of it. Given back if the worker has ended.
    pub(crate) fn offer(&self, instance: Instance) -> Result<(), Box<Instance>> {
        let mut handover = lock(&self.handover);
        if handover.ended {
            return Err(Box::new(instance));
        }
        handover.next = Some(instance);
        Ok(())
    }

    /// There is no mark and there will be none: the instance before stays.
    pub(crate) fn withdraw(&self) {
        // Dropped when the lock is no longer held: to end an instance takes a while.
        let instance = self.take_back();
        // The one before may have died, and then the worker waits for the mark.
        self.slot.queue.wake();
        drop(instance);
    }

    /// Whether the worker has not come to the mark yet.
    pub(crate) fn has_offer(&self) -> bool {
        lock(&self.handover).next.is_some()
    }

    /// What was offered and is not taken, as it never is by a worker that has ended.
    pub(crate) fn take_back(&self) -> Option<Instance> {
        lock(&self.handover).next.take()
    }

    /// Whether it has come to its end, so that what is offered stays with who offers it. It is before
    /// anybody is told that it failed; its thread may be there for a moment longer.
    pub(crate) fn takes_no_more(&self) -> bool {
        lock(&self.handover).ended
    }

    /// Wait for the end of a worker whose queue was closed; whether it came in time.
    pub(crate) fn wait(&self, patience: Option<Duration>) -> bool {
        match patience {
            None => self.ended.recv().is_err(),
            Some(time) => self.ended.recv_timeout(time) == Err(RecvTimeoutError::Disconnected),
        }
    }
}

/// The worker's side.
struct Run {
    slot: Arc<Slot>,
    handover: Arc<Mutex<Handover>>,
    /// The one that is called: on trial while there is a trial, else in charge.
    instance: Instance,
    schedule: Schedule,
    trial: Option<Trial>,
    meter: Arc<Meter>,
    thinner: Thinner,
    terms: WorkTerms,
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
        terms: WorkTerms,
    ) -> Self {
        let schedule = schedule(&instance, terms.time);
        instance.take_over();
        slot.run(instance.plugin(), false);
        slot.note_memory(instance.memory_bytes());
        let (meter, thinner) = (Arc::clone(instance.meter()), Thinner::new(fastrand::u64(..)));
        Self { slot, handover, instance, schedule, trial: None, meter, thinner, terms }
    }

    fn until_the_end(mut self) {
        while let End::Failed(error) = self.until_an_end() {
            self.bury(&error);
            match self.successor() {
                Some(next) => self.succeed(next),
                None => return,
            }
        }
        self.pass();
        self.stop();
        self.end();
    }

    fn until_an_end(&mut self) -> End {
        loop {
            let result = match self.slot.queue.take(self.deadline()) {
                Taken::Batch(queued) => self.take(Item::Records(queued)),
                Taken::Events(queued) => self.take(Item::Events(queued)),
                Taken::Handover => self.hand_over(),
                Taken::Time(now_ns) => self.tick_in_capture(now_ns),
                Taken::Nothing => Ok(()),
                Taken::Closed => return End::Closed,
            };
            if let Err(error) = result.and_then(|()| self.tick_if_due()) {
                return End::Failed(error);
            }
            if self.trial_is_over() {
                self.pass();
            }
        }
    }

    /// When to look again although nothing came.
    fn deadline(&self) -> Option<Instant> {
        let trial = self.trial.as_ref().map(Trial::until);
        self.schedule.deadline().into_iter().chain(trial).min()
    }

    fn trial_is_over(&self) -> bool {
        let is_over = |trial: &Trial| self.instance.holds_much() || trial.is_over(Instant::now());
        self.trial.as_ref().is_some_and(is_over)
    }

    /// Have the instance that is called take an item. On trial that counts when there is a verdict; a
    /// failure is one, and then the old version gets what it has missed.
    fn take(&mut self, item: Item) -> Result<(), CallError> {
        if self.trial.is_none() {
            return self.give(&item, Side::New);
        }
        let result = self.work_on(&item, Side::New);
        let Some(trial) = &mut self.trial else { return Ok(()) };
        trial.keep(item);
        match result {
            Ok(kept) => {
                trial.held.extend(kept);
                Ok(())
            }
            Err(error) => self.roll_back(&report(&error)),
        }
    }

    /// Give what is `side`'s to the instance that is in charge, as much as its budget allows, and
    /// count it.
    fn give(&mut self, item: &Item, side: Side) -> Result<(), CallError> {
        let ledger = item.ledger();
        let (items, result) = match (self.meter.verdict(Instant::now()), item) {
            (Verdict::Suspended { .. }, _) => {
                item.shed(&self.slot.queue, ShedReason::Budget);
                return Ok(());
            }
            (Verdict::Sampled { one_in }, Item::Records(queued)) => {
                let Some(view) = queued.view(side) else { return Ok(()) };
                let Some(thinned) = view.thin(one_in, &mut self.thinner) else {
                    item.shed(&self.slot.queue, ShedReason::Budget);
                    return Ok(());
                };
                let kept = thinned.batch.len();
                ledger.shed(ShedReason::Budget, (view.batch.len() - kept) as u64);
                (kept, self.work(&thinned))
            }
            // Of events no samples are made: they can't say that they are one.
            (Verdict::Full | Verdict::Sampled { .. }, _) => {
                (item.len(side), self.work_on(item, side))
            }
        };
        match result {
            Ok(kept) => {
                ledger.deliver(items as u64);
                kept.iter().for_each(|kept| self.terms.outlets.records(kept));
                Ok(())
            }
            Err(error) => {
                ledger.fail(items as u64);
                Err(error)
            }
        }
    }

    /// Call the instance with what is `side`'s. Returns what a filter keeps, if that is any.
    fn work_on(&mut self, item: &Item, side: Side) -> Result<Option<Arc<Batch>>, CallError> {
        match item {
            Item::Records(queued) => queued.view(side).map_or(Ok(None), |view| self.work(view)),
            Item::Events(queued) => {
                let Some(view) = queued.view(side) else { return Ok(None) };
                self.call(Call::OnEvents, |instance| instance.on_events(&view.batch))?;
                Ok(None)
            }
        }
    }

    /// Call the instance with records. Returns what a filter keeps, if that is any.
    fn work(&mut self, view: &View) -> Result<Option<Arc<Batch>>, CallError> {
        let batch = &view.batch;
        self.instance.advance(batch.latest_ns().unwrap_or_default());
        if self.instance.role() != Some(Role::Filter) {
            self.call(Call::OnPackets, |instance| instance.on_packets(view))?;
            return Ok(None);
        }
        let bitmap = self.call(Call::Keep, |instance| instance.keep(view))?;
        Ok(match bitmap.kept() {
            0 => None,
            all if all == batch.len() => Some(Arc::clone(batch)),
            _ => Some(Arc::new(batch.pick(bitmap.pick(&batch.records)))),
        })
    }

    /// Ticks come at marks of time only: these are the same for every plugin, whatever it wants.
    fn tick_in_capture(&mut self, now_ns: u64) -> Result<(), CallError> {
        self.instance.advance(now_ns);
        let due = self.schedule.is_due_in_capture(self.instance.now());
        let result = if due { self.tick() } else { Ok(()) };
        self.terms.outlets.pass_time(now_ns);
        result
    }

    fn tick_if_due(&mut self) -> Result<(), CallError> {
        let now = Instant::now();
        let due = self.schedule.is_due(now);
        // One that is suspended misses ticks as it misses records.
        let may = due && !matches!(self.meter.verdict(now), Verdict::Suspended { .. });
        if may { self.tick() } else { Ok(()) }
    }

    fn tick(&mut self) -> Result<(), CallError> {
        match self.call(Call::Tick, Instance::tick) {
            Err(error) if self.trial.is_some() => self.roll_back(&report(&error)),
            result => result,
        }
    }

    /// At the mark: put the instance that lies ready on trial, with what the one before has saved.
    fn hand_over(&mut self) -> Result<(), CallError> {
        let Some(mut next) = self.take_next() else { return Ok(()) };
        let began = Instant::now();
        next.advance(self.instance.captured_until());
        let handed_on = match self.hand_on(&mut next) {
            Ok(handed_on) => handed_on,
            Err(HandOn::Declined(reason)) => {
                self.decide(Side::Old, Some(reason));
                return Ok(());
            }
            Err(HandOn::Died(error)) => {
                self.say_dead(&error);
                self.succeed(next);
                return Ok(());
            }
        };
        let schedule = schedule(&next, self.terms.time);
        let old = Frozen {
            instance: std::mem::replace(&mut self.instance, next),
            schedule: std::mem::replace(&mut self.schedule, schedule),
        };
        let records = self.slot.queue.capacity();
        self.trial = Some(Trial::new(old, handed_on, &self.terms.trial, records));
        self.note_instance();
        self.slot.note_handover(began.elapsed());
        Ok(())
    }

    /// Whether the next version goes on from what this one knows.
    fn hand_on(&mut self, next: &mut Instance) -> Result<bool, HandOn> {
        let states = |instance: &Instance| instance.plugin().description().state;
        let (Some(schema), Some(_)) = (states(&self.instance), states(next)) else {
            return Ok(false);
        };
        let saved = match self.call(Call::Save, Instance::save) {
            Ok(Ok(saved)) => saved,
            Ok(Err(refusal)) => {
                return Err(HandOn::Declined(format!(
                    "the old version does not hand on its state: {refusal}"
                )));
            }
            Err(error) => return Err(HandOn::Died(error)),
        };
        let restore = |next: &mut Instance| next.restore(schema.writes, &saved);
        match timed(&self.slot, Call::Restore, next, restore) {
            Ok(Ok(())) => Ok(true),
            Ok(Err(refusal)) => Err(HandOn::Declined(format!(
                "it does not take the old version's state: {refusal}"
            ))),
            Err(error) => Err(HandOn::Declined(report(&error))),
        }
    }

    /// The trial is passed, if there is one: what the new version did takes effect.
    fn pass(&mut self) {
        let Some(mut trial) = self.trial.take() else { return };
        self.slot.queue.conclude(Side::New);
        if !trial.handed_on {
            stop(&self.slot, &mut trial.old.instance);
        }
        self.instance.take_over();
        trial.held.iter().for_each(|kept| self.terms.outlets.records(kept));
        for item in &trial.kept {
            item.ledger().deliver(item.len(Side::New) as u64);
        }
        self.note_instance();
        self.tell(Side::New, None);
    }

    /// The new version failed on trial: as if it had never been. The old one gets what came since.
    fn roll_back(&mut self, reason: &str) -> Result<(), CallError> {
        let Some(Trial { old, kept, .. }) = self.trial.take() else { return Ok(()) };
        (self.instance, self.schedule) = (old.instance, old.schedule);
        self.note_instance();
        self.decide(Side::Old, Some(reason.to_owned()));
        let mut kept = kept.into_iter();
        while let Some(item) = kept.next() {
            let result = self.give(&item, Side::Old).and_then(|()| self.tick_if_due());
            if result.is_err() {
                kept.for_each(|item| item.shed(&self.slot.queue, ShedReason::NoInstance));
                return result;
            }
        }
        Ok(())
    }

    /// Settle for whom records are from here on, and say so.
    fn decide(&self, winner: Side, reason: Option<String>) {
        self.slot.queue.conclude(winner);
        self.tell(winner, reason);
    }

    fn tell(&self, winner: Side, reason: Option<String>) {
        let plugin = self.slot.name.clone();
        // Nobody listens any more during a shutdown.
        self.terms.wakes.send(Wake::Verdict { plugin, winner, reason }).ok();
    }

    fn take_next(&self) -> Option<Instance> {
        lock(&self.handover).next.take()
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
                handover.ended = true;
                drop(handover);
                self.say_failed();
                return None;
            }
            drop(handover);
            let shed = |item: Item| item.shed(&self.slot.queue, ShedReason::NoInstance);
            match self.slot.queue.take(None) {
                Taken::Batch(queued) => shed(Item::Records(queued)),
                Taken::Events(queued) => shed(Item::Events(queued)),
                Taken::Handover => match self.take_next() {
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

    /// Take over from an instance that is dead: there is no way back, and so no trial.
    fn succeed(&mut self, mut next: Instance) {
        next.advance(self.instance.captured_until());
        next.take_over();
        self.schedule = schedule(&next, self.terms.time);
        self.instance = next;
        self.note_instance();
        self.decide(Side::New, None);
    }

    /// Show which instance is called now.
    fn note_instance(&self) {
        self.slot.run(self.instance.plugin(), self.trial.is_some());
        self.slot.note_memory(self.instance.memory_bytes());
    }

    /// What lies ready is left for who offered it.
    fn end(&self) {
        lock(&self.handover).ended = true;
    }

    fn say_failed(&self) {
        // Nobody listens any more during a shutdown.
        self.terms.wakes.send(Wake::Failed { plugin: self.slot.name.clone() }).ok();
    }

    fn stop(&mut self) {
        stop(&self.slot, &mut self.instance);
        self.slot.note_memory(0);
    }

    /// The instance is dead; its slot goes on.
    fn bury(&self, error: &CallError) {
        let reason = report(error);
        let fate = self.slot.fail(reason.clone());
        tracing::error!(plugin = %self.slot.name, "the plugin has failed, {fate}: {reason}");
        self.slot.note_memory(0);
        // Before anything else happens: a capture goes on as soon as the queue is closed.
        if fate == Fate::StopRuntime {
            (self.terms.on_stop.0)(&self.slot.name, &reason);
        }
    }

    fn say_dead(&self, error: &CallError) {
        let plugin = &self.slot.name;
        tracing::error!(%plugin, "the old version died when it was to hand on its state, the new one starts without: {}", report(error));
    }

    fn call<T>(&mut self, call: Call, run: impl FnOnce(&mut Instance) -> T) -> T {
        let result = timed(&self.slot, call, &mut self.instance, run);
        self.slot.note_memory(self.instance.memory_bytes());
        result
    }
}

/// Why a version does not get to go on from another.
enum HandOn {
    /// The old one refuses, or the new one does or fails.
    Declined(String),
    /// The old one has died over it.
    Died(CallError),
}

impl Drop for Run {
    /// Nobody may wait for a worker that a bug of ours ended.
    fn drop(&mut self) {
        let mut handover = lock(&self.handover);
        if !handover.ended {
            handover.ended = true;
            self.slot.quarantine("its worker panicked: this is a bug in ringtap".to_owned());
            self.slot.queue.abandon(ShedReason::NoInstance);
            // It is over for either, and their counts have to come together again.
            if let Some(Trial { kept, .. }) = self.trial.take() {
                self.slot.queue.conclude(Side::Old);
                kept.iter().for_each(|item| item.shed(&self.slot.queue, ShedReason::NoInstance));
            }
            drop(handover);
            self.say_failed();
        }
    }
}

fn schedule(instance: &Instance, time: TimeSource) -> Schedule {
    Schedule::new(instance.plugin().description().tick_ms, time, Instant::now())
}

fn stop(slot: &Slot, instance: &mut Instance) {
    if let Err(error) = timed(slot, Call::Stop, instance, Instance::stop) {
        let plugin = &slot.name;
        tracing::error!(%plugin, "what the plugin still held is lost: {}", report(&error));
    }
}

fn timed<T>(
    slot: &Slot,
    call: Call,
    instance: &mut Instance,
    run: impl FnOnce(&mut Instance) -> T,
) -> T {
    let start = Instant::now();
    let result = run(instance);
    slot.note_call(call, start.elapsed());
    result
}

fn lock(handover: &Mutex<Handover>) -> MutexGuard<'_, Handover> {
    handover.lock().unwrap_or_else(PoisonError::into_inner)
}
