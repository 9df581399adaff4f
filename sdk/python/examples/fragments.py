"""Counts fragments."""

import ringtap
from ringtap import Batch, Counter


class Fragments(ringtap.Plugin, ringtap.Aggregate):
    """The plugin."""

    name = "fragments"
    version = "1.0.0"

    def __init__(self, config: str) -> None:  # noqa: ARG002
        self.fragments = Counter("fragments_total", "IP fragments seen.")

    def on_packets(self, batch: Batch) -> None:
        """Count."""
        self.fragments.add(sum(packet.is_fragment for packet in batch))


ringtap.export(Fragments)
