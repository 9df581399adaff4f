use std::sync::Arc;

use ringtap_pipeline::{
    event::EventLedger,
    metrics::{Collect, Families},
};

/// The events' ledger as metrics.
#[derive(Debug)]
pub struct Stats {
    ledger: Arc<EventLedger>,
    sink: &'static str,
}

impl Stats {
    /// `sink` is the value of the label that tells where events were written or refused.
    pub fn new(ledger: Arc<EventLedger>, sink: &'static str) -> Self {
        Self { ledger, sink }
    }

    /// For a runtime whose events go nowhere: all are refused.
    pub fn nowhere(ledger: Arc<EventLedger>) -> Self {
        Self::new(ledger, "none")
    }
}

impl Collect for Stats {
    fn collect(&self, families: &mut Families) {
        let counts = self.ledger.read();
        let sink = [("sink", self.sink)];
        families.counter(
            "ringtap_events_emitted_total",
            "Events that plugins emitted.",
            &[],
            counts.emitted,
        );
        families.counter(
            "ringtap_events_written_total",
            "Events that the operating system took from a sink.",
            &sink,
            counts.written,
        );
        families.counter(
            "ringtap_events_refused_total",
            "Events lost because a sink was full, could not write, or was not there.",
            &sink,
            counts.refused,
        );
    }
}
