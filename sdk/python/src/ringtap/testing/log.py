"""The recorder's log."""

from .recorder import Host


def write(level: str, message: str) -> None:
    """Keep the line."""
    Host.recorder.lines.append((level, message))
