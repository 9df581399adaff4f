//! A runtime on live interfaces.

use std::{net::TcpListener, sync::Arc, time::Duration};

use anyhow::Context;
use ringtap_net::LinkWatch;
use ringtap_pipeline::{
    fanout::Fanout,
    metrics::{Collect, Registry},
    subscriptions::Subscriptions,
};
use ringtap_plugin::{Graph, Meters, Services, Supervisor, SupervisorConfig};
use ringtap_tap::Taps;
use tokio::{
    io::{Interest, unix::AsyncFd},
    runtime::Runtime,
    signal::unix::{Signal, SignalKind, signal},
    sync::Notify,
    time::{MissedTickBehavior, interval, sleep},
};

use super::{
    accounts::{Readings, SharedTaps, TapAccounts},
    endpoint::{self, Served},
    events::EventSink,
    follow::{Followed, OnInterfaces},
    interfaces::{Chosen, Selection},
    names::Names,
    plugins::{self, Mode},
    progress::{self, Progress},
    reading::{Loading, Reading},
    sights::Sights,
    status,
    stopping::Stopping,
    tapped::Tapped,
};
use crate::{
    config::{Config, Egress, Ingress},
    control::Server,
    exit::{Exit, Failure, OrExit},
    privileges::Privileges,
};

/// How often is looked for what others have put before the taps.
const BETWEEN_LOOKS: Duration = Duration::from_secs(5);

/// How long taps wait for plugins that are still being compiled: script-language ones take long.
const FIRST_LOADS: Duration = Duration::from_secs(10);

/// All that runs. Make it with [`Live::start`], keep it going with [`Live::run`], and end it with
/// [`Live::finish`], or nothing is flushed.
pub(crate) struct Live {
    pub(crate) registry: Arc<Registry>,
    taps: Arc<SharedTaps>,
    reading: Reading,
    supervisor: Arc<Supervisor>,
    events: EventSink,
    served: Option<Served>,
    control: Option<Server>,
    runtime: Runtime,
    links: AsyncFd<LinkWatch>,
    signals: Signals,
    followed: Followed,
    reader_gone: Arc<Notify>,
    stopping: Stopping,
}

impl Live {
    /// Start everything, in the calling thread's network namespace, against the flow: what takes
    /// records is there before what makes them. `listener` may be of another namespace. The calling
    /// thread and all that are started are left with `privileges`.
    pub(crate) fn start(
        config: &Config,
        listener: Option<TcpListener>,
        privileges: Privileges,
        events: impl FnOnce(&Registry, Arc<Notify>) -> anyhow::Result<EventSink>,
    ) -> Result<Self, Failure> {
        let selection = Selection::of(config);
        let (watch, _) = match &selection {
            Selection::Named(_) => LinkWatch::new()?,
            Selection::DefaultRoutes => LinkWatch::with_default_routes()?,
        };
        let chosen = selection.choose()?;
        if config.taps.ingress == Ingress::None && config.taps.egress == Egress::None {
            return Err(anyhow::anyhow!("no tap is asked for: see --ingress and --egress"))
                .or_exit(Exit::Usage);
        }
        if chosen.interfaces.is_empty() && chosen.waiting.is_empty() {
            return Err(anyhow::anyhow!("{}", chosen.missing.join("; "))).or_exit(Exit::Host);
        }
        let fanout = Arc::new(Fanout::default());
        let loading = Loading::start(&config.taps, &fanout)?;
        let subscriptions = Arc::new(Subscriptions::new(fanout, loading.judge()));
        // Before plugins are loaded: filters may name interfaces.
        let known = chosen.names();
        let tapped = Tapped::new(&known);
        subscriptions.set_interfaces(known).or_exit(Exit::Host)?;
        let registry = Arc::new(Registry::default());
        registry.register(Arc::clone(&subscriptions) as Arc<dyn Collect>);

        let mut control_plane = tokio::runtime::Builder::new_multi_thread();
        control_plane.worker_threads(1).enable_all();
        let runtime =
            privileges.for_threads(|| control_plane.build().context("start the control plane"))?;
        let links = {
            let _inside = runtime.enter();
            // SAFETY: the watch owns its socket and keeps it for as long as it lives.
            unsafe { AsyncFd::register_with_interest(watch, Interest::READABLE) }
                .context("watch interfaces")?
        };
        let reader_gone = Arc::new(Notify::new());
        let events = events(&registry, Arc::clone(&reader_gone))?;
        let (names, stopping) = (Names::default(), Stopping::default());
        let services = Services {
            registry: Arc::clone(&registry),
            meters: Meters::registered(&registry),
            events: events.sender(),
            interfaces: names.for_plugins(),
            graph: Graph::default(),
            kv: plugins::stores(config),
        };
        registry.register(Arc::new(services.kv.clone()));
        let is_tapped = Some(tapped.for_plugins());
        let supervisor = privileges.for_threads(|| {
            let sources = plugins::sources(config, &[], Mode::Live, is_tapped);
            let sources = SupervisorConfig { on_stop: stopping.on_stop(), ..sources };
            plugins::start(config, sources, services, &subscriptions)
        })?;
        let (taps, reading) = loading.finish()?;
        registry.register(Arc::new(TapAccounts(Arc::clone(&taps))));
        if !supervisor.settle(Some(FIRST_LOADS)) {
            tracing::warn!("some plugins are still being compiled, and miss what comes meanwhile");
        }
        registry.register(supervisor.collector());
        let supervisor = Arc::new(supervisor);
        let health = endpoint::health(&supervisor);
        let served = listener
            .map(|listener| Served::start(listener, &registry, health, &runtime))
            .transpose()?;
        let sources = status::Sources {
            taps: Arc::clone(&taps),
            subscriptions: Arc::clone(&subscriptions),
            supervisor: Arc::clone(&supervisor),
        };
        let control = status::serve(&config.control, sources, &runtime);

        // Before the first tap is on: from here on a signal ends this in order.
        let signals = {
            let _inside = runtime.enter();
            Signals::new()?
        };
        let on_interfaces = on_interfaces(names, tapped, subscriptions, Arc::clone(&supervisor));
        let mut live = Self {
            registry,
            taps,
            reading,
            supervisor,
            events,
            served,
            control,
            runtime,
            links,
            signals,
            followed: Followed::new(config, on_interfaces),
            reader_gone,
            stopping,
        };
        // Who is in the way of a tap is told by name up to here: that takes CAP_SYS_ADMIN.
        let attached = live.attach(chosen).and_then(|()| Ok(privileges.settle()?));
        match attached {
            Ok(()) => Ok(live),
            Err(failure) => {
                live.finish()?;
                Err(failure)
            }
        }
    }

    /// Put the taps on. What can't be had is said, and the rest goes on. Interfaces of which not one
    /// gets a tap are an error.
    fn attach(&mut self, chosen: Chosen) -> Result<(), Failure> {
        let Chosen { interfaces, missing, waiting } = chosen;
        let some_are_there = !interfaces.is_empty();
        let outcome = self.followed.add(interfaces, &self.taps);
        let mut failures: Vec<_> = outcome.failures.into_iter().map(anyhow::Error::from).collect();
        if some_are_there && outcome.attached == 0 {
            let last = failures.pop().unwrap_or_else(|| anyhow::anyhow!("nothing to tap"));
            for failure in &failures {
                tracing::error!("{failure:#}");
            }
            return Err(last).or_exit(Exit::Host);
        }
        for failure in &failures {
            tracing::error!("{failure:#}; going on without");
        }
        for missing in &missing {
            tracing::error!("{missing}; going on without, until it is there");
        }
        for waiting in &waiting {
            tracing::info!("{waiting}; waiting for one");
        }
        Ok(())
    }

    /// Where `/metrics` is, if anywhere.
    pub(crate) fn metrics_url(&self) -> Option<String> {
        self.served.as_ref().map(|served| format!("http://{}/metrics", served.address()))
    }

    /// Go on until a signal, or for `duration`, and call `each_second`. Call it in the network
    /// namespace of the start: interfaces that come are tapped there.
    pub(crate) fn run(
        &mut self,
        duration: Option<Duration>,
        mut each_second: impl FnMut(&Moment<'_>),
    ) -> anyhow::Result<()> {
        let Self {
            runtime,
            links,
            signals,
            followed,
            taps,
            supervisor,
            events,
            reader_gone,
            stopping,
            ..
        } = self;
        runtime.block_on(async {
            let mut seconds = interval(Duration::from_secs(1));
            seconds.set_missed_tick_behavior(MissedTickBehavior::Skip);
            seconds.tick().await;
            let mut sights = Sights::default();
            let mut looks = interval(BETWEEN_LOOKS);
            looks.set_missed_tick_behavior(MissedTickBehavior::Skip);
            let end = async {
                match duration {
                    Some(duration) => sleep(duration).await,
                    None => std::future::pending().await,
                }
            };
            tokio::pin!(end);
            loop {
                tokio::select! {
                    () = &mut end => break,
                    _ = signals.interrupt.recv() => break,
                    _ = signals.terminate.recv() => break,
                    _ = signals.hangup.recv() => events.reopen(),
                    () = reader_gone.notified() => break,
                    () = stopping.told() => break,
                    ready = links.readable_mut() => {
                        let mut ready = ready?;
                        let changes = ready.get_inner_mut().changes()?;
                        // There may be more than one call gives, and no new edge for it.
                        if changes.is_empty() {
                            ready.clear_ready();
                        } else if let Err(error) = followed.follow(changes, taps) {
                            tracing::error!("a change of interfaces was not followed: {error:#}");
                        }
                    }
                    _ = looks.tick() => sights.look(taps),
                    _ = seconds.tick() => each_second(&Moment { taps, supervisor }),
                }
            }
            anyhow::Ok(())
        })
    }

    /// End in the order of the flow, and say where everything went.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let Self { taps, reading, supervisor, events, served, control, runtime, stopping, .. } =
            self;
        taps.with(Taps::detach_all);
        drop(reading);
        supervisor.shutdown(Mode::Live.grace());
        if let Some(served) = served {
            served.finish(&runtime)?;
        }
        if let Some(control) = control {
            control.finish(&runtime);
        }
        progress::say_ledger(&taps.readings(), &supervisor);
        drop(supervisor);
        events.finish();
        stopping.check()
    }
}

/// The signals that a live runtime answers.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }
}

/// What is looked at every second.
pub(crate) struct Moment<'a> {
    taps: &'a SharedTaps,
    supervisor: &'a Supervisor,
}

impl Moment<'_> {
    pub(crate) fn line(&self, progress: &mut Progress) -> String {
        progress.line(self.taps, self.supervisor)
    }

    pub(crate) fn taps(&self) -> &SharedTaps {
        self.taps
    }
}

/// What has to know the tapped interfaces.
fn on_interfaces(
    names: Names,
    tapped: Tapped,
    subscriptions: Arc<Subscriptions>,
    supervisor: Arc<Supervisor>,
) -> OnInterfaces {
    Box::new(move |interfaces| {
        names.follow(interfaces);
        tapped.follow(interfaces);
        if let Err(error) = subscriptions.set_interfaces(interfaces.to_vec()) {
            let error = anyhow::Error::from(error);
            tracing::error!("filters go on with the interfaces that there were: {error:#}");
        }
        supervisor.interfaces_changed();
    })
}
