"""Lines in the operator's log, under the plugin's name.

Written at once, also when the call fails later. The host keeps at most 1 KiB of a line. What a plugin
prints goes there too, where `log` is granted: stdout as `info`, stderr, and with it the traceback of an
error that ends the instance, as `warn`.
"""

from __future__ import annotations

from .host import IS_COMPONENT, load

_log = load("log")


def _write(level: str, line: str) -> None:
    _log.write(getattr(_log.Level, level.upper()) if IS_COMPONENT else level, line)


def debug(line: str) -> None:
    """For the plugin's author."""
    _write("debug", line)


def info(line: str) -> None:
    """Worth knowing."""
    _write("info", line)


def warn(line: str) -> None:
    """Something may be wrong."""
    _write("warn", line)


def error(line: str) -> None:
    """Something is wrong."""
    _write("error", line)
