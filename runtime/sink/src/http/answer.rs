use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::Full;
use hyper::{
    Method, Response, StatusCode,
    body::Bytes,
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue},
};
use ringtap_pipeline::metrics::Registry;

use super::Stats;
use crate::prometheus;

/// Says what is wrong, one line each.
pub type HealthCheck = Box<dyn Fn() -> Vec<String> + Send + Sync>;

const PLAIN: &str = "text/plain; charset=utf-8";

const INDEX: &str = concat!(
    "ringtap ",
    env!("CARGO_PKG_VERSION"),
    "\n\n\
     /metrics   what the runtime and its plugins count, for Prometheus\n\
     /healthz   200 when all is well, else 503 and the reasons\n"
);

/// Makes the answer to a request.
pub(super) struct Answers {
    registry: Arc<Registry>,
    health: HealthCheck,
    stats: Arc<Stats>,
    /// One exposition is made at a time: many peers at once must not take every core.
    rendering: Mutex<()>,
}

impl Answers {
    pub(super) fn new(registry: Arc<Registry>, health: HealthCheck) -> Self {
        Self { registry, health, stats: Arc::default(), rendering: Mutex::default() }
    }

    pub(super) fn stats(&self) -> &Arc<Stats> {
        &self.stats
    }

    /// May block for as long as the registry's locks and the health check do.
    pub(super) fn answer(&self, method: &Method, path: &str) -> Response<Full<Bytes>> {
        if method != Method::GET && method != Method::HEAD {
            let text = "only GET and HEAD are served here\n";
            let mut refusal = self.text(StatusCode::METHOD_NOT_ALLOWED, PLAIN, text);
            refusal.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return refusal;
        }
        match path {
            "/metrics" => self.text(StatusCode::OK, prometheus::CONTENT_TYPE, self.exposition()),
            "/healthz" => self.health(),
            "/" => self.text(StatusCode::OK, PLAIN, INDEX),
            _ => self.text(StatusCode::NOT_FOUND, PLAIN, "not here; / says what is where\n"),
        }
    }

    /// For when making an answer panicked.
    pub(super) fn failed(&self) -> Response<Full<Bytes>> {
        let text = "the answer could not be made; the log says why\n";
        self.text(StatusCode::INTERNAL_SERVER_ERROR, PLAIN, text)
    }

    fn exposition(&self) -> String {
        let _one_at_a_time = self.rendering.lock().unwrap_or_else(PoisonError::into_inner);
        prometheus::render(&self.registry.collect())
    }

    fn health(&self) -> Response<Full<Bytes>> {
        let reasons = (self.health)();
        if reasons.is_empty() {
            return self.text(StatusCode::OK, PLAIN, "ok\n");
        }
        self.text(StatusCode::SERVICE_UNAVAILABLE, PLAIN, reasons.join("\n") + "\n")
    }

    fn text(
        &self,
        status: StatusCode,
        kind: &'static str,
        body: impl Into<Bytes>,
    ) -> Response<Full<Bytes>> {
        self.stats.answer(status);
        let mut response = Response::new(Full::new(body.into()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}
