//! Who wants what: plugins' interests, compiled to tables that judge packets, and to routes by which
//! records find their plugins.
//!
//! ```text
//!  interests ─► tables ─► judge: packet ─► bits of rules ─► fan-out: bits ─► queues
//!            └► routes ──────────────────────────────────────┘
//! ```
//! Tables and routes are of one generation, and routes are there before the tables judge. Every
//! change makes a new generation, so a record is always routed by what judged it.
//!
//! While a version is on trial, the interests of both are compiled and installed, and a record goes
//! into the plugin's queue with what it is to each.

mod error;
mod report;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ringtap_interest::{Interest, RuleSet, Tables};

pub use self::{
    error::SubscribeError,
    report::{PluginInterests, Report},
};
use crate::{
    fanout::Fanout,
    judge::Judge,
    ledger::ShedReason,
    mask::Mask,
    name::PluginName,
    queue::{Queue, Side},
    routes::{Routes, Wanted},
    wants::Wants,
};

/// The plugins that take records, and what each wants. All operations are serialised; each may take
/// as long as the judge takes to change its tables.
pub struct Subscriptions {
    fanout: Arc<Fanout>,
    judge: Arc<dyn Judge>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The last one that was tried. None is ever used again.
    generation: u32,
    installed: Option<Installed>,
    subscribers: Vec<Subscriber>,
    /// Names and indexes.
    interfaces: Vec<(String, u32)>,
}

struct Installed {
    generation: u32,
    tables: Arc<Tables>,
}

struct Subscriber {
    name: PluginName,
    queue: Arc<Queue>,
    interests: Vec<Interest>,
    mask: Mask,
    trial: Option<Trial>,
    /// By the tables that are installed.
    wanted: Wanted,
}

/// What the version on trial wants.
enum Trial {
    /// The same as the one before.
    Same,
    Other(Vec<Interest>),
}

/// Interests of one version of a plugin.
#[derive(Clone, Copy)]
struct List<'a> {
    plugin: &'a PluginName,
    interests: &'a [Interest],
    mask: Mask,
}

impl Subscriptions {
    /// Without plugins: nothing is installed until one wants something.
    pub fn new(fanout: Arc<Fanout>, judge: Arc<dyn Judge>) -> Self {
        Self { fanout, judge, state: Mutex::default() }
    }

    /// Feed `queue` with what the plugin wants, from the moment that its interests are installed, and
    /// masked: a version that replaces it has the same mask. Without interests it gets nothing. On an
    /// error all is as before and the queue is closed.
    pub fn subscribe(
        &self,
        name: PluginName,
        queue: Arc<Queue>,
        interests: Vec<Interest>,
        mask: Mask,
    ) -> Result<(), SubscribeError> {
        let mut state = self.lock();
        if state.position(&name).is_ok() {
            return Err(SubscribeError::Subscribed { plugin: name });
        }
        let install = !interests.is_empty();
        let wanted = Wanted::default();
        state.subscribers.push(Subscriber { name, queue, interests, mask, trial: None, wanted });
        if !install {
            return Ok(());
        }
        self.install(&mut state, None).map(drop).inspect_err(|_| {
            if let Some(refused) = state.subscribers.pop() {
                refused.queue.abandon(ShedReason::NoInstance);
            }
        })
    }

    /// Close the plugin's queue and feed it no more; what is inside can still be taken. It is gone
    /// also where its interests could not be taken out of the tables, which is the error then. A trial
    /// that is not over is for its worker to [conclude](Queue::conclude).
    pub fn unsubscribe(&self, name: &PluginName) -> Result<(), SubscribeError> {
        let mut state = self.lock();
        let at = state.position(name)?;
        let gone = state.subscribers.remove(at);
        gone.queue.close(ShedReason::NoInstance);
        self.fanout.remove(name);
        if gone.lists().all(|list| list.interests.is_empty()) {
            return Ok(());
        }
        self.install(&mut state, None).map(drop)
    }

    /// Change what a plugin wants, because another instance takes over, and put a mark into its queue:
    /// records before it are for the old instance, with bits of the old interests, those behind it for
    /// the new one. None is skipped, and none is for both.
    ///
    /// Where interests are the same, the mark stands in front of all that waits. On an error there is
    /// no mark, and all is as before.
    pub fn replace(
        &self,
        name: &PluginName,
        interests: Vec<Interest>,
    ) -> Result<(), SubscribeError> {
        let mut state = self.lock();
        let at = state.position(name)?;
        self.begin(&mut state, at, interests)?;
        self.end(&mut state, at, Side::New)
    }

    /// Have a plugin wait, with what it wants, for what becomes of a version that is on trial and
    /// wants this. A mark is put into its queue: records before it are for the old version; those
    /// behind it have a [view](crate::queue::Queued::view) for each, until
    /// [`Queue::conclude`] says which counts. The sooner [`end_trial`](Self::end_trial) follows, the
    /// sooner packets are no longer collected for the other.
    ///
    /// Where interests are the same, the mark stands in front of all that waits, and the two views are
    /// one. On an error there is no mark, and all is as before.
    pub fn begin_trial(
        &self,
        name: &PluginName,
        interests: Vec<Interest>,
    ) -> Result<(), SubscribeError> {
        let mut state = self.lock();
        let at = state.position(name)?;
        self.begin(&mut state, at, interests)
    }

    /// Take out the interests of the version that lost. Where [`Queue::conclude`] has said before who
    /// won, that holds; else this says it. Where new tables can't be installed, packets that only the
    /// loser wanted go on to be collected, for nobody, until the next change; that is logged and no
    /// error.
    pub fn end_trial(&self, name: &PluginName, winner: Side) -> Result<(), SubscribeError> {
        let mut state = self.lock();
        let at = state.position(name)?;
        self.end(&mut state, at, winner)
    }

    /// Tell which interfaces there are taps on, by name and index. Filters that name interfaces are
    /// compiled anew; where that fails, the tables before stay, and the next change tries again.
    pub fn set_interfaces(&self, interfaces: Vec<(String, u32)>) -> Result<(), SubscribeError> {
        let mut state = self.lock();
        if state.interfaces == interfaces {
            return Ok(());
        }
        state.interfaces = interfaces;
        let named = state.interests().any(|interest| !interest.filter.interfaces().is_empty());
        if named { self.install(&mut state, None).map(drop) } else { Ok(()) }
    }

    /// Tell every plugin, those that want nothing included, that a capture has come to `now_ns`, Unix
    /// time. It stands behind all that was published, and waits in front of a plugin that is slow.
    pub fn pass_time(&self, now_ns: u64) {
        let state = self.lock();
        let queues: Vec<_> = state.subscribers.iter().map(|one| Arc::clone(&one.queue)).collect();
        drop(state);
        queues.iter().for_each(|queue| queue.pass_time(now_ns));
    }

    /// What every plugin wants, and what it became.
    pub fn report(&self) -> Report {
        let state = self.lock();
        Report {
            generation: state.installed.as_ref().map(|installed| installed.generation),
            rules: state.installed.as_ref().map_or(0, |installed| installed.tables.rules().len()),
            strays: self.fanout.strays(),
            plugins: state.subscribers.iter().map(PluginInterests::new).collect(),
        }
    }

    fn begin(
        &self,
        state: &mut State,
        at: usize,
        interests: Vec<Interest>,
    ) -> Result<(), SubscribeError> {
        let Subscriber { name, queue, mask, trial, .. } = &state.subscribers[at];
        let (name, queue, mask) = (name.clone(), Arc::clone(queue), *mask);
        if trial.is_some() {
            return Err(SubscribeError::OnTrial { plugin: name });
        }
        if state.subscribers[at].interests == interests {
            state.subscribers[at].trial = Some(Trial::Same);
            queue.begin_trial_of(false);
            return Ok(());
        }
        let incoming = List { plugin: &name, interests: &interests, mask };
        let (generation, wants) = self.install(state, Some(incoming))?;
        let subscriber = &mut state.subscribers[at];
        subscriber.trial = Some(Trial::Other(interests));
        subscriber.wanted.on_trial = Some(wants);
        self.fanout.switch(state.routes(generation), &name, || queue.begin_trial_of(true));
        Ok(())
    }

    fn end(&self, state: &mut State, at: usize, winner: Side) -> Result<(), SubscribeError> {
        let subscriber = &mut state.subscribers[at];
        let name = subscriber.name.clone();
        let Some(trial) = subscriber.trial.take() else {
            return Err(SubscribeError::NotOnTrial { plugin: name });
        };
        let winner = subscriber.queue.conclude(winner);
        let Trial::Other(interests) = trial else { return Ok(()) };
        let wants = subscriber.wanted.on_trial.take().unwrap_or_default();
        if winner == Side::New {
            (subscriber.interests, subscriber.wanted.now) = (interests, wants);
        }
        if let Some(Installed { generation, .. }) = state.installed {
            self.fanout.switch(state.routes(generation), &name, || {});
        }
        if let Err(error) = self.install(state, None) {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(plugin = %name, error, "packets that only its last version wanted are still collected, for nobody");
        }
        Ok(())
    }

    /// Install tables of all interests, those of an `incoming` version included, which has no route
    /// yet. Returns what that one wants.
    fn install(
        &self,
        state: &mut State,
        incoming: Option<List<'_>>,
    ) -> Result<(u32, Wants), SubscribeError> {
        let lists: Vec<_> =
            state.subscribers.iter().flat_map(Subscriber::lists).chain(incoming).collect();
        let (tables, wants) = compile(&lists, &state.interfaces)?;
        let mut wants = wants.into_iter();
        let mut wanted = Vec::new();
        for subscriber in &state.subscribers {
            let mut one = wants.by_ref().take(subscriber.lists().count());
            let (now, on_trial) = (one.next().unwrap_or_default(), one.next());
            wanted.push(Wanted { now, on_trial });
        }

        state.generation = state.generation.wrapping_add(1);
        let generation = state.generation;
        self.fanout.add(routes(generation, state.subscribers.iter().zip(wanted.iter().cloned())));
        let tables = Arc::new(tables);
        if let Err(source) = self.judge.install(generation, &tables) {
            self.fanout.forget(generation);
            return Err(SubscribeError::Install(source));
        }
        for (subscriber, wanted) in state.subscribers.iter_mut().zip(wanted) {
            subscriber.wanted = wanted;
        }
        state.installed = Some(Installed { generation, tables });
        Ok((generation, wants.next().unwrap_or_default()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn position(&self, name: &PluginName) -> Result<usize, SubscribeError> {
        let found = self.subscribers.iter().position(|subscriber| subscriber.name == *name);
        found.ok_or_else(|| SubscribeError::NotSubscribed { plugin: name.clone() })
    }

    fn interests(&self) -> impl Iterator<Item = &Interest> {
        self.subscribers.iter().flat_map(Subscriber::lists).flat_map(|list| list.interests)
    }

    /// By what every subscriber wants of the tables that are installed.
    fn routes(&self, generation: u32) -> Routes {
        routes(generation, self.subscribers.iter().map(|one| (one, one.wanted.clone())))
    }
}

impl Subscriber {
    /// What it wants, and what the version on trial wants where that is something else.
    fn lists(&self) -> impl Iterator<Item = List<'_>> {
        let list = |interests| List { plugin: &self.name, interests, mask: self.mask };
        let other = match &self.trial {
            Some(Trial::Other(interests)) => Some(&interests[..]),
            Some(Trial::Same) | None => None,
        };
        std::iter::once(&self.interests[..]).chain(other).map(list)
    }
}

fn routes<'a>(generation: u32, of: impl IntoIterator<Item = (&'a Subscriber, Wanted)>) -> Routes {
    let mut routes = Routes::new(generation);
    for (subscriber, wanted) in of {
        routes.add(subscriber.name.clone(), Arc::clone(&subscriber.queue), wanted);
    }
    routes
}

/// Tables of the interests of all lists, one after the other, and what each list wants of them.
fn compile(
    lists: &[List<'_>],
    interfaces: &[(String, u32)],
) -> Result<(Tables, Vec<Wants>), SubscribeError> {
    let interfaces: Vec<_> =
        interfaces.iter().map(|(name, index)| (name.as_str(), *index)).collect();
    let interests: Vec<_> = lists.iter().flat_map(|list| list.interests).collect();
    let tables = Tables::compile(&interests, &interfaces)
        .map_err(|error| SubscribeError::compile(error, lists))?;
    let mut bits = (0..).map(|number| tables.interest(number).unwrap_or(RuleSet::EMPTY));
    let wants =
        lists.iter().map(|list| Wants::new(list.interests.iter().zip(bits.by_ref()), list.mask));
    let wants = wants.collect();
    Ok((tables, wants))
}
