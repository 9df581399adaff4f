"""What waits for the end of a call of the plugin, to cross to the host once instead of each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_at_end: list[Callable[[], None]] = []


def at_end(work: Callable[[], None]) -> Callable[[], None]:
    """Have this done at the end of each call."""
    _at_end.append(work)
    return work


def end() -> None:
    """Do it: the plugin returns from a call."""
    for work in _at_end:
        work()
