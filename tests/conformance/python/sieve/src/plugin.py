"""Keeps the TCP packets of one host."""

from ipaddress import ip_address

import ringtap
from ringtap import Config, Counter, Packet

TCP = 6


class Sieve(ringtap.Plugin, ringtap.Filter):
    """The plugin."""

    name = "sieve"
    version = "1.0.0"

    def __init__(self, config: str) -> None:
        keys = Config(config)
        host = keys.text("host", "198.51.100.1")
        keys.finish()
        try:
            self.host = ip_address(host)
        except ValueError:
            raise ValueError(f"config key `host`: {host} is no IP address") from None
        self.kept = Counter("sieve_kept_total", "Packets that were kept.")

    def keep(self, packet: Packet) -> bool:
        """Keep what is TCP and from the host or for it."""
        if packet.protocol != TCP or self.host not in (packet.src, packet.dst):
            return False
        self.kept.add(packet.packets)
        return True


ringtap.export(Sieve)
