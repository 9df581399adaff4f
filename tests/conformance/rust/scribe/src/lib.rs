//! Copies every event that it is given.

use ringtap_plugin::{Config, Counter, Event, Exporter, Family, Plugin, Received, Refusal};

struct Scribe {
    events: Family<Counter, 1>,
}

impl Plugin for Scribe {
    fn new(config: &str) -> Result<Self, Refusal> {
        Config::parse(config)?.finish()?;
        let events = Counter::family("scribe_events_total", "Events by kind.", ["kind"]);
        Ok(Self { events })
    }
}

impl Exporter for Scribe {
    fn on_events(&mut self, events: Vec<Received>) {
        for Received { plugin, event } in events {
            let kind = event.kind().to_owned();
            if let Ok(counter) = self.events.with([&kind]) {
                counter.inc();
            }
            let copy = Event::new("copy", event.time_ns());
            let copy = copy.field("from", plugin).field("was", kind);
            let fields = event.fields().map(|(name, value)| (name.to_owned(), value.clone()));
            fields.fold(copy, |copy, (name, value)| copy.field(name, value)).emit();
        }
    }
}

ringtap_plugin::export!(Scribe: Exporter);
