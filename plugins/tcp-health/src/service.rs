use std::{collections::HashMap, net::SocketAddr};

use ringtap_plugin::{Counter, Event, Family, Histogram, Metric};
use serde::{Deserialize, Serialize};

use crate::{config::Settings, connection::Seen};

/// A service that nothing came for in so long makes room for others.
const IDLE_NS: u64 = 600_000_000_000;

/// In seconds.
const BOUNDS: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0];

/// Those without a place of their own.
const OTHER: &str = "other";

/// What is told by service, in the order in which services came.
pub(crate) struct Services {
    settings: Settings,
    list: Vec<Service>,
    places: HashMap<SocketAddr, usize>,
    /// When the window began.
    pub(crate) since_ns: Option<u64>,
    handshakes: Family<Histogram, 1>,
    connections: Family<Counter, 1>,
    segments: Family<Counter, 1>,
    retransmissions: Family<Counter, 1>,
    resets: Family<Counter, 1>,
    zero_windows: Family<Counter, 1>,
}

/// A service, and what was seen of it in the window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    last_ns: u64,
    connections: u64,
    segments: u64,
    retransmissions: u64,
    resets: u64,
}

impl Services {
    pub(crate) fn new(settings: Settings) -> Self {
        let counter = |name, help| Counter::family(name, help, ["service"]);
        Self {
            settings,
            list: Vec::new(),
            places: HashMap::new(),
            since_ns: None,
            handshakes: Histogram::family(
                "tcp_health_handshake_seconds",
                "From a SYN to its SYN-ACK.",
                &BOUNDS,
                ["service"],
            ),
            connections: counter("tcp_health_connections_total", "Connections with a SYN."),
            segments: counter("tcp_health_segments_total", "Segments with data."),
            retransmissions: counter(
                "tcp_health_retransmissions_total",
                "Segments and SYNs that were sent before.",
            ),
            resets: counter("tcp_health_resets_total", "Connections that were reset."),
            zero_windows: counter("tcp_health_zero_windows_total", "Windows that were closed."),
        }
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Service> {
        self.list.iter()
    }

    pub(crate) fn count(&mut self, address: SocketAddr, seen: &Seen, time_ns: u64) {
        let name = match self.place(address, time_ns) {
            Some(place) => {
                self.list[place].add(seen, time_ns);
                &address.to_string()
            }
            None => OTHER,
        };
        for (family, happened) in [
            (&mut self.connections, seen.opened),
            (&mut self.segments, seen.data),
            (&mut self.retransmissions, seen.retransmitted),
            (&mut self.resets, seen.reset),
            (&mut self.zero_windows, seen.closed_window),
        ] {
            if happened && let Ok(counter) = family.with([name]) {
                counter.inc();
            }
        }
        if let Some(took_ns) = seen.handshake_ns
            && let Ok(histogram) = self.handshakes.with([name])
        {
            histogram.observe(took_ns as f64 / 1e9);
        }
    }

    /// Where the service is, if there is room for it.
    fn place(&mut self, address: SocketAddr, time_ns: u64) -> Option<usize> {
        if let Some(place) = self.places.get(&address) {
            return Some(*place);
        }
        (self.list.len() < self.settings.services)
            .then(|| self.push(Service::new(address, time_ns)))
    }

    fn push(&mut self, service: Service) -> usize {
        self.places.insert(service.address, self.list.len());
        self.list.push(service);
        self.list.len() - 1
    }

    /// Put a service there that was saved, if there is room. `false` if it is there.
    pub(crate) fn resume(&mut self, service: Service) -> bool {
        let is_new = !self.places.contains_key(&service.address);
        if is_new && self.list.len() < self.settings.services {
            self.push(service);
        }
        is_new
    }

    /// At the end of a window: tell of trouble, and begin anew.
    pub(crate) fn look(&mut self, now_ns: u64) {
        let since_ns = *self.since_ns.get_or_insert(now_ns);
        if now_ns.saturating_sub(since_ns) < self.settings.window.as_nanos() as u64 {
            return;
        }
        self.since_ns = Some(now_ns);
        for service in &mut self.list {
            service.tell_trouble(&self.settings, now_ns);
            *service =
                Service { last_ns: service.last_ns, ..Service::new(service.address, now_ns) };
        }
        self.forget_idle(now_ns);
    }

    fn forget_idle(&mut self, now_ns: u64) {
        let is_idle = |one: &Service| now_ns.saturating_sub(one.last_ns) >= IDLE_NS;
        let idle: Vec<_> = self.list.extract_if(.., |one| is_idle(one)).collect();
        for name in idle.iter().map(|one| one.address.to_string()) {
            forget(&mut self.handshakes, &name);
            for family in [
                &mut self.connections,
                &mut self.segments,
                &mut self.retransmissions,
                &mut self.resets,
                &mut self.zero_windows,
            ] {
                forget(family, &name);
            }
        }
        if !idle.is_empty() {
            let places = self.list.iter().enumerate().map(|(place, one)| (one.address, place));
            self.places = places.collect();
        }
    }
}

/// Also a series that the version before has left: it has to be known to be forgotten.
fn forget<M: Metric>(family: &mut Family<M, 1>, service: &str) {
    if family.with([service]).is_ok() {
        family.forget([service]);
    }
}

impl Service {
    fn new(address: SocketAddr, last_ns: u64) -> Self {
        let (connections, segments, retransmissions, resets) = Default::default();
        Self { address, last_ns, connections, segments, retransmissions, resets }
    }

    fn add(&mut self, seen: &Seen, time_ns: u64) {
        self.last_ns = self.last_ns.max(time_ns);
        let count =
            |counter: &mut u64, happened| *counter = counter.saturating_add(u64::from(happened));
        count(&mut self.connections, seen.opened);
        count(&mut self.segments, seen.data);
        count(&mut self.retransmissions, seen.retransmitted);
        count(&mut self.resets, seen.reset);
    }

    fn tell_trouble(&self, settings: &Settings, now_ns: u64) {
        let Settings { least, retransmit_percent, reset_percent, .. } = *settings;
        for (what, count, of, limit) in [
            ("retransmissions", self.retransmissions, self.segments, retransmit_percent),
            ("resets", self.resets, self.connections, reset_percent),
        ] {
            let share = u128::from(count) * 100;
            if limit < 100 && of >= least && share > u128::from(of) * u128::from(limit) {
                Event::new("tcp_trouble", now_ns)
                    .field("service", self.address.to_string())
                    .field("what", what)
                    .field("count", count)
                    .field("of", of)
                    .field("percent", share as f64 / of as f64)
                    .emit();
            }
        }
    }
}
