use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use hyper::StatusCode;
use ringtap_pipeline::metrics::{Collect, Families};

/// What the endpoint answered, by status, and the connections that it turned away.
#[derive(Debug, Default)]
pub struct Stats {
    answered: Mutex<BTreeMap<u16, u64>>,
    turned_away: AtomicU64,
}

impl Stats {
    /// Requests answered with `status`.
    pub fn answered(&self, status: u16) -> u64 {
        let answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.get(&status).copied().unwrap_or_default()
    }

    /// Connections closed at once because too many were open.
    pub fn turned_away(&self) -> u64 {
        self.turned_away.load(Relaxed)
    }

    pub(super) fn answer(&self, status: StatusCode) {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        *answered.entry(status.as_u16()).or_default() += 1;
    }

    pub(super) fn turn_away(&self) {
        self.turned_away.fetch_add(1, Relaxed);
    }
}

impl Collect for Stats {
    fn collect(&self, families: &mut Families) {
        for (status, count) in self.answered.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            families.counter(
                "ringtap_http_requests_total",
                "Requests that the HTTP endpoint answered, by status code.",
                &[("code", &status.to_string())],
                *count,
            );
        }
        families.counter(
            "ringtap_http_connections_refused_total",
            "Connections closed at once because too many were open.",
            &[],
            self.turned_away(),
        );
    }
}
