//! Emits each event that it gets as one of the kind `kind` (`reshaped`), with the plugin that it is
//! `from` and without the field `without` (none).

use ringtap_plugin::{Config, Exporter, Plugin, Received, Refusal};

struct ReshapesEvents {
    kind: String,
    without: String,
}

impl Plugin for ReshapesEvents {
    fn new(config: &str) -> Result<Self, Refusal> {
        let mut config = Config::parse(config)?;
        let kind = config.text("kind", "reshaped")?;
        let without = config.text("without", "")?;
        config.finish()?;
        Ok(Self { kind, without })
    }
}

impl Exporter for ReshapesEvents {
    fn on_events(&mut self, events: Vec<Received>) {
        for Received { plugin, event } in events {
            event.without(&self.without).set("from", plugin).with_kind(self.kind.clone()).emit();
        }
    }
}

ringtap_plugin::export!(ReshapesEvents: Exporter);
