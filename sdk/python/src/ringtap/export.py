"""What a component exports of a plugin."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any, TypeVar

from . import call
from .batch import Batch
from .errors import chain
from .host import IS_COMPONENT, types
from .plugin import Aggregate, Exporter, Filter, Plugin, State

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def export(plugin: type[Plugin]) -> None:
    """Make a component of a plugin, with the roles that are among its bases.

    Use it once, at the end of the module that the component is made of: it puts the classes there that
    componentize-py looks for. `TypeError` for two roles that exclude each other. Under plain Python it
    only checks.
    """
    work = [role.__name__ for role in (Aggregate, Filter, Exporter) if issubclass(plugin, role)]
    if len(work) > 1:
        raise TypeError(
            "a plugin has at most one of the roles Aggregate, Filter and Exporter, "
            f"not both {work[0]} and {work[1]}"
        )
    if IS_COMPONENT:
        module = sys.modules[plugin.__module__]
        for name, exported in _exports(plugin).items():
            setattr(module, name, exported)


def bits(kept: list[bool]) -> bytes:
    """Give the answer of a filter: bit `i % 8` of byte `i / 8` is that of packet `i`."""
    number = sum(1 << index for index, keeps in enumerate(kept) if keeps)
    return number.to_bytes((len(kept) + 7) // 8, "little")


def keep(plugin: Filter, batch: Batch) -> bytes:
    """Ask a filter about a batch."""
    kept = [bool(keeps) for keeps in plugin.keep_batch(batch)]
    if len(kept) != len(batch):
        raise ValueError(f"the filter answers for {len(kept)} packets, not {len(batch)}")
    return bits(kept)


def _exports(plugin: type[Plugin]) -> dict[str, type]:
    host_types = types()
    running: list[Any] = []

    class Lifecycle:
        def describe(self) -> object:
            return _describe(plugin, host_types)

        def init(self, config: str) -> None:
            _refusing(lambda: running.append(plugin(config)))

        def tick(self, now_ns: int) -> None:
            running[0].tick(now_ns)
            call.end()

        def stop(self, now_ns: int) -> None:
            running[0].stop(now_ns)
            call.end()

    class AggregateRole:
        def on_packets(self, head: Any, records: bytes, payload: bytes) -> None:
            running[0].on_packets(Batch(head, records, payload))
            call.end()

    class FilterRole:
        def keep(self, head: Any, records: bytes, payload: bytes) -> bytes:
            kept = keep(running[0], Batch(head, records, payload))
            call.end()
            return kept

    class ExporterRole:
        def on_events(self, rows: list[Any]) -> None:
            from .event import Received, from_raw  # noqa: PLC0415

            running[0].on_events([Received(row.plugin, from_raw(row.event)) for row in rows])
            call.end()

    class StateRole:
        def save(self) -> bytes:
            return _refusing(lambda: bytes(running[0].save()))

        def restore(self, schema: int, saved: bytes) -> None:
            _refusing(lambda: running[0].restore(schema, saved))

    roles: list[tuple[type, str, type]] = [
        (Plugin, "Lifecycle", Lifecycle),
        (Aggregate, "Aggregate", AggregateRole),
        (Filter, "Filter", FilterRole),
        (Exporter, "Exporter", ExporterRole),
        (State, "State", StateRole),
    ]
    return {name: exported for role, name, exported in roles if issubclass(plugin, role)}


def _refusing(work: Callable[[], T]) -> T:
    """Turn an error into an answer to the host, which shows it to the operator."""
    try:
        answer = work()
        call.end()
    except Exception as error:
        raise importlib.import_module("componentize_py_types").Err(chain(error)) from error
    return answer


def _describe(plugin: type[Plugin], types: Any) -> object:
    interests = [
        types.Interest(
            interest.name,
            interest.filter,
            interest.sample_one_in,
            types.SampleBy.FLOW if interest.sample_flows else types.SampleBy.PACKET,
            interest.payload,
        )
        for interest in plugin.interests
    ]
    state = None
    if issubclass(plugin, State):
        reads_from = plugin.schema if plugin.reads_from is None else plugin.reads_from
        state = types.StateSchema(plugin.schema, reads_from)
    return types.Description(plugin.name, plugin.version, plugin.tick_ms, interests, state)
