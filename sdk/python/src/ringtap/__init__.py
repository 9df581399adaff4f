"""Write ringtap plugins in Python.

A plugin is a class with `Plugin` and a class for each role among its bases; `export` makes of it what
a component exports. What a plugin may do is call the capabilities below, those that its `plugin.toml`
names, which is what the operator reads.

| capability     | here                                            | import                      |
| -------------- | ----------------------------------------------- | --------------------------- |
| metrics        | `Counter`, `Gauge`, `Histogram`, their `family` | `ringtap:plugin/metrics`    |
| events         | `Event.emit`, `emit_all`                        | `ringtap:plugin/events`     |
| log            | `log`                                           | `ringtap:plugin/log`        |
| clock          | `now_ns`                                        | `ringtap:plugin/clock`      |
| interfaces     | `interface_name`                                | `ringtap:plugin/interfaces` |
| random         | `random_u64`                                    | `ringtap:plugin/random`     |
| kv, if granted | `kv`                                            | `ringtap:plugin/kv`         |

| role                                             | here        | export                     |
| ------------------------------------------------ | ----------- | -------------------------- |
| takes packets                                    | `Aggregate` | `ringtap:plugin/aggregate` |
| or says which packets others get                 | `Filter`    | `ringtap:plugin/filter`    |
| or takes the events of others                    | `Exporter`  | `ringtap:plugin/exporter`  |
| hands on what it knows when it is replaced       | `State`     | `ringtap:plugin/state`     |

    import ringtap

    class Fragments(ringtap.Plugin, ringtap.Aggregate):
        name = "fragments"
        version = "1.0.0"

        def __init__(self, config: str) -> None:
            self.fragments = ringtap.Counter("fragments_total", "IP fragments seen.")

        def on_packets(self, batch: ringtap.Batch) -> None:
            self.fragments.add(sum(packet.is_fragment for packet in batch))

    ringtap.export(Fragments)

Under plain Python the capabilities are a recorder (`ringtap.testing`), so that a plugin's tests need no
component.
"""

from . import kv, log
from .address import IpAddress, MacAddress, address_text
from .batch import Batch
from .capability import interface_name, now_ns, random_u64
from .config import Config
from .errors import ConfigError, HostError, RingtapError
from .event import Event, Received, UInt, Value, emit_all
from .export import export
from .interest import Interest
from .metrics import Counter, Family, Gauge, Histogram
from .packet import Arp, Direction, Gso, Hook, Packet, VlanTag
from .plugin import Aggregate, Exporter, Filter, Plugin, State
from .record import RECORD_SIZE, Fields, Mark, TcpFlags

__all__ = [
    "RECORD_SIZE",
    "Aggregate",
    "Arp",
    "Batch",
    "Config",
    "ConfigError",
    "Counter",
    "Direction",
    "Event",
    "Exporter",
    "Family",
    "Fields",
    "Filter",
    "Gauge",
    "Gso",
    "Histogram",
    "Hook",
    "HostError",
    "Interest",
    "IpAddress",
    "MacAddress",
    "Mark",
    "Packet",
    "Plugin",
    "Received",
    "RingtapError",
    "State",
    "TcpFlags",
    "UInt",
    "Value",
    "VlanTag",
    "address_text",
    "emit_all",
    "export",
    "interface_name",
    "kv",
    "log",
    "now_ns",
    "random_u64",
]
