use std::sync::{Arc, mpsc::Receiver};

use ringtap_pipeline::{
    event::{Event, EventSender},
    metrics::Registry,
    queue::View,
};
use ringtap_plugin::{
    CallError, Graph, HandOverError, Instance, KvStores, Meters, Services, Solo, StartError,
};

use super::{Outcome, Script, Subject, script::Step};

/// Events that a call can emit, so that the channel takes those of any.
const EVENTS: usize = 1 << 16;

/// A plugin that is given one step of a script after the other.
pub(crate) struct Run<'a> {
    subject: &'a Subject,
    services: Services,
    emitted: Receiver<Event>,
    solo: Solo,
    /// Records or events that were given.
    given: u64,
    outcome: Outcome,
}

/// A call failed that should have returned.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error("at {place}")]
    Call { place: String, source: CallError },
    #[error("when a new instance took over at {place}")]
    HandOver { place: String, source: HandOverError },
    #[error("an instance could not be started at {place}")]
    Start { place: String, source: StartError },
}

/// How a run began.
pub(crate) enum Begun<'a> {
    Running(Box<Run<'a>>),
    /// The plugin did not take its config, and said why.
    Refused(String),
}

impl<'a> Run<'a> {
    pub(crate) fn begin(subject: &'a Subject, script: &Script) -> Result<Begun<'a>, RunError> {
        let (events, emitted) = EventSender::channel(EVENTS, false);
        let services = Services {
            registry: Arc::new(Registry::default()),
            meters: Meters::default(),
            events,
            interfaces: Arc::clone(&script.interfaces),
            graph: Graph::default(),
            kv: KvStores::in_memory(),
        };
        let instance = match subject.start(services.clone()) {
            Ok(instance) => instance,
            Err(StartError::Refused(why)) => return Ok(Begun::Refused(why)),
            Err(source) => return Err(RunError::Start { place: "the start".to_owned(), source }),
        };
        let (solo, outcome) = (Solo::new(instance), Outcome::default());
        let mut run = Self { subject, services, emitted, solo, given: 0, outcome };
        run.gather();
        Ok(Begun::Running(Box::new(run)))
    }

    /// Take a step. Returns whether the plugin was told to tick.
    pub(crate) fn step(&mut self, step: &Step) -> Result<bool, CallError> {
        let (solo, sequence) = (&mut self.solo, self.given);
        let ticked = match step {
            Step::Records(batch) => {
                let view = View { batch: Arc::clone(batch), sequence, shed_before: 0 };
                if let Some(kept) = solo.records(&view)? {
                    let kept = (0..batch.len()).map(|record| kept.keeps(record));
                    self.outcome.kept.get_or_insert_default().extend(kept);
                }
                false
            }
            Step::Events(events) => solo.events(events).map(|()| false)?,
            Step::Time(now_ns) => solo.pass_time(*now_ns)?,
        };
        self.given += step.len() as u64;
        self.gather();
        Ok(ticked)
    }

    /// Take all steps of a script, in each of which a call is to return.
    pub(crate) fn steps(&mut self, steps: &[Step]) -> Result<(), RunError> {
        for step in steps {
            let place = self.place();
            self.step(step).map_err(|source| RunError::Call { place, source })?;
        }
        Ok(())
    }

    /// Another instance takes over with the state of this one: one of `to`.
    pub(crate) fn hand_over(self: Box<Self>, to: &'a Subject) -> Result<Box<Self>, RunError> {
        let place = self.place();
        let next = match to.start(self.services.clone()) {
            Ok(next) => next,
            Err(source) => return Err(RunError::Start { place, source }),
        };
        let Self { services, emitted, solo, given, outcome, .. } = *self;
        let (subject, solo) = (to, solo.hand_over(next));
        let solo = solo.map_err(|source| RunError::HandOver { place, source })?;
        let mut run = Self { subject, services, emitted, solo, given, outcome };
        run.gather();
        Ok(Box::new(run))
    }

    /// A new instance starts after the one before has died, as the runtime would do.
    pub(crate) fn restart(self: Box<Self>) -> Result<Box<Self>, RunError> {
        let place = self.place();
        let next = self.subject.start(self.services.clone());
        let next = next.map_err(|source| RunError::Start { place, source })?;
        let Self { subject, services, emitted, given, outcome, .. } = *self;
        let mut run = Self { subject, services, emitted, solo: Solo::new(next), given, outcome };
        run.gather();
        Ok(Box::new(run))
    }

    /// What the plugin knows, if it has a state; it goes on.
    pub(crate) fn saved(&mut self) -> Result<Option<Vec<u8>>, RunError> {
        if !self.subject.has_state() {
            return Ok(None);
        }
        let place = self.place();
        match self.instance().save() {
            Ok(Ok(saved)) => Ok(Some(saved)),
            Ok(Err(why)) => Err(RunError::HandOver { place, source: HandOverError::Save(why) }),
            Err(source) => Err(RunError::Call { place, source }),
        }
    }

    pub(crate) fn instance(&mut self) -> &mut Instance {
        self.solo.instance()
    }

    /// What it did so far.
    pub(crate) fn so_far(&mut self) -> Outcome {
        self.gather();
        Outcome {
            given: self.given,
            metrics: Outcome::metrics(&self.services.registry),
            ..self.outcome.clone()
        }
    }

    /// Tell the plugin to stop. What it did in all.
    pub(crate) fn stop(self: Box<Self>) -> Result<Outcome, RunError> {
        let place = "the end".to_owned();
        let Self { services, emitted, solo, given, mut outcome, .. } = *self;
        solo.stop().map_err(|source| RunError::Call { place, source })?;
        outcome.take_events(&emitted);
        outcome.given = given;
        outcome.metrics = Outcome::metrics(&services.registry);
        Ok(outcome)
    }

    /// Where the run is, for people.
    fn place(&self) -> String {
        match self.subject.is_exporter() {
            true => format!("event {}", self.given + 1),
            false => format!("record {}", self.given + 1),
        }
    }

    fn gather(&mut self) {
        self.outcome.take_events(&self.emitted);
    }
}

/// A whole run of a script as it is, with the state at its end where that is to be shown.
pub(crate) fn plain(
    subject: &Subject,
    script: &Script,
    show_state: bool,
) -> Result<Outcome, RunError> {
    let mut run = match Run::begin(subject, script)? {
        Begun::Refused(why) => return Ok(Outcome::refused(why)),
        Begun::Running(run) => run,
    };
    run.steps(&script.steps)?;
    let state = if show_state { run.saved()? } else { None };
    Ok(Outcome { state, ..run.stop()? })
}

/// A whole run of a script.
pub(crate) fn run(subject: &Subject, script: &Script) -> Result<Outcome, RunError> {
    match Run::begin(subject, script)? {
        Begun::Refused(why) => Ok(Outcome::refused(why)),
        Begun::Running(mut run) => {
            run.steps(&script.steps)?;
            run.stop()
        }
    }
}
