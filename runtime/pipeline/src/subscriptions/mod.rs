//! Who wants what: plugins' interests, compiled to tables that judge packets, and to routes by which
//! records find their plugins.
//!
//! ```text
//!  interests ─► tables ─► judge: packet ─► bits of rules ─► fan-out: bits ─► queues
//!            └► routes ──────────────────────────────────────┘
//! ```
//! Tables and routes are of one generation, and routes are there before the tables judge. Every
//! change makes a new generation, so a record is always routed by what judged it.

mod error;
mod report;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ringtap_interest::{CompileError, Interest, RuleSet, Tables};

pub use self::{
    error::SubscribeError,
    report::{PluginInterests, Report},
};
use crate::{
    fanout::Fanout, judge::Judge, name::PluginName, queue::Queue, routes::Routes, wants::Wants,
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
    /// By the tables that are installed.
    wants: Wants,
}

impl Subscriptions {
    /// Without plugins: nothing is installed until one wants something.
    pub fn new(fanout: Arc<Fanout>, judge: Arc<dyn Judge>) -> Self {
        Self { fanout, judge, state: Mutex::default() }
    }

    /// Feed `queue` with what the plugin wants, from the moment that its interests are installed.
    /// Without interests it gets nothing. On an error all is as before and the queue is closed.
    pub fn subscribe(
        &self,
        name: PluginName,
        queue: Arc<Queue>,
        interests: Vec<Interest>,
    ) -> Result<(), SubscribeError> {
        let mut state = self.lock();
        if state.position(&name).is_ok() {
            return Err(SubscribeError::Subscribed { plugin: name });
        }
        let install = !interests.is_empty();
        let wants = Wants::default();
        state.subscribers.push(Subscriber { name, queue, interests, wants });
        if !install {
            return Ok(());
        }
        self.install(&mut state, None).map(drop).inspect_err(|_| {
            if let Some(refused) = state.subscribers.pop() {
                refused.queue.abandon();
            }
        })
    }

    /// Close the plugin's queue and feed it no more; what is inside can still be taken. It is gone
    /// also where its interests could not be taken out of the tables, which is the error then.
    pub fn unsubscribe(&self, name: &PluginName) -> Result<(), SubscribeError> {
        let mut state = self.lock();
        let at = state.position(name)?;
        let gone = state.subscribers.remove(at);
        gone.queue.close();
        self.fanout.remove(name);
        if gone.interests.is_empty() {
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
        let Subscriber { interests: old, queue, .. } = &state.subscribers[at];
        let queue = Arc::clone(queue);
        if *old == interests {
            queue.mark_front();
            return Ok(());
        }
        // Both are judged for a while, so that every packet around the mark has bits for its side.
        let (generation, wants) = self.install(&mut state, Some((name, &interests)))?;
        let subscriber = &mut state.subscribers[at];
        (subscriber.interests, subscriber.wants) = (interests, wants);
        self.fanout.switch(state.routes(generation), name, &queue);
        if let Err(error) = self.install(&mut state, None) {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(plugin = %name, error, "packets that only its last version wanted are still collected, for nobody");
        }
        Ok(())
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

    /// Install tables of all interests, those of an `incoming` instance included, which have no route
    /// yet. Returns what that one wants.
    fn install(
        &self,
        state: &mut State,
        incoming: Option<(&PluginName, &[Interest])>,
    ) -> Result<(u32, Wants), SubscribeError> {
        let subscribers = state.subscribers.iter().map(|one| (&one.name, &one.interests[..]));
        let lists: Vec<_> = subscribers.chain(incoming).collect();
        let interests: Vec<_> =
            lists.iter().flat_map(|(name, list)| list.iter().map(|one| (*name, one))).collect();
        let tables = compile(&interests, &state.interfaces)
            .map_err(|error| SubscribeError::compile(error, &interests))?;
        let mut wants = wants(&tables, lists.iter().map(|(_, list)| *list));

        state.generation = state.generation.wrapping_add(1);
        let generation = state.generation;
        let routes = routes(generation, state.subscribers.iter().zip(wants.iter().cloned()));
        self.fanout.add(routes);
        let tables = Arc::new(tables);
        if let Err(source) = self.judge.install(generation, &tables) {
            self.fanout.forget(generation);
            return Err(SubscribeError::Install(source));
        }
        let incoming = wants.split_off(state.subscribers.len()).pop().unwrap_or_default();
        for (subscriber, wants) in state.subscribers.iter_mut().zip(wants) {
            subscriber.wants = wants;
        }
        state.installed = Some(Installed { generation, tables });
        Ok((generation, incoming))
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
        self.subscribers.iter().flat_map(|subscriber| &subscriber.interests)
    }

    /// By what every subscriber wants of the tables that are installed.
    fn routes(&self, generation: u32) -> Routes {
        routes(generation, self.subscribers.iter().map(|one| (one, one.wants.clone())))
    }
}

fn routes<'a>(generation: u32, of: impl IntoIterator<Item = (&'a Subscriber, Wants)>) -> Routes {
    let mut routes = Routes::new(generation);
    for (subscriber, wants) in of {
        routes.add(subscriber.name.clone(), Arc::clone(&subscriber.queue), wants);
    }
    routes
}

fn compile(
    interests: &[(&PluginName, &Interest)],
    interfaces: &[(String, u32)],
) -> Result<Tables, CompileError> {
    let interfaces: Vec<_> =
        interfaces.iter().map(|(name, index)| (name.as_str(), *index)).collect();
    let interests: Vec<_> = interests.iter().map(|(_, interest)| *interest).collect();
    Tables::compile(&interests, &interfaces)
}

/// By list, when the interests of all lists were compiled one after the other.
fn wants<'a>(tables: &Tables, lists: impl Iterator<Item = &'a [Interest]>) -> Vec<Wants> {
    let mut bits = (0..).map(|number| tables.interest(number).unwrap_or(RuleSet::EMPTY));
    lists.map(|list| Wants::new(list.iter().zip(bits.by_ref()))).collect()
}
