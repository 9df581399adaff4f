"""A host for tests that keeps what it is told and refuses what it is asked to."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..event import Event

OVERFLOW_BIT = 1 << 31
"""Set in the handles of overflow series; see `wit/capabilities.wit`."""


class RefusalError(Exception):
    """As the bindings raise a refusal."""

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.value = value


@dataclass
class Series:
    """A series and its value: the sum of a counter or histogram, what a gauge was set to last."""

    kind: str
    name: str
    labels: list[tuple[str, str]]
    overflow: bool
    value: float = 0.0


@dataclass
class Recorder:
    """What the host knows."""

    now_ns: int = 0
    interfaces: dict[int, str] = field(default_factory=dict)
    lines: list[tuple[str, str]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    refuse_events: bool = False
    series: list[Series | None] = field(default_factory=list)
    max_series: int | None = None
    store: dict[str, bytes] = field(default_factory=dict)
    refuse_kv: bool = False
    drawn: int = 0
    calls: int = 0
    """Calls of the host so far that carried metrics or events."""

    def copy(self) -> Recorder:
        """Give it as it is now."""
        series = [copy(one) for one in self.series]
        return replace(
            self,
            events=self.events.copy(),
            series=series,
            store=self.store.copy(),
            interfaces=self.interfaces.copy(),
        )


class Host:
    """The one host there is: what a plugin calls has no other way to find it."""

    recorder = Recorder()
