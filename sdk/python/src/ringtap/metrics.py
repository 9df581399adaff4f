"""Metrics in the host's registry.

They outlive the instance: a plugin that is replaced and defines the same series again goes on counting
where the old one stopped. Values are collected here and cross to the host once, when the call ends.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from .call import at_end
from .errors import HostError
from .host import load, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_metrics = load("metrics")

_OVERFLOW_BIT = 1 << 31
"""Set in the handles of overflow series; see `wit/capabilities.wit`."""

_changed: dict[int, float] = {}
"""What counters grow by and gauges are set to, by handle."""

_ids: list[int] = []
_values: list[float] = []
"""What histograms observed."""

_forgotten: list[int] = []


class _Series:
    """A series, by its handle."""

    __slots__ = ("_id",)

    def __init__(self, name: str, define: Callable[[], int]) -> None:
        try:
            self._id = define()
        except Exception as error:
            reason = refusal(error)
            if reason is None:
                raise
            raise HostError(f"can't define the metric {name}", reason) from None

    @property
    def is_overflow(self) -> bool:
        """Whether it is the overflow series of its metric.

        That takes what is meant for labels for which the host has no room.
        """
        return self._id & _OVERFLOW_BIT != 0

    def forget(self) -> None:
        """Drop the series and its value, for labels that are of no interest any more.

        What the call in progress did to it is dropped too. Leaves an overflow series as it is, since it
        is for others too.
        """
        if self.is_overflow:
            return
        _changed.pop(self._id, None)
        kept = [(id, value) for id, value in zip(_ids, _values, strict=True) if id != self._id]
        _ids[:] = [id for id, _ in kept]
        _values[:] = [value for _, value in kept]
        _forgotten.append(self._id)


class Counter(_Series):
    """A number that only grows. By convention its name ends in `_total`."""

    __slots__ = ()

    def __init__(self, name: str, help: str, labels: Mapping[str, str] | None = None) -> None:
        """Find the series of that name and those labels: new, or known from before. A host call.

        Names and label names are Prometheus': `[a-zA-Z_][a-zA-Z0-9_]*`. Refused, as `HostError`: the
        prefix `ringtap_`, the labels `plugin`, `le` and `__*`, a name that stands for another kind of
        metric already, and names, labels and texts over the bounds in `wit/capabilities.wit`. The host
        adds the label `plugin`.

        Beyond the operator's limit of series, this is the overflow series of the metric, whose labels
        all say `(overflow)`. What is set for a gauge there goes nowhere.
        """
        super().__init__(name, lambda: _metrics.counter(name, help, _pairs(labels)))

    @classmethod
    def family(cls, name: str, help: str, labels: Sequence[str]) -> Family[Counter]:
        """Give the series of that name, told apart by values of labels and made when first used."""
        return Family(labels, lambda values: cls(name, help, values))

    def inc(self) -> None:
        """Add one."""
        _changed[self._id] = _changed.get(self._id, 0) + 1

    def add(self, delta: float) -> None:
        """Add a number, whole or not. `ValueError` unless it is finite and not negative.

        Exact up to 2^53, as Prometheus is.
        """
        if not 0 <= delta < math.inf:
            raise ValueError(f"a counter can't grow by {delta}")
        _changed[self._id] = _changed.get(self._id, 0) + delta


class Gauge(_Series):
    """A number that is set."""

    __slots__ = ()

    def __init__(self, name: str, help: str, labels: Mapping[str, str] | None = None) -> None:
        """As `Counter`'s."""
        super().__init__(name, lambda: _metrics.gauge(name, help, _pairs(labels)))

    @classmethod
    def family(cls, name: str, help: str, labels: Sequence[str]) -> Family[Gauge]:
        """As `Counter.family`."""
        return Family(labels, lambda values: cls(name, help, values))

    def set(self, value: float) -> None:
        """Set it. The last value of a call counts."""
        _changed[self._id] = value


class Histogram(_Series):
    """Counts of observations under upper bounds."""

    __slots__ = ()

    def __init__(
        self,
        name: str,
        help: str,
        bounds: Sequence[float],
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """As `Counter`'s. `bounds` are finite and growing, at most 64; the `+Inf` bucket is added."""
        numbers = [float(bound) for bound in bounds]
        super().__init__(name, lambda: _metrics.histogram(name, help, numbers, _pairs(labels)))

    @classmethod
    def family(
        cls, name: str, help: str, bounds: Sequence[float], labels: Sequence[str]
    ) -> Family[Histogram]:
        """As `Counter.family`."""
        return Family(labels, lambda values: cls(name, help, bounds, values))

    def observe(self, value: float) -> None:
        """Count a value. `ValueError` if it is not a number."""
        if math.isnan(value):
            raise ValueError("a histogram can't observe NaN")
        _ids.append(self._id)
        _values.append(float(value))

    def observe_all(self, values: Sequence[float]) -> None:
        """Count many values, as `observe` each, for less."""
        numbers = list(map(float, values))
        if any(map(math.isnan, numbers)):
            raise ValueError("a histogram can't observe NaN")
        _ids.extend([self._id] * len(numbers))
        _values.extend(numbers)


class _Metric(Protocol):
    @property
    def is_overflow(self) -> bool: ...

    def forget(self) -> None: ...


M = TypeVar("M", bound=_Metric)


class Family(Generic[M]):
    """Series of one name, told apart by the values of labels.

    Each is defined when it is first used; later uses find it here, without a host call.

    Holds as many series as there are values: with values from packets, drop those that don't matter any
    more with `forget`, or the host's limit will be reached. Then the values of new ones go into the
    overflow series of the metric, at the price of a host call for each use.
    """

    __slots__ = ("_by_values", "_labels", "_make")

    def __init__(self, labels: Sequence[str], make: Callable[[Mapping[str, str]], M]) -> None:
        self._labels = tuple(labels)
        self._make = make
        self._by_values: dict[tuple[str, ...], M] = {}

    def with_(self, *values: str) -> M:
        """Give the series with these values of the labels, in the order in which those were named.

        `HostError` where the host refuses it, `ValueError` for another number of values.
        """
        known = self._by_values.get(values)
        if known is not None:
            return known
        series = self._make(dict(zip(self._labels, values, strict=True)))
        # Nothing bounds how many overflow, and there may be room for them later.
        if not series.is_overflow:
            self._by_values[values] = series
        return series

    def forget(self, *values: str) -> None:
        """Drop the series with these values, if there is one."""
        series = self._by_values.pop(values, None)
        if series is not None:
            series.forget()

    def __len__(self) -> int:
        """Count the series, without the one for overflow."""
        return len(self._by_values)


def _pairs(labels: Mapping[str, str] | None) -> list[tuple[str, str]]:
    return list((labels or {}).items())


@at_end
def _flush() -> None:
    """Hand over what the call did.

    The host refuses only what the methods here do not let a plugin do, or the use of a series through one
    handle after it was forgotten through another.
    """
    if _ids or _changed:
        ids, values = [*_ids, *_changed], [*_values, *map(float, _changed.values())]
        _ids.clear()
        _values.clear()
        _changed.clear()
        _hand("the host refused values of metrics", lambda: _metrics.update(ids, values))
    if _forgotten:
        forgotten = _forgotten.copy()
        _forgotten.clear()
        _hand("the host refused to forget series", lambda: _metrics.forget(forgotten))


def _hand(what: str, work: Callable[[], None]) -> None:
    try:
        work()
    except Exception as error:
        reason = refusal(error)
        if reason is None:
            raise
        raise HostError(what, reason) from None
