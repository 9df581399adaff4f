"""Keeps packets between two ports that nobody has registered."""

import ringtap
from ringtap import Packet


class Odd(ringtap.Plugin, ringtap.Filter):
    """The plugin."""

    name = "odd"
    version = "1.0.0"

    def __init__(self, config: str) -> None:
        pass

    def keep(self, packet: Packet) -> bool:
        """Look at the ports."""
        return (packet.src_port or 0) >= 49_152 and (packet.dst_port or 0) >= 49_152


ringtap.export(Odd)
