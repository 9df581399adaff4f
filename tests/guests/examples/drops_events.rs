//! Lets events of the kind `only` (`packet`) pass as they are and drops the others:
//! `guest_received_total`, and `guest_dropped_total` of them.

use ringtap_plugin::{Config, Counter, Exporter, Plugin, Received, Refusal};

struct DropsEvents {
    only: String,
    received: Counter,
    dropped: Counter,
}

impl Plugin for DropsEvents {
    fn new(config: &str) -> Result<Self, Refusal> {
        let mut config = Config::parse(config)?;
        let only = config.text("only", "packet")?;
        config.finish()?;
        let received = Counter::new("guest_received_total", "Events.", &[])?;
        let dropped = Counter::new("guest_dropped_total", "Events that were dropped.", &[])?;
        Ok(Self { only, received, dropped })
    }
}

impl Exporter for DropsEvents {
    fn on_events(&mut self, events: Vec<Received>) {
        self.received.add(events.len() as u64);
        for Received { event, .. } in events {
            if event.kind() == self.only {
                event.emit();
            } else {
                self.dropped.inc();
            }
        }
    }
}

ringtap_plugin::export!(DropsEvents: Exporter);
