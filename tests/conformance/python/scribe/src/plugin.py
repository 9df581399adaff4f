"""Copies every event that it is given."""

import ringtap
from ringtap import Config, Counter, Event, Received


class Scribe(ringtap.Plugin, ringtap.Exporter):
    """The plugin."""

    name = "scribe"
    version = "1.0.0"

    def __init__(self, config: str) -> None:
        Config(config).finish()
        self.events = Counter.family("scribe_events_total", "Events by kind.", ["kind"])

    def on_events(self, events: list[Received]) -> None:
        """Emit a copy of each."""
        for received in events:
            event = received.event
            self.events.with_(event.kind).inc()
            fields = [("from", received.plugin), ("was", event.kind), *event.fields]
            Event.from_pairs("copy", event.time_ns, fields).emit()


ringtap.export(Scribe)
