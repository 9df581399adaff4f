//! Joins an event of one plugin and one of another whose fields `key` (`n`) are the same number: the
//! event `joined` with `key`, and the plugins `first` and `second` in the order of arrival. Those that
//! wait for their other half, at most 10,000 and no more after that, are `guest_waiting`.

use std::collections::HashMap;

use ringtap_plugin::{Config, Event, Exporter, Gauge, Plugin, Received, Refusal};

const MAX_WAITING: usize = 10_000;

struct JoinsEvents {
    key: String,
    /// The plugin of an event, by the key.
    halves: HashMap<u64, String>,
    waiting: Gauge,
}

impl JoinsEvents {
    fn take(&mut self, Received { plugin, event }: Received) {
        let Some(key) = event.uint(&self.key) else { return };
        match self.halves.get(&key) {
            Some(first) if *first != plugin => {
                let row = Event::new("joined", event.time_ns()).field("key", key);
                row.field("first", first.clone()).field("second", plugin).emit();
                self.halves.remove(&key);
            }
            Some(_) => {}
            None if self.halves.len() < MAX_WAITING => {
                self.halves.insert(key, plugin);
            }
            None => {}
        }
    }
}

impl Plugin for JoinsEvents {
    fn new(config: &str) -> Result<Self, Refusal> {
        let mut config = Config::parse(config)?;
        let key = config.text("key", "n")?;
        config.finish()?;
        let waiting = Gauge::new("guest_waiting", "Events without their other half.", &[])?;
        Ok(Self { key, halves: HashMap::new(), waiting })
    }
}

impl Exporter for JoinsEvents {
    fn on_events(&mut self, events: Vec<Received>) {
        for received in events {
            self.take(received);
        }
        self.waiting.set(self.halves.len() as f64);
    }
}

ringtap_plugin::export!(JoinsEvents: Exporter);
