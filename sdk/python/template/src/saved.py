"""The state in form 1.

A line with the time of the last report, 0 for none, and a line for each protocol, with its name,
packets and bytes. What is read may be from other sources than these, or damaged: take nothing on
trust.
"""

from __future__ import annotations

import re

from totals import Totals

TIME = re.compile(r"[0-9]{1,20}")
LINE = re.compile(r"([a-z0-9]+) ([0-9]{1,18}) ([0-9]{1,18})")


def save(reported_ns: int, totals: Totals) -> bytes:
    """Write a state."""
    lines = [f"{name} {packets} {wire_bytes}\n" for name, packets, wire_bytes in totals]
    return f"{reported_ns}\n{''.join(lines)}".encode()


def restore(saved: bytes) -> tuple[int, Totals]:
    """Read a state."""
    time, *lines = saved.decode("ascii", "replace").split("\n")
    if TIME.fullmatch(time) is None or not lines or lines.pop() != "":
        raise ValueError("the saved state is damaged")
    totals = Totals()
    for line in lines:
        found = LINE.fullmatch(line)
        if found is None:
            raise ValueError("the saved state is damaged")
        totals.add(found[1], int(found[2]), int(found[3]))
    return int(time), totals
