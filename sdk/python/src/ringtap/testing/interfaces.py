"""The recorder's interfaces."""

from .recorder import Host


def name(ifindex: int) -> str | None:
    """As the test named it."""
    return Host.recorder.interfaces.get(ifindex)
