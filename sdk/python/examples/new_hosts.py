"""Tells of hosts that are new to us, for the first time ever."""

import ringtap
from ringtap import Batch, Event, kv


class NewHosts(ringtap.Plugin, ringtap.Aggregate):
    """The plugin."""

    name = "new-hosts"
    version = "1.0.0"

    def __init__(self, config: str) -> None:  # noqa: ARG002
        # Each access is a call of the host: what was read is kept.
        self.known = set(kv.keys("host/"))

    def on_packets(self, batch: Batch) -> None:
        """Look up each source."""
        for packet in batch:
            host = packet.src_text
            if host is not None and f"host/{host}" not in self.known:
                self.known.add(f"host/{host}")
                kv.set(f"host/{host}", b"")
                Event("new_host", packet.time_ns, {"host": host}).emit()


ringtap.export(NewHosts)
