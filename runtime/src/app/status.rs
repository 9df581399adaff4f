//! What this instance says of itself through the control socket.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use ringtap_pipeline::ledger::{LossReason, PluginCounts, TapCounts};
use ringtap_plugin::{CallStatus, PluginStatus, ReloadOutcome, Supervisor};
use ringtap_tap::{TapError, TapInfo, TapReading, Taps};
use tokio::runtime::Runtime;

use super::accounts::SharedTaps;
use crate::{
    config::Control,
    control::{
        Answers, CallReport, ControlError, PluginReport, ReloadReport, Server, Status, TapReport,
        place_to_serve, protocol::Answer, protocol::Request,
    },
};

/// Taps count while they are read, so a reading can catch a packet between two of its counters.
const READINGS: usize = 8;

/// Answer at the control socket, if one is wanted. Where it can't be had, that is said, and all
/// the rest goes on.
pub(crate) fn serve(
    control: &Control,
    taps: &Arc<SharedTaps>,
    supervisor: &Arc<Supervisor>,
    runtime: &Runtime,
) -> Option<Server> {
    let answers = answers(Arc::clone(taps), Arc::clone(supervisor));
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

fn answers(taps: Arc<SharedTaps>, supervisor: Arc<Supervisor>) -> Answers {
    let started = Instant::now();
    Arc::new(move |request| match request {
        Request::Status => Answer::Status(status(&taps, &supervisor, started)),
    })
}

/// Plugins are read before taps: what was published to one has passed a tap that counted it.
fn status(taps: &SharedTaps, supervisor: &Supervisor, started: Instant) -> Status {
    let plugins = supervisor.status().into_iter().map(plugin).collect();
    let mut problems = supervisor.problems();
    let taps = readings(taps).unwrap_or_else(|error| {
        problems.push(format!("what the taps counted can't be read: {error}"));
        Vec::new()
    });
    Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        at_ms: unix_ms(SystemTime::now()),
        uptime_ms: milliseconds(started.elapsed()),
        taps,
        plugins,
        problems,
    }
}

/// Once more while a tap's counts don't close, as long as that may help.
fn readings(taps: &SharedTaps) -> Result<Vec<TapReport>, TapError> {
    let mut reports = taps.with(|taps| read(taps))?;
    for _ in 1..READINGS {
        if reports.iter().all(|tap| tap.closes) {
            break;
        }
        reports = taps.with(|taps| read(taps))?;
    }
    Ok(reports)
}

fn read(taps: &Taps) -> Result<Vec<TapReport>, TapError> {
    let attached: Vec<u16> = taps.attached().map(|tap| tap.number).collect();
    let report = |reading: TapReading| {
        let is_attached = attached.contains(&reading.tap.number);
        tap(reading, is_attached)
    };
    Ok(taps.readings()?.into_iter().map(report).collect())
}

fn tap(TapReading { tap, counts }: TapReading, attached: bool) -> TapReport {
    let TapInfo { interface, ifindex, hook, direction, how, since, .. } = tap;
    let TapCounts { seen, uninterested, sampled_out, published, lost } = counts;
    let lost_total = counts.lost_total();
    let ended = uninterested + sampled_out + lost_total + published;
    let lost = LossReason::ALL.into_iter().zip(lost);
    TapReport {
        interface,
        ifindex,
        hook: hook.name().to_owned(),
        direction: direction.name().to_owned(),
        how: how.to_owned(),
        attached,
        since_ms: unix_ms(since),
        seen,
        uninterested,
        sampled_out,
        lost: lost.map(|(reason, count)| (reason.name().to_owned(), count)).collect(),
        lost_total,
        published,
        in_flight: seen.saturating_sub(ended),
        closes: counts.closes(),
    }
}

fn plugin(status: PluginStatus) -> PluginReport {
    let PluginCounts { published, shed, failed, delivered } = status.counts;
    PluginReport {
        name: status.name.to_string(),
        state: status.state.name().to_owned(),
        reason: status.reason,
        version: status.description.map(|described| described.version),
        sha256: status.digest.map(|digest| digest.to_string()),
        last_reload: status.last_outcome.map(reload),
        published,
        shed,
        failed,
        delivered,
        in_flight: status.counts.in_flight(),
        closes: status.counts.closes(),
        queue_records: status.queue_records as u64,
        queue_capacity_records: status.queue_capacity as u64,
        memory_bytes: status.memory_bytes,
        calls: status.calls.into_iter().map(calls).collect(),
    }
}

fn reload(outcome: ReloadOutcome) -> ReloadReport {
    let name = outcome.name().to_owned();
    let reason = match outcome {
        ReloadOutcome::KeptOld { reason } | ReloadOutcome::Refused { reason } => Some(reason),
        ReloadOutcome::Loaded | ReloadOutcome::Replaced | ReloadOutcome::Removed => None,
    };
    ReloadReport { outcome: name, reason }
}

fn calls(CallStatus { call, count, time }: CallStatus) -> CallReport {
    let time_ns = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    CallReport { call: call.name().to_owned(), count, time_ns }
}

fn unix_ms(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, milliseconds)
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use ringtap_record::{Direction, Hook};

    use super::*;

    fn report(counts: TapCounts) -> TapReport {
        let tap = TapInfo {
            number: 1,
            interface: "eth0".to_owned(),
            ifindex: 2,
            hook: Hook::Tc,
            direction: Direction::Egress,
            how: "TCX link",
            since: UNIX_EPOCH + Duration::from_millis(1500),
        };
        super::tap(TapReading { tap, counts }, true)
    }

    #[test]
    fn what_has_not_ended_is_in_flight_and_does_not_close() {
        let counts =
            TapCounts { seen: 10, uninterested: 1, sampled_out: 2, published: 3, lost: [1, 1] };
        let open = report(counts);
        assert_eq!((open.in_flight, open.lost_total, open.closes), (2, 2, false));
        assert_eq!(open.lost, [("no_ring".to_owned(), 1), ("ring_full".to_owned(), 1)].into());
        assert_eq!(open.since_ms, 1500);
        let whole = report(TapCounts { seen: 8, ..counts });
        assert_eq!((whole.in_flight, whole.closes), (0, true));
        // More ends than beginnings: read while it counted.
        let torn = report(TapCounts { seen: 7, ..counts });
        assert_eq!((torn.in_flight, torn.closes), (0, false));
    }
}
