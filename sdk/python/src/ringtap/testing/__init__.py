"""Run a plugin in a test, with a host that keeps what it is told.

host = Harness(MyPlugin, "")
host.packets([PacketRecord.udp("10.0.0.1:5000", "10.0.0.2:53").len(70)])
assert host.metric("bytes_total") == 70
"""

from .harness import Harness
from .record import PacketRecord

__all__ = ["Harness", "PacketRecord"]
