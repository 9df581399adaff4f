"""Knows the ports that somebody was seen to listen on, over all its versions."""

from struct import iter_unpack, pack

import ringtap
from ringtap import Batch


class Ports(ringtap.Plugin, ringtap.Aggregate, ringtap.State):
    """The plugin."""

    name = "ports"
    version = "1.0.0"
    schema = 1

    def __init__(self, config: str) -> None:  # noqa: ARG002
        self.ports: set[int] = set()

    def on_packets(self, batch: Batch) -> None:
        """Learn."""
        self.ports.update(port for packet in batch if (port := packet.dst_port) is not None)

    def save(self) -> bytes:
        """Give the ports."""
        return b"".join(pack("<H", port) for port in sorted(self.ports))

    def restore(self, schema: int, saved: bytes) -> None:  # noqa: ARG002
        """Take them."""
        if len(saved) % 2 != 0:
            raise ValueError("the saved ports end in the middle of one")
        self.ports = {port for (port,) in iter_unpack("<H", saved)}


ringtap.export(Ports)
