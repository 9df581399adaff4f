"""The recorder's metrics."""

from __future__ import annotations

import re

from .recorder import OVERFLOW_BIT, Host, RefusalError, Series

_OVERFLOW = "(overflow)"
"""What the labels of an overflow series say; see `wit/capabilities.wit`."""

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def counter(name: str, _help: str, labels: list[tuple[str, str]]) -> int:
    """Define a counter."""
    return _define("counter", name, labels)


def gauge(name: str, _help: str, labels: list[tuple[str, str]]) -> int:
    """Define a gauge."""
    return _define("gauge", name, labels)


def histogram(name: str, _help: str, _bounds: list[float], labels: list[tuple[str, str]]) -> int:
    """Define a histogram."""
    return _define("histogram", name, labels)


def update(ids: list[int], values: list[float]) -> None:
    """Apply values."""
    Host.recorder.calls += 1
    for id, value in zip(ids, values, strict=True):
        series = _series(id & ~OVERFLOW_BIT)
        if series.kind != "gauge":
            series.value += value
        elif not series.overflow:
            series.value = value


def forget(ids: list[int]) -> None:
    """Drop series."""
    for id in ids:
        _series(id)
        Host.recorder.series[id] = None


def _series(id: int) -> Series:
    known = Host.recorder.series
    series = known[id] if id < len(known) else None
    if series is None:
        raise RefusalError(f"no series has the handle {id}")
    return series


def _define(kind: str, name: str, labels: list[tuple[str, str]]) -> int:
    if _NAME.fullmatch(name) is None:
        raise RefusalError(f"{name} is no name of a metric")
    labels = sorted(labels)
    known = _find(name, labels)
    if known is not None:
        return known
    own = [series for series in Host.recorder.series if series is not None and not series.overflow]
    if Host.recorder.max_series is None or len(own) < Host.recorder.max_series:
        return _add(Series(kind, name, labels, overflow=False))
    overflow = [(label, _OVERFLOW) for label, _ in labels]
    known = _find(name, overflow)
    if known is None:
        known = _add(Series(kind, name, overflow, overflow=True))
    return known | OVERFLOW_BIT


def _find(name: str, labels: list[tuple[str, str]]) -> int | None:
    for id, series in enumerate(Host.recorder.series):
        if series is not None and (series.name, series.labels) == (name, labels):
            return id
    return None


def _add(series: Series) -> int:
    Host.recorder.series.append(series)
    return len(Host.recorder.series) - 1
