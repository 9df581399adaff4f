//! What this instance says of itself through the control socket.

mod taps;

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use bytesize::ByteSize;
use ringtap_interest::MAX_RULES;
use ringtap_pipeline::{
    ledger::PluginCounts,
    queue::EdgeStatus,
    subscriptions::{PluginInterests, Report, Subscriptions},
};
use ringtap_plugin::{BudgetStats, CallStatus, PluginStatus, Progress, ReloadOutcome, Supervisor};
use tokio::runtime::Runtime;

use super::accounts::SharedTaps;
use crate::{
    config::Place,
    control::{
        Answers, BudgetReport, CallReport, ControlError, EdgeReport, InterestReport, InterestTable,
        PluginReport, ReloadReport, Server, Status, place_to_serve, protocol::Answer,
        protocol::Request,
    },
};

/// What a status is told from.
pub(crate) struct Sources {
    pub(crate) taps: Arc<SharedTaps>,
    pub(crate) subscriptions: Arc<Subscriptions>,
    pub(crate) supervisor: Arc<Supervisor>,
}

/// Answer at the control socket, if one is wanted. Where it can't be had, that is said, and all
/// the rest goes on. `runtime` has to have been started in the network namespace of the taps.
pub(crate) fn serve(control: &Place, sources: Sources, runtime: &Runtime) -> Option<Server> {
    let answers = answers(sources);
    let started = place_to_serve(control)
        .and_then(|place| place.map(|at| Server::start(&at, answers, runtime)).transpose());
    match started {
        Ok(server) => {
            if let Some(server) = &server {
                tracing::debug!("control socket: {}", server.path().display());
            }
            server
        }
        Err(error) => {
            let error: anyhow::Error = ControlError::into(error);
            tracing::warn!("`ringtap status` won't find this instance: {error:#}");
            None
        }
    }
}

fn answers(sources: Sources) -> Answers {
    let started = Instant::now();
    Arc::new(move |request| match request {
        Request::Status => Answer::Status(status(&sources, started)),
    })
}

/// Plugins are read before taps: what was published to one has passed a tap that counted it.
fn status(sources: &Sources, started: Instant) -> Status {
    let Sources { taps, subscriptions, supervisor } = sources;
    let Report { generation, rules, strays, plugins: interests } = subscriptions.report();
    let plugins = supervisor.status().into_iter().map(|status| plugin(status, &interests));
    let plugins = plugins.collect();
    let mut problems = supervisor.problems();
    let taps = taps::reports(taps, &mut problems);
    Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        at_ms: unix_ms(SystemTime::now()),
        uptime_ms: milliseconds(started.elapsed()),
        interests: InterestTable {
            generation,
            bits: rules as u64,
            bits_capacity: MAX_RULES as u64,
            strays,
        },
        taps,
        plugins,
        problems,
    }
}

fn plugin(status: PluginStatus, interests: &[PluginInterests]) -> PluginReport {
    let own = interests.iter().find(|plugin| plugin.name == status.name);
    let PluginCounts { published, shed, failed, delivered, .. } = status.counts;
    PluginReport {
        name: status.name.to_string(),
        state: status.state.name().to_owned(),
        reason: status.reason,
        version: status.description.map(|described| described.version),
        sha256: status.digest.map(|digest| digest.to_string()),
        last_reload: status.last_outcome.map(reload),
        published,
        shed,
        shed_by: status.counts.sheds().map(|(reason, n)| (reason.name().to_owned(), n)).collect(),
        failed,
        delivered,
        in_flight: status.counts.in_flight(),
        closes: status.counts.closes(),
        queue_records: status.queue_records as u64,
        queue_capacity_records: status.queue_capacity as u64,
        memory_bytes: status.memory_bytes,
        calls: status.calls.into_iter().map(calls).collect(),
        interests: own.into_iter().flat_map(interest_reports).collect(),
        compiling: status.compiling.map(compiling),
        restarts: status.restarts,
        restarts_in_ms: status.restarts_in.map(milliseconds),
        handover_ns: status.handover.map(nanoseconds),
        log_suppressed: status.usage.log_suppressed,
        events_suppressed: status.usage.events_suppressed,
        budget: status.usage.budget.map(budget),
        edges: status.edges.iter().map(edge).collect(),
    }
}

fn compiling(progress: Progress) -> String {
    match progress {
        Progress::Waiting => "waiting to be compiled".to_owned(),
        Progress::Compiling { elapsed, component_bytes } => {
            format!("compiling {} for {} s", ByteSize(component_bytes as u64), elapsed.as_secs())
        }
        Progress::Done => "compiled".to_owned(),
    }
}

fn budget(stats: BudgetStats) -> BudgetReport {
    let BudgetStats { one_in, suspended, thinned, relaxed, suspensions, .. } = stats;
    BudgetReport { one_in, suspended, thinned, relaxed, suspensions }
}

fn edge(edge: &EdgeStatus) -> EdgeReport {
    let PluginCounts { published, shed, failed, delivered, .. } = edge.counts;
    EdgeReport {
        input: edge.from.to_string(),
        published,
        shed,
        failed,
        delivered,
        in_flight: edge.counts.in_flight(),
        closes: edge.counts.closes(),
    }
}

fn interest_reports(plugin: &PluginInterests) -> impl Iterator<Item = InterestReport> {
    plugin.interests.iter().map(|(interest, bits)| InterestReport {
        name: interest.name.clone(),
        wanted: interest.into(),
        bits: *bits as u64,
    })
}

fn reload(outcome: ReloadOutcome) -> ReloadReport {
    let name = outcome.name().to_owned();
    let reason = outcome.reason().map(str::to_owned);
    ReloadReport { outcome: name, reason }
}

fn calls(CallStatus { call, count, time }: CallStatus) -> CallReport {
    CallReport { call: call.name().to_owned(), count, time_ns: nanoseconds(time) }
}

fn unix_ms(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, milliseconds)
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
