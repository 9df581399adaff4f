"""The clock, names of interfaces, and chance."""

from __future__ import annotations

from .host import load

_clock = load("clock")
_interfaces = load("interfaces")
_random = load("random")


def now_ns() -> int:
    """Unix time in ns. In replay the time of the capture, which stands still during a call."""
    now: int = _clock.now_ns()
    return now


def interface_name(ifindex: int) -> str | None:
    """Name of the interface that `Packet.ifindex` tells, as it is called now.

    The last one it had, where it is gone. A host call: keep the answer.
    """
    name: str | None = _interfaces.name(ifindex)
    return name


def random_u64() -> int:
    """Give a number of 64 bits that nobody can foretell, for hash seeds and samples, not for secrets.

    In a deterministic replay, and in tests, the same ones in every run. A host call: seed a generator of
    your own for many. Python's `random` is seeded when the component is built.
    """
    number: int = _random.next()
    return number
