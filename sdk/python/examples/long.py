"""Tells of long flows only, by another name and without addresses."""

import ringtap
from ringtap import Received


class Long(ringtap.Plugin, ringtap.Exporter):
    """The plugin."""

    name = "long"
    version = "1.0.0"

    def __init__(self, config: str) -> None:
        pass

    def on_events(self, events: list[Received]) -> None:
        """Reshape what lasts a second and more."""
        for received in events:
            event = received.event
            first, last = event.uint("first_ns"), event.uint("last_ns")
            if first is not None and last is not None and last - first >= 1_000_000_000:
                row = event.with_kind("long_flow").set("from", received.plugin)
                row.without("src").without("dst").emit()


ringtap.export(Long)
