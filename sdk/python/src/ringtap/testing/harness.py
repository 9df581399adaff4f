"""A plugin and its host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from .. import call
from ..batch import Batch
from ..event import Event, Received
from ..export import keep
from ..plugin import Aggregate, Exporter, Filter, Plugin, State
from ..record import RECORD_SIZE
from .recorder import Host, Recorder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .record import PacketRecord

P = TypeVar("P", bound=Plugin)
R = TypeVar("R")


@dataclass
class _Head:
    sequence: int
    count: int
    shed_before: int = 0
    clock_offset_ns: int = 0
    record_size: int = RECORD_SIZE


class Harness(Generic[P]):
    """A plugin and its host. One at a time: there is one host."""

    def __init__(self, plugin: type[P], config: str = "") -> None:
        """Start a plugin on a host that knows of nothing yet. Raises what the plugin raises."""
        Host.recorder = Recorder()
        self._class = plugin
        self._sequence = 0
        self.plugin = plugin(config)
        call.end()

    def packets(self, records: Sequence[PacketRecord]) -> None:
        """Hand over a batch."""
        self._role(Aggregate).on_packets(self._batch(records))  # type: ignore[type-abstract]
        call.end()

    def keep(self, records: Sequence[PacketRecord]) -> list[bool]:
        """Hand over a batch, and ask which of its packets go on."""
        bits = keep(self._role(Filter), self._batch(records))  # type: ignore[type-abstract]
        call.end()
        return [bits[index // 8] >> index % 8 & 1 == 1 for index in range(len(records))]

    def events(self, events: Iterable[tuple[str, Event]]) -> None:
        """Hand over events, each with the plugin that emitted it."""
        rows = [Received(plugin, event) for plugin, event in events]
        self._role(Exporter).on_events(rows)  # type: ignore[type-abstract]
        call.end()

    def tick(self, now_ns: int) -> None:
        """Set the clock and call `tick`."""
        Host.recorder.now_ns = now_ns
        self.plugin.tick(now_ns)
        call.end()

    def stop(self, now_ns: int) -> None:
        """Set the clock and call `stop`."""
        Host.recorder.now_ns = now_ns
        self.plugin.stop(now_ns)
        call.end()

    def save(self) -> bytes:
        """Call `save`, whose effects on the host are undone."""
        before = Host.recorder.copy()
        try:
            return self._role(State).save()  # type: ignore[type-abstract]
        finally:
            _undo(before)

    def restore(self, schema: int, saved: bytes) -> None:
        """Call `restore`: of a plugin that was just started."""
        self._role(State).restore(schema, saved)  # type: ignore[type-abstract]
        call.end()

    def reload(self, config: str = "") -> None:
        """Replace the instance as the host does.

        It is saved, and another one starts with that config and restores. After an error the old one is
        still there, and the host as it was. Logged lines stay.
        """
        saved = self.save()
        before = Host.recorder.copy()
        old = self.plugin
        try:
            self.plugin = self._class(config)
            call.end()
            state = self._role(State)  # type: ignore[type-abstract]
            self.restore(state.schema, saved)
        except BaseException:
            self.plugin = old
            _undo(before)
            raise

    def name_interface(self, ifindex: int, name: str) -> None:
        """Give an interface a name."""
        Host.recorder.interfaces[ifindex] = name

    def refuse_events(self, refuse: bool) -> None:
        """Refuse all events from now on, or take them again."""
        Host.recorder.refuse_events = refuse

    def refuse_kv(self, refuse: bool) -> None:
        """Refuse to store anything from now on, or take it again."""
        Host.recorder.refuse_kv = refuse

    def stored(self, key: str) -> bytes | None:
        """Give what the plugin's store has under a key."""
        return Host.recorder.store.get(key)

    def limit_series(self, most: int) -> None:
        """Give no more series than this.

        What is beyond goes into overflow series, whose labels all say `(overflow)`.
        """
        Host.recorder.max_series = most

    def metric(self, name: str, **labels: str) -> float | None:
        """Give the sum of a counter or histogram, or value of a gauge; `None` if there is none such."""
        wanted = sorted(labels.items())
        return next((value for known, value in self.metrics(name) if known == wanted), None)

    def metrics(self, name: str) -> list[tuple[list[tuple[str, str]], float]]:
        """Give the labels, sorted by name, and value of each series of a metric."""
        series = [one for one in Host.recorder.series if one is not None and one.name == name]
        return [(one.labels, one.value) for one in series]

    def take_events(self) -> list[Event]:
        """Give the events since the last time this was asked."""
        events, Host.recorder.events = Host.recorder.events, []
        return events

    def take_log(self) -> list[tuple[str, str]]:
        """Give the lines of the log, with their levels, since the last time this was asked."""
        lines, Host.recorder.lines = Host.recorder.lines, []
        return lines

    @property
    def calls(self) -> int:
        """How many calls of the host have carried metrics or events so far."""
        return Host.recorder.calls

    def _role(self, role: type[R]) -> R:
        if not isinstance(self.plugin, role):
            raise TypeError(f"the plugin does not have the role {role.__name__}")
        return self.plugin

    def _batch(self, packets: Sequence[PacketRecord]) -> Batch:
        payload = bytearray()
        records = b"".join(record.placed(payload) for record in packets)
        head = _Head(self._sequence, len(packets))
        self._sequence += len(packets)
        return Batch(head, records, bytes(payload))


def _undo(before: Recorder) -> None:
    """Give the host back as it was, after a call whose effects don't count."""
    call.end()
    before.lines = Host.recorder.lines
    Host.recorder = before
