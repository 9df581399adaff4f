"""The recorder's events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .recorder import Host, RefusalError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..event import Event


def emit(rows: Sequence[Event]) -> None:
    """Keep the rows."""
    Host.recorder.calls += 1
    if Host.recorder.refuse_events:
        raise RefusalError("told to refuse")
    Host.recorder.events.extend(rows)
