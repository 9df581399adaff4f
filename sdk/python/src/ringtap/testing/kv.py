"""The recorder's store."""

from .recorder import Host, RefusalError

_MAX_VALUE = 64 << 10
"""Bytes of a value, at most."""


def get(key: str) -> bytes | None:
    """Give a value."""
    return Host.recorder.store.get(key)


def set(key: str, value: bytes) -> None:
    """Keep a value, within the host's bounds."""
    length = len(key.encode())
    if Host.recorder.refuse_kv:
        raise RefusalError("told to refuse")
    if not 1 <= length <= 256:
        raise RefusalError(f"it has {length} bytes, not 1 to 256")
    if len(value) > _MAX_VALUE:
        raise RefusalError(f"its value has {len(value)} bytes, at most {_MAX_VALUE}")
    Host.recorder.store[key] = value


def delete(key: str) -> None:
    """Drop a key."""
    Host.recorder.store.pop(key, None)


def keys(prefix: str) -> list[str]:
    """Give the keys that start so."""
    return sorted((key for key in Host.recorder.store if key.startswith(prefix)), key=str.encode)
