//! Says what a terminal or a reader of lines would take for a command: in each line of its log, event
//! and label with each batch, and, where `refuses` (false), as the reason not to start. The event is
//! `control` with the field `text`, the metric `guest_control_total` with the label `text`.

use ringtap_plugin::{Aggregate, Batch, Config, Counter, Event, Plugin, Refusal, info};

/// Red, a bell, a line that looks like the host's, NUL, a C1 control that clears the screen, and an
/// override of the direction of writing.
const TEXT: &str = "before \u{1b}[31mred\u{7}\r\nforged=line \u{0}\u{9b}2J\u{202e}after";

struct EmitsControlCharacters(Option<Counter>);

impl Plugin for EmitsControlCharacters {
    fn new(config: &str) -> Result<Self, Refusal> {
        let mut config = Config::parse(config)?;
        let refuses = config.truth("refuses", false)?;
        config.finish()?;
        if refuses {
            return Err(TEXT.into());
        }
        // The host may refuse the label.
        Ok(Self(Counter::new("guest_control_total", TEXT, &[("text", TEXT)]).ok()))
    }
}

impl Aggregate for EmitsControlCharacters {
    fn on_packets(&mut self, _batch: &Batch<'_>) {
        info!("{TEXT}");
        Event::new("control", 0).field("text", TEXT).emit();
        if let Some(counter) = &self.0 {
            counter.inc();
        }
    }
}

ringtap_plugin::export!(EmitsControlCharacters: Aggregate);
