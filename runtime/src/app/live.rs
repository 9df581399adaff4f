//! A runtime on live interfaces.

use std::{
    net::TcpListener,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::Context;
use ringtap_net::{Interface, LinkWatch};
use ringtap_pipeline::{fanout::Fanout, metrics::Registry};
use ringtap_plugin::{Services, Supervisor};
use ringtap_tap::{ReaderStop, TapError, TapInfo, Taps};
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
    follow::Followed,
    interfaces::{self, Chosen},
    names::Names,
    plugins::{self, Mode},
    progress::{self, Progress},
    tapped::Tapped,
};
use crate::{
    config::Config,
    exit::{Exit, Failure, OrExit},
};

/// All that runs. Make it with [`Live::start`], keep it going with [`Live::run`], and end it with
/// [`Live::finish`], or nothing is flushed.
pub(crate) struct Live {
    pub(crate) registry: Arc<Registry>,
    taps: Arc<SharedTaps>,
    reader: (JoinHandle<()>, ReaderStop),
    supervisor: Arc<Supervisor>,
    events: EventSink,
    served: Option<Served>,
    runtime: Runtime,
    links: AsyncFd<LinkWatch>,
    signals: Signals,
    followed: Followed,
    reader_gone: Arc<Notify>,
}

impl Live {
    /// Start everything, in the calling thread's network namespace, against the flow: what takes
    /// records is there before what makes them. `listener` may be of another namespace.
    pub(crate) fn start(
        config: &Config,
        listener: Option<TcpListener>,
        events: impl FnOnce(&Registry, Arc<Notify>) -> anyhow::Result<EventSink>,
    ) -> Result<Self, Failure> {
        let (watch, _) = LinkWatch::new()?;
        let chosen = interfaces::choose(config)?;
        if chosen.interfaces.is_empty() {
            return Err(anyhow::anyhow!("{}", chosen.missing.join("; "))).or_exit(Exit::Host);
        }
        let fanout = Arc::new(Fanout::default());
        let (taps, reader) = load(config, &fanout).or_exit(Exit::Host)?;
        let registry = Arc::new(Registry::default());
        registry.register(Arc::new(TapAccounts(Arc::clone(&taps))));

        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .context("start the control plane")?;
        let links = {
            let _inside = runtime.enter();
            // SAFETY: the watch owns its socket and keeps it for as long as it lives.
            unsafe { AsyncFd::register_with_interest(watch, Interest::READABLE) }
                .context("watch interfaces")?
        };
        let reader_gone = Arc::new(Notify::new());
        let events = events(&registry, Arc::clone(&reader_gone))?;
        let names = Names::default();
        let services = Services {
            registry: Arc::clone(&registry),
            events: events.sender(),
            interfaces: names.for_plugins(),
        };
        let tapped: Tapped = chosen.interfaces.iter().map(|it| it.name.as_str()).collect();
        let is_tapped = Some(tapped.for_plugins());
        let supervisor = plugins::start(config, &[], Mode::Live, is_tapped, services, &fanout)?;
        registry.register(supervisor.collector());
        let supervisor = Arc::new(supervisor);
        let health = endpoint::health(&supervisor);
        let served = listener
            .map(|listener| Served::start(listener, &registry, health, &runtime))
            .transpose()?;

        let stop = reader.stop_handle();
        let reader = thread::Builder::new()
            .name("ring-reader".into())
            .spawn(move || reader.run())
            .context("start the ring reader's thread")?;
        // Before the first tap is on: from here on a signal ends this in order.
        let signals = {
            let _inside = runtime.enter();
            Signals::new()?
        };
        let mut live = Self {
            registry,
            taps,
            reader: (reader, stop),
            supervisor,
            events,
            served,
            runtime,
            links,
            signals,
            followed: Followed::new(tapped),
            reader_gone,
        };
        match live.attach(config, &chosen, &names) {
            Ok(()) => Ok(live),
            Err(failure) => {
                live.finish()?;
                Err(failure)
            }
        }
    }

    /// Put the taps on. What can't be had is said, and the rest goes on; none at all is an error.
    fn attach(&mut self, config: &Config, chosen: &Chosen, names: &Names) -> Result<(), Failure> {
        let mut failures: Vec<anyhow::Error> =
            chosen.missing.iter().map(|missing| anyhow::anyhow!("{missing}")).collect();
        let mut attached = 0;
        for interface in &chosen.interfaces {
            names.insert(interface.index, &interface.name);
            self.followed.add(interface);
            for attachment in interfaces::attachments(&config.taps, interface) {
                match self.taps.with(|taps| taps.attach(interface, attachment)) {
                    Ok(info) => {
                        attached += 1;
                        say_attached(&info, interface, chosen.because);
                    }
                    Err(error) => failures.push(error.into()),
                }
            }
        }
        if attached > 0 || failures.is_empty() {
            for failure in &failures {
                tracing::error!("{failure:#}; going on without");
            }
            return match attached {
                0 => Err(anyhow::anyhow!("no tap is asked for: see --ingress and --egress"))
                    .or_exit(Exit::Usage),
                _ => Ok(()),
            };
        }
        let last = failures.pop().unwrap_or_else(|| anyhow::anyhow!("nothing to tap"));
        for failure in &failures {
            tracing::error!("{failure:#}");
        }
        Err(last).or_exit(Exit::Host)
    }

    /// Where `/metrics` is, if anywhere.
    pub(crate) fn metrics_url(&self) -> Option<String> {
        self.served.as_ref().map(|served| format!("http://{}/metrics", served.address()))
    }

    /// Go on until a signal, or for `duration`, and call `each_second`.
    pub(crate) fn run(
        &mut self,
        duration: Option<Duration>,
        mut each_second: impl FnMut(&Moment<'_>),
    ) -> anyhow::Result<()> {
        let Self {
            runtime, links, signals, followed, taps, supervisor, events, reader_gone, ..
        } = self;
        runtime.block_on(async {
            let mut seconds = interval(Duration::from_secs(1));
            seconds.set_missed_tick_behavior(MissedTickBehavior::Skip);
            seconds.tick().await;
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
                    ready = links.readable_mut() => {
                        let mut ready = ready?;
                        followed.follow(ready.get_inner_mut().changes()?, taps);
                        ready.clear_ready();
                    }
                    _ = seconds.tick() => each_second(&Moment { taps, supervisor }),
                }
            }
            anyhow::Ok(())
        })
    }

    /// End in the order of the flow, and say where everything went.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let Self { taps, reader: (reader, stop), supervisor, events, served, runtime, .. } = self;
        taps.with(Taps::detach_all);
        stop.stop(reader.thread());
        if reader.join().is_err() {
            tracing::error!("the ring reader panicked: this is a bug in ringtap");
        }
        supervisor.shutdown(Mode::Live.grace());
        if let Some(served) = served {
            served.finish(&runtime)?;
        }
        progress::say_ledger(&taps.readings(), &supervisor);
        drop(supervisor);
        events.finish();
        Ok(())
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

fn load(
    config: &Config,
    fanout: &Arc<Fanout>,
) -> Result<(Arc<SharedTaps>, ringtap_tap::Reader), TapError> {
    let config = ringtap_tap::Config {
        ring_bytes: config.taps.ring_size,
        drain_interval: config.taps.drain_interval,
    };
    for reaped in ringtap_tap::reap(|_| true)? {
        tracing::warn!("{}: removed {}, which a dead process left", reaped.interface, reaped.name);
    }
    let mut taps = Taps::load(config)?;
    let reader = taps.reader(Arc::clone(fanout))?;
    Ok((Arc::new(SharedTaps(std::sync::Mutex::new(taps))), reader))
}

fn say_attached(tap: &TapInfo, interface: &Interface, because: &str) {
    tracing::info!(
        "tapping {} ({because}): {} {} by {}",
        interface.name,
        tap.hook.name(),
        tap.direction.name(),
        tap.how
    );
}
